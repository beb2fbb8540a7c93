"""Taxonomy packs: lists of names, ours in words and form, that an installation may load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bursar.office.reference.errors import UnknownPack

FOLDER = Path(__file__).parent
SEPARATOR = " / "
"""Stands between a pool and its sub-pool, a tower and its sub-tower, a type and its category."""


@dataclass(frozen=True)
class PackMember:
    """One name of a pack: its layer, the name it belongs under, its kind and what it means."""

    layer: str
    name: str
    parent: str | None
    kind: str
    definition: str


@dataclass(frozen=True)
class Pack:
    """All names of one taxonomy, and where the towers of the version before went."""

    name: str
    title: str
    members: tuple[PackMember, ...]
    crosswalk: Mapping[str, tuple[str, ...]]

    def names(self, layer: str) -> frozenset[str]:
        return frozenset(m.name for m in self.members if m.layer == layer)


def pack_names() -> list[str]:
    """The packs that are shipped, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def read_pack(name: str) -> Pack:
    """The pack of that name; refuses a name that is not shipped."""
    if name not in pack_names():
        known = ", ".join(pack_names())
        raise UnknownPack(f"There is no taxonomy pack '{name}'. Shipped packs: {known}.")
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    members = (
        *_pools(content["cost_pools"]),
        *_towers(content["towers"]),
        *_solutions(content["solutions"]),
    )
    crosswalk = {old: tuple(new) for old, new in content.get("crosswalk_4_towers", {}).items()}
    return Pack(content["name"], content["title"], members, crosswalk)


def _pools(pools: dict[str, Any]) -> Iterator[PackMember]:
    for pool, body in pools.items():
        yield PackMember("cost_pool", pool, None, "", body["is"])
        for treatment in ("opex", "capex"):
            for sub, meaning in body.get(treatment, {}).items():
                yield PackMember("cost_pool", f"{pool}{SEPARATOR}{sub}", pool, treatment, meaning)


def _towers(towers: dict[str, Any]) -> Iterator[PackMember]:
    for tower, body in towers.items():
        yield PackMember("tower", tower, None, body["domain"], body["is"])
        for sub, meaning in body["of"].items():
            yield PackMember("tower", f"{tower}{SEPARATOR}{sub}", tower, body["domain"], meaning)


def _solutions(level: dict[str, Any], above: str | None = None) -> Iterator[PackMember]:
    for short, body in level.items():
        name = f"{above}{SEPARATOR}{short}" if above else short
        kind = ("type", "category", "sub-category")[name.count(SEPARATOR)]
        meaning = body if isinstance(body, str) else body["is"]
        yield PackMember("solution", name, above, kind, meaning)
        if not isinstance(body, str):
            yield from _solutions(body["of"], name)
