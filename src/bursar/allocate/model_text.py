"""From the cost model's text to the frozen model, or to every problem with its line."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from yaml.nodes import MappingNode, Node, SequenceNode

from bursar.allocate.language.between_entities import read_intercompany
from bursar.allocate.language.classify_rules import read_rules
from bursar.allocate.language.columns import TAG, column_kinds, promoted_names
from bursar.allocate.language.conditions import Conditions
from bursar.allocate.language.driver_notes import read_driver_notes
from bursar.allocate.language.members import Members, read_members, read_pack_name
from bursar.allocate.language.model import CostModel
from bursar.allocate.language.model_tests import read_tests, run_tests
from bursar.allocate.language.nodes import compose, fields, is_null, items, one_of, pairs, text
from bursar.allocate.language.problems import Problem, Problems, TooManyProblems
from bursar.allocate.language.rate_card import read_rates
from bursar.allocate.language.step_rules import read_steps
from bursar.core.money.amount import LEDGER_PLACES
from bursar.core.tables.cube import BASES

KEYS = (
    "name", "taxonomy", "basis", "promote", "consumers", "solutions", "pools", "towers",
    "classify", "rates", "steps", "drivers", "intercompany",
    "disclosure", "scale", "review", "tests",
)  # fmt: skip
DISCLOSURES = ("none", "total", "drivers", "peers")
REVIEWS = ("optional", "required")


@dataclass(frozen=True)
class ParsedModel:
    """The model, where the text has no problem; else none, and the problems in line order."""

    model: CostModel | None
    problems: tuple[Problem, ...]


def parse_model(source: str) -> ParsedModel:
    """Reads the text once and tells what is wrong with it; touches no database."""
    problems, model = Problems(), None
    with suppress(TooManyProblems):  # those that were found are enough to begin with
        root = compose(source, problems)
        model = _read(root, problems) if root is not None else None
    found = problems.in_order()
    return ParsedModel(None if found else model, found)


def _read(root: MappingNode, problems: Problems) -> CostModel:
    top = fields(root, "The model", KEYS, problems)
    name = text(top.get("name"), "`name`", problems)
    if "name" not in top:
        problems.add(root, "missing_key", "The model has no `name`.")
    pack = read_pack_name(top.get("taxonomy"), problems)
    members = read_members(top, pack, problems)
    promoted = _read_promote(top.get("promote"), problems)
    read = Conditions(column_kinds(promoted), members, problems)
    rates = read_rates(top.get("rates"), members, problems)
    tests = read_tests(top.get("tests"), members, problems)
    model = CostModel(
        name=name or "",
        taxonomy=pack.name if pack else None,
        basis=one_of(top.get("basis"), "`basis`", BASES, problems) or "effective",
        promote=promoted,
        members=tuple(members.declared),
        branches={layer: tuple(found) for layer, found in members.branches.items()},
        known={layer: frozenset(names) for layer, names in members.known.items()},
        rules=read_rules(top.get("classify"), read),
        steps=read_steps(top.get("steps"), members, rates, problems),
        disclosure=_read_disclosure(top.get("disclosure"), members, problems),
        intercompany=read_intercompany(top.get("intercompany"), members, problems),
        scale=_read_scale(top.get("scale"), problems),
        review=one_of(top.get("review"), "`review`", REVIEWS, problems) or "optional",
    )
    notes = read_driver_notes(top.get("drivers"), model.drivers_named, problems)
    model = replace(model, driver_notes=notes)
    if not problems.found:
        run_tests(model, tests, problems)
    return model


def _read_promote(node: Node | None, problems: Problems) -> tuple[str, ...]:
    names: list[str] = []
    for entry in items(node, "`promote`", problems):
        name = text(entry, "A name under `promote`", problems)
        if name is None:
            continue
        if name.removeprefix(TAG) in (n.removeprefix(TAG) for n in names):
            problems.add(entry, "duplicate_key", f"'{name}' is promoted twice. Keep one.")
        names.append(name)
    return promoted_names(names)


def _read_disclosure(
    node: Node | None, members: Members, problems: Problems
) -> dict[str, tuple[str, ...]]:
    """Pool → what is open of it, in the order of `DISCLOSURES`; one word may stand without a
    list."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in pairs(node, "`disclosure`", problems) if node is not None else ():
        pool = members.check("cost_pool", key.value, key, problems)
        what = f"The disclosure of '{key.value}'"
        entries = items(value, what, problems) if isinstance(value, SequenceNode) else [value]
        words = [one_of(entry, what, DISCLOSURES, problems) for entry in entries]
        if "none" in words and len(words) > 1:
            problems.add(value, "unknown_value", f"{what} is `none`, or what is open: not both.")
        if pool:
            found[pool] = tuple(word for word in DISCLOSURES[1:] if word in words)
    return found


def _read_scale(node: Node | None, problems: Problems) -> int | None:
    if node is None or is_null(node):
        return None
    value = text(node, "`scale`", problems)
    if value is None or not value.isdecimal() or int(value) > LEDGER_PLACES:
        problems.add(
            node,
            "bad_number",
            f"`scale` is the number of digits after the point, 0 to {LEDGER_PLACES}.",
        )
        return None
    return int(value)
