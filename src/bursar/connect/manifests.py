"""Manifests that AWS writes beside the parts of a bill: they say which files are one bill.

A bucket keeps older versions of the same month beside the newest; only the manifest tells them
apart, and reading both would double the month.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bursar.connect.errors import PartMissing, SeveralVersions

_LARGEST = 16 * 1024 * 1024
_LISTS = ("reportKeys", "dataFiles")
_LEVELS_UP = 3


@dataclass(frozen=True)
class Manifest:
    """One manifest: where it lies, which bill and period it speaks of, and its parts' keys."""

    path: Path
    bill: str
    period: str
    keys: tuple[str, ...]


def read_manifest(path: Path) -> Manifest | None:
    """The manifest in a JSON file, or nothing when it is none."""
    try:
        if path.stat().st_size > _LARGEST:
            return None
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    keys = next((found[name] for name in _LISTS if name in found), None) if _is(found) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
        return None
    period = found.get("billingPeriod")
    start = period.get("start") if isinstance(period, dict) else period
    bill = found.get("reportName") or found.get("exportName") or found.get("exportArn") or ""
    return Manifest(path, str(bill), str(start or ""), tuple(keys))


def _is(found: Any) -> bool:
    return isinstance(found, dict)


def files_of(manifest: Manifest) -> list[Path]:
    """The parts as files beside the manifest or a few levels up; refused when one is missing."""
    found, missing = [], []
    for key in manifest.keys:
        path = _find(key, manifest.path.parent)
        if path is None:
            missing.append(key.rsplit("/", 1)[-1])
        else:
            found.append(path)
    if missing:
        raise PartMissing(
            f"{manifest.path.name}: the manifest names {', '.join(missing[:3])}"
            f"{' and more' if len(missing) > 3 else ''}, and no such file lies beside it; download "
            "the whole folder of the bill and import that"
        )
    return found


def _find(key: str, folder: Path) -> Path | None:
    """Longer tails of the key first, so that equal names in other folders are not taken."""
    pieces = [piece for piece in key.rsplit("://", maxsplit=1)[-1].split("/") if piece]
    if ".." in pieces:
        return None
    above = [folder, *list(folder.parents)[:_LEVELS_UP]]
    for level, place in enumerate(above):
        shortest = 1 if level == 0 else 2
        for start in range(len(pieces) - shortest + 1):
            candidate = place.joinpath(*pieces[start:])
            if candidate.is_file():
                return candidate
    return None


def chosen(manifests: Sequence[Manifest]) -> list[Manifest]:
    """One manifest per bill and period: the one that lies highest in the folder."""
    groups: dict[tuple[str, str], list[Manifest]] = {}
    for manifest in manifests:
        groups.setdefault((manifest.bill, manifest.period), []).append(manifest)
    found = []
    for (bill, period), group in sorted(groups.items()):
        highest = min(len(one.path.parts) for one in group)
        top = [one for one in group if len(one.path.parts) == highest]
        if len({one.keys for one in top}) > 1:
            raise SeveralVersions(
                f"the folder holds {len(top)} versions of the bill {bill} for {period or 'a month'}"
                f" ({', '.join(sorted(one.path.parent.name for one in top))}); import the manifest "
                "of the one that counts"
            )
        found.append(top[0])
    return found
