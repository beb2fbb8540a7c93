"""The members a model declares: consumers, solutions, extra pools and towers, and their parents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from yaml.nodes import MappingNode, Node, SequenceNode

from bursar.allocate.language.nodes import amount, day, fields, items, one_of, text
from bursar.allocate.language.problems import Problems, did_you_mean
from bursar.allocate.language.service_plans import read_plans
from bursar.core.calc.allocation.model import LATER
from bursar.core.calc.service_plan import ServicePlan
from bursar.office.reference.errors import UnknownPack
from bursar.office.reference.hierarchy import Branch, find_loop
from bursar.office.reference.packs import SEPARATOR, Pack, pack_names, read_pack

SECTIONS = {
    "cost_pool": "pools",
    "tower": "towers",
    "solution": "solutions",
    "consumer": "consumers",
}
"""Layer, and the key of the text that declares its members."""

WORDS = {"cost_pool": "pool", "tower": "tower", "solution": "solution", "consumer": "consumer"}
RESERVED = frozenset({"unallocated", "retained", "next", "unclassified", "not decided"})
"""Words that say where money rests; no member may be called so."""

MODES = ("showback", "chargeback")
SERVICE = ("owner", "unit", "volume", "includes", "fixed", "output", "plan")
"""Keys that make a solution an entry of the catalogue of services."""

_WHOLE = 100


@dataclass(frozen=True)
class DeclaredMember:
    """A name that the model declares itself."""

    layer: str
    name: str
    kind: str = ""
    label: str = ""
    until: date | None = field(default=None, metadata=LATER)
    """The first day on which a consumer is closed."""
    successor: str | None = field(default=None, metadata=LATER)
    mode: str = field(default="showback", metadata=LATER)
    """Whether a consumer is informed (showback) or has to pay (chargeback)."""
    owner: str = field(default="", metadata=LATER)
    """Who answers for a solution as a service."""
    unit: str = field(default="", metadata=LATER)
    """What a service is counted in, one of it: mailbox, seat, GB."""
    volume: str = field(default="", metadata=LATER)
    """The driver whose quantities count a service."""
    includes: tuple[str, ...] = field(default=(), metadata=LATER)
    """What a service holds, for people."""
    fixed: Decimal | None = field(default=None, metadata=LATER)
    """Percent of a service's cost that does not depend on how much of it is used."""
    output: str = field(default="", metadata=LATER)
    """The driver that counts what a service is for, such as orders."""
    plan: tuple[ServicePlan, ...] = field(default=(), metadata=LATER)
    """What it is planned to cost in a month, by the day from which that holds."""


@dataclass
class Members:
    """Every name that rules may use, by layer, with the dated parents that the text gives."""

    declared: list[DeclaredMember] = field(default_factory=list)
    branches: dict[str, list[Branch]] = field(default_factory=dict)
    known: dict[str, set[str]] = field(default_factory=dict)
    successors: list[tuple[str, Node]] = field(default_factory=list)

    def check(self, layer: str, name: str | None, node: Node, problems: Problems) -> str | None:
        """The name, if it is a member of the layer; else a problem and none."""
        if name is None or name in self.known[layer]:
            return name
        word = WORDS[layer]
        hint = did_you_mean(name, self.known[layer])
        problems.add(
            node,
            f"unknown_{word}",
            f"There is no {word} '{name}'.{hint or f' Declare it under `{SECTIONS[layer]}:`.'}",
        )
        return None


def read_pack_name(node: Node | None, problems: Problems) -> Pack | None:
    """The taxonomy that the text names, if it names one."""
    name = text(node, "`taxonomy`", problems)
    if name is None or node is None:
        return None
    try:
        return read_pack(name)
    except UnknownPack as refusal:
        hint = did_you_mean(name, pack_names())
        problems.add(node, "unknown_taxonomy", refusal.message + hint)
        return None


def read_members(top: dict[str, Node], pack: Pack | None, problems: Problems) -> Members:
    """Members of all layers; checks of parents come last, when every name is known."""
    members = Members()
    for layer in SECTIONS:
        members.known[layer] = set(pack.names(layer)) if pack else set()
        members.branches[layer] = []
    waiting: list[tuple[str, str, Node]] = []
    for layer, section in SECTIONS.items():
        for entry in items(top.get(section), f"`{section}`", problems):
            parent = _read_entry(layer, entry, members, problems)
            if parent is not None:
                waiting.append((layer, *parent))
    for name, node in members.successors:
        members.check("consumer", name, node, problems)
    for layer, child, node in waiting:
        members.branches[layer] += _read_parents(layer, child, node, members, problems)
    if pack is not None:
        _refuse_roots(top, pack, members, problems)
    for layer, section in SECTIONS.items():
        loop = find_loop(members.branches[layer])
        if loop:
            problems.add(
                top[section],
                "cycle",
                f"In `{section}` {' under '.join(loop)}: nothing may stand above itself.",
            )
    return members


def _refuse_roots(top: dict[str, Node], pack: Pack, members: Members, problems: Problems) -> None:
    """Pools and towers of one's own hang below the taxonomy's, or its totals would miss them."""
    for layer in ("cost_pool", "tower"):
        above = {b.child: b.parent for b in members.branches[layer]}
        for member in members.declared:
            name, climbed = member.name, set()
            while name in above and name not in climbed:
                climbed.add(name)
                name = above[name]
            if member.layer == layer and name not in climbed | pack.names(layer):
                word = WORDS[layer]
                problems.add(
                    top[SECTIONS[layer]],
                    "outside_taxonomy",
                    f"The {word} '{member.name}' hangs below no {word} of {pack.name}. Write its "
                    f"path, as `Name of the taxonomy{SEPARATOR}{member.name}`, or give a `parent`.",
                )


def _read_entry(
    layer: str, entry: Node, members: Members, problems: Problems
) -> tuple[str, Node] | None:
    """Adds one member; gives back its parent's node where it has one."""
    own = {"solution": ("type", *SERVICE), "consumer": ("until", "successor", "mode")}
    keys = ("name", "label", "parent", *own.get(layer, ()))
    found = {"name": entry}
    if isinstance(entry, MappingNode):
        found = fields(entry, f"A {WORDS[layer]}", keys, problems)
        if "name" not in found:
            problems.add(entry, "missing_key", f"This {WORDS[layer]} has no `name`.")
            return None
    name = text(found["name"], f"The name of a {WORDS[layer]}", problems)
    if name is None or not _may_be_named(layer, name, found["name"], members, problems):
        return None
    kind = ""
    if "type" in found:
        kind = members.check("solution", text(found["type"], "`type`", problems), found["type"],
                             problems) or ""  # fmt: skip
        if kind and "parent" not in found:
            members.branches[layer].append(Branch(name, kind))
    label = text(found.get("label"), "`label`", problems) or ""
    until = day(found["until"], "`until`", problems) if "until" in found else None
    successor = text(found.get("successor"), "`successor`", problems)
    if successor is not None and until is None:
        problems.add(found["successor"], "missing_key", "A `successor` needs the day: `until`.")
    mode = one_of(found.get("mode"), "`mode`", MODES, problems) or MODES[0]
    member = DeclaredMember(
        layer, name, kind, label, until, successor, mode, **_service(found, problems)
    )
    _add(layer, member, members)
    if successor is not None:
        members.successors.append((successor, found["successor"]))
    return (name, found["parent"]) if "parent" in found else None


def _service(found: dict[str, Node], problems: Problems) -> dict[str, Any]:
    """What the text says of a solution as a service."""
    told: dict[str, Any] = {
        key: text(found.get(key), f"`{key}`", problems) or ""
        for key in ("owner", "unit", "volume", "output")
    }
    listed = items(found.get("includes"), "`includes`", problems)
    parts = (text(part, "A part of `includes`", problems) for part in listed)
    told |= {"includes": tuple(part for part in parts if part), "fixed": None}
    if "fixed" in found:
        percent = amount(found["fixed"], "`fixed`", problems)
        if percent is not None and not 0 <= percent <= _WHOLE:
            problems.add(found["fixed"], "bad_number", "`fixed` is a percentage, 0 to 100.")
        told["fixed"] = percent
    told["plan"] = read_plans(found.get("plan"), problems)
    return told


def _may_be_named(layer: str, name: str, node: Node, members: Members, problems: Problems) -> bool:
    if name.casefold() in RESERVED:
        problems.add(node, "reserved_name", f"'{name}' has a meaning of its own; rename it.")
        return False
    if any(m.layer == layer and m.name == name for m in members.declared):
        problems.add(
            node, "duplicate_member", f"The {WORDS[layer]} '{name}' is declared twice. Keep one."
        )
        return False
    return True


def _add(layer: str, member: DeclaredMember, members: Members) -> None:
    """Adds a member, and for 'Pool / Sub-pool' the pool above it where it is new."""
    members.declared.append(member)
    members.known[layer].add(member.name)
    if layer in ("cost_pool", "tower") and SEPARATOR in member.name:
        above = member.name.rsplit(SEPARATOR, 1)[0]
        if above not in members.known[layer]:
            _add(layer, DeclaredMember(layer, above), members)
        members.branches[layer].append(Branch(member.name, above))


def _read_parents(
    layer: str, child: str, node: Node, members: Members, problems: Problems
) -> list[Branch]:
    if not isinstance(node, SequenceNode):
        name = members.check(layer, text(node, "`parent`", problems), node, problems)
        return [Branch(child, name)] if name else []
    found: list[Branch] = []
    for entry in items(node, "`parent`", problems):
        branch = _read_dated_parent(layer, child, entry, members, problems)
        if branch is None:
            continue
        if any(_overlap(branch, other) for other in found):
            problems.add(
                entry,
                "two_parents",
                f"'{child}' has two parents on the same day. Let one end (`until`) where the "
                "other begins (`from`).",
            )
            continue
        found.append(branch)
    return found


def _read_dated_parent(
    layer: str, child: str, entry: Node, members: Members, problems: Problems
) -> Branch | None:
    found = fields(entry, "A dated parent", ("name", "from", "until"), problems)
    if "name" not in found:
        problems.add(entry, "missing_key", f"A parent of '{child}' has no `name`.")
        return None
    name = members.check(layer, text(found["name"], "`name`", problems), found["name"], problems)
    start = day(found["from"], "`from`", problems) if "from" in found else None
    end = day(found["until"], "`until`", problems) if "until" in found else None
    if start and end and end <= start:
        problems.add(entry, "bad_date", f"This parent of '{child}' ends before it begins.")
        return None
    return Branch(child, name, start, end) if name else None


def _overlap(one: Branch, other: Branch) -> bool:
    starts_before = (
        other.valid_to is None or one.valid_from is None or (one.valid_from < other.valid_to)
    )
    ends_after = (
        other.valid_from is None or one.valid_to is None or (one.valid_to > other.valid_from)
    )
    return starts_before and ends_after
