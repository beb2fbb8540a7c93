"""The `classify` part: ordered rules that set layers from what a cost line says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from yaml.nodes import MappingNode, Node

from bursar.allocate.language.conditions import Conditions
from bursar.allocate.language.members import SECTIONS
from bursar.allocate.language.nodes import fields, is_null, items, pairs, text
from bursar.allocate.language.rule_notes import NOTES, read_note
from bursar.core.calc.classification import ClassRule, FromColumn, Target

LAYERS = tuple(SECTIONS)


def read_rules(node: Node | None, read: Conditions) -> tuple[ClassRule, ...]:
    """Every rule that could be read, in the order of the text."""
    rules: list[ClassRule] = []
    names: dict[str, int] = {}
    for number, entry in enumerate(items(node, "`classify`", read.problems), start=1):
        rule = _read_rule(entry, number, read)
        if rule is None:
            continue
        if rule.name in names:
            read.problems.add(
                entry,
                "duplicate_rule",
                f"Two rules are called '{rule.name}' (first on line {names[rule.name]}); "
                "a trace could not tell them apart.",
            )
        names.setdefault(rule.name, entry.start_mark.line + 1)
        rules.append(rule)
    return tuple(rules)


def _read_rule(entry: Node, number: int, read: Conditions) -> ClassRule | None:
    found = fields(entry, "A rule of `classify`", ("name", "when", "set", *NOTES), read.problems)
    if not isinstance(entry, MappingNode):
        return None
    name = text(found.get("name"), "`name`", read.problems) or f"classify rule {number}"
    tests = read.read(found.get("when"))
    if "set" not in found:
        read.problems.add(
            entry, "missing_key", f"The rule '{name}' sets nothing. Give it `set: {{tower: …}}`."
        )
        return None
    targets = tuple(_read_set(found["set"], name, read))
    note = read_note(found, read.problems)
    return ClassRule(name=name, when=tests, sets=targets, note=note) if targets else None


def _read_set(node: Node, name: str, read: Conditions) -> Sequence[Target]:
    if is_null(node) or (isinstance(node, MappingNode) and not node.value):
        read.problems.add(node, "empty", f"`set` of the rule '{name}' is empty.")
        return []
    targets: list[Target] = []
    known = fields(node, "`set`", LAYERS, read.problems)
    for layer, value in known.items():
        if isinstance(value, MappingNode):
            source = _read_column(layer, value, read)
            if source is not None:
                targets.append(Target(layer, source))
            continue
        member = text(value, f"`{layer}`", read.problems)
        member = read.members.check(layer, member, value, read.problems)
        if member is not None:
            targets.append(Target(layer, member))
    return targets


def _read_column(layer: str, node: Node, read: Conditions) -> FromColumn | None:
    """`{column: tag.team, map: {web-shop: Online}}`: what the column says, by way of the map."""
    found = fields(node, f"`{layer}` from a column", ("column", "map"), read.problems)
    if "column" not in found:
        read.problems.add(node, "missing_key", f"`{layer}` needs a member or a `column`.")
        return None
    name = text(found["column"], "`column`", read.problems)
    column = read.known(name, found["column"]) if name else None
    mapping: list[tuple[str, str]] = []
    for key, value in pairs(found["map"], "`map`", read.problems) if "map" in found else ():
        member = text(value, f"'{key.value}' of the map", read.problems)
        member = read.members.check(layer, member, value, read.problems)
        if member is not None:
            mapping.append((key.value, member))
    return FromColumn(column, tuple(mapping)) if column else None
