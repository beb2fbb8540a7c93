"""Taxonomy packs: lists of names, ours in words and form, that an installation may load.

A name is its own code: it is the whole path ('Tower / Sub-tower'), unique within its layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bursar.office.reference.errors import DuplicateMember, UnknownMember, UnknownPack
from bursar.office.reference.packs.once import load_once

FOLDER = Path(__file__).parent
SEPARATOR = " / "
"""Stands between a pool and its sub-pool, a tower and its sub-tower, a type and its category."""
LAYERS = ("cost_pool", "tower", "solution")
"""The layers that a taxonomy names; consumers are always an organization's own."""


@dataclass(frozen=True)
class PackMember:
    """One name of a pack: its layer, the name it belongs under, its kind and what it means."""

    layer: str
    name: str
    parent: str | None
    kind: str
    definition: str

    @property
    def level(self) -> int:
        """1 for a pool, tower or type; one more for each step below."""
        return self.name.count(SEPARATOR) + 1


@dataclass(frozen=True)
class Pack:
    """All names of one taxonomy; `ends` says where it stops and an organization goes on."""

    name: str
    title: str
    ends: str
    members: tuple[PackMember, ...]

    @cached_property
    def _names(self) -> dict[str, frozenset[str]]:
        return {
            layer: frozenset(m.name for m in self.members if m.layer == layer) for layer in LAYERS
        }

    def names(self, layer: str) -> frozenset[str]:
        return self._names.get(layer, frozenset())

    def below(self, layer: str, name: str) -> tuple[PackMember, ...]:
        """The member of that name and all below it; refuses `reference.unknown_member`."""
        if name not in self.names(layer):
            near = sorted(n for n in self.names(layer) if name.casefold() in n.casefold())[:3]
            hint = f" Did you mean {', '.join(near)}?" if near else ""
            raise UnknownMember(
                f"{self.name} has no {layer.replace('_', ' ')} '{name}'.{hint} "
                f"List them with `taxonomy show {self.name} --layer {layer}`."
            )
        under = f"{name}{SEPARATOR}"
        return tuple(
            m for m in self.members
            if m.layer == layer and (m.name == name or m.name.startswith(under))
        )  # fmt: skip


def pack_names() -> list[str]:
    """The packs that are shipped, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def read_pack(name: str) -> Pack:
    """The pack of that name; refuses a name that is not shipped."""
    if name not in pack_names():
        known = ", ".join(pack_names())
        raise UnknownPack(f"There is no taxonomy pack '{name}'. Shipped packs: {known}.")
    return parse_pack((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), name)


def parse_pack(text: str, where: str) -> Pack:
    """The pack that a text states; refuses `reference.duplicate_member`, naming `where`."""
    content = load_once(text, where)
    members = (
        *_pools(content["cost_pools"]),
        *_towers(content["towers"]),
        *_solutions(content["solutions"]),
    )
    seen: set[tuple[str, str]] = set()
    for member in members:
        if (member.layer, member.name) in seen:
            raise DuplicateMember(f"{where} names '{member.name}' twice. Keep one of them.")
        seen.add((member.layer, member.name))
    return Pack(content["name"], content["title"], content["ends"], members)


def _defined(names: Any) -> Iterator[tuple[str, str]]:
    """Names and what they mean, of a map with definitions or a list without any."""
    return iter(names.items()) if isinstance(names, dict) else ((name, "") for name in names)


def _pools(pools: dict[str, Any]) -> Iterator[PackMember]:
    for pool, body in pools.items():
        yield PackMember("cost_pool", pool, None, "", body.get("is", ""))
        for treatment in ("opex", "capex"):
            for sub, meaning in _defined(body.get(treatment, {})):
                yield PackMember("cost_pool", f"{pool}{SEPARATOR}{sub}", pool, treatment, meaning)


def _towers(towers: dict[str, Any]) -> Iterator[PackMember]:
    for tower, body in towers.items():
        domain = body.get("domain", "")
        yield PackMember("tower", tower, None, domain, body.get("is", ""))
        for sub, meaning in _defined(body["of"]):
            yield PackMember("tower", f"{tower}{SEPARATOR}{sub}", tower, domain, meaning)


def _solutions(level: Any, above: str | None = None) -> Iterator[PackMember]:
    for short, body in _defined(level):
        name = f"{above}{SEPARATOR}{short}" if above else short
        kind = ("type", "category", "sub-category")[name.count(SEPARATOR)]
        meaning = body if isinstance(body, str) else body["is"]
        yield PackMember("solution", name, above, kind, meaning)
        if not isinstance(body, str):
            yield from _solutions(body["of"], name)
