"""What counts as one delivery: a file, or all the parts that a manifest lists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bursar.record.arrivals.places import Place, Seen
from bursar.record.errors import PlaceUnreachable

_MANIFEST = "manifest.json"
_KEYS = ("reportKeys", "dataFiles")
"""Under which AWS lists the parts: of cost and usage reports, and of data exports."""


@dataclass(frozen=True)
class Delivery:
    """Files that are imported as one; `missing` are parts that are listed and not there yet."""

    name: str
    parts: tuple[Seen, ...]
    missing: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)

    @property
    def mark(self) -> str:
        told = "\n".join([*(f"{part.name} {part.mark}" for part in self.parts), *self.missing])
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    @property
    def modified(self) -> datetime | None:
        known = [part.modified for part in self.parts if part.modified is not None]
        return max(known, default=None)


def deliveries(place: Place, pattern: str) -> list[Delivery]:
    """Everything in a place that fits, oldest first. Refusals: watch.unreachable."""
    every, fitting = place.everything(), place.files(pattern)
    wanted = {seen.path for seen in fitting}
    listed: list[Delivery] = []
    taken: set[str] = set()
    for manifest in _newest_manifests(every):
        found = _of_manifest(place, manifest, every)
        if found is None:
            continue
        taken |= {manifest.path, *(part.path for part in found.parts)}
        if wanted & {manifest.path, *(part.path for part in found.parts)}:
            listed.append(found)
    companions = {seen.path for seen in every if seen.name.lower().endswith(_MANIFEST)}
    single = [Delivery(s.name, (s,)) for s in fitting if s.path not in taken | companions]
    return sorted([*listed, *single], key=lambda one: (str(one.modified or ""), one.name))


def _newest_manifests(every: Sequence[Seen]) -> list[Seen]:
    """AWS writes a manifest beside each version of the parts, and the newest one above them."""
    found = [seen for seen in every if seen.name.lower().endswith(_MANIFEST)]
    above = {_split(seen.name) for seen in found}
    return [seen for seen in found if not _has_twin_above(seen.name, above)]


def _split(name: str) -> tuple[str, str]:
    folder, _, file = name.rpartition("/")
    return folder, file


def _has_twin_above(name: str, known: set[tuple[str, str]]) -> bool:
    folder, file = _split(name)
    while folder:
        folder = folder.rpartition("/")[0]
        if (folder, file) in known:
            return True
    return False


def _of_manifest(place: Place, manifest: Seen, every: Sequence[Seen]) -> Delivery | None:
    """The parts it lists; None where it is a manifest of something else."""
    try:
        told = json.loads(place.text(manifest))
    except (ValueError, PlaceUnreachable):
        return None
    keys = next((told[k] for k in _KEYS if k in told), None) if isinstance(told, dict) else None
    if not isinstance(keys, list) or not keys:
        return None
    parts, missing = [], []
    for key in map(str, keys):
        part = _part(key, manifest, every)
        if part is None:
            missing.append(key.rpartition("/")[2])
        else:
            parts.append(part)
    return Delivery(manifest.name, tuple(parts), tuple(missing))


def _part(key: str, manifest: Seen, every: Sequence[Seen]) -> Seen | None:
    """By its whole key; where files were copied elsewhere, by its name beside the manifest."""
    bare = key.partition("://")[2] or key
    folder, file = _split(manifest.name)[0], bare.rpartition("/")[2]
    for seen in every:
        if seen.path == bare or seen.path.endswith("/" + bare):
            return seen
    beside = f"{folder}/{file}".lstrip("/")
    return next((seen for seen in every if seen.name == beside), None)
