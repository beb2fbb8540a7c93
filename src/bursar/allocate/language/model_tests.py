"""The `tests` part: given these costs and drivers, who pays how much; the engine tries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa
from yaml.nodes import MappingNode, Node

from bursar.allocate.language.members import SECTIONS, Members
from bursar.allocate.language.model import CostModel
from bursar.allocate.language.nodes import amount, day, fields, items, pairs, text
from bursar.allocate.language.problems import Problems
from bursar.core.calc.allocation.dividing import Terms
from bursar.core.calc.allocation.engine import allocate
from bursar.core.calc.classification import LAYERS
from bursar.core.money.amount import exact_sum, exact_text, places_of
from bursar.core.money.rounding import round_half_up
from bursar.core.money.units import column_of_integers, from_units, integers_of, scale_of, to_units

OUTCOMES = ("unallocated", "retained", "recovery_gap", "markup")
_COST = (*LAYERS, "legal_entity", "currency", "amount")
_DRIVER = ("driver", "from", "to", "quantity")
_FINER = 8
"""Digits below the costs' own in which a test divides, as runs do."""


@dataclass(frozen=True)
class ModelTest:
    """One example of what the model is meant to do."""

    name: str
    costs: tuple[Mapping[str, str | Decimal], ...]
    drivers: tuple[tuple[str, str | None, str, Decimal], ...]
    on: date | None
    expected: tuple[tuple[str, Decimal, Node], ...]


def read_tests(node: Node | None, members: Members, problems: Problems) -> list[ModelTest]:
    """Every test that could be read."""
    found = []
    for number, entry in enumerate(items(node, "`tests`", problems), start=1):
        known = fields(entry, "A test", ("name", "day", "costs", "drivers", "expect"), problems)
        if not isinstance(entry, MappingNode):
            continue
        for key in ("costs", "expect"):
            if key not in known:
                problems.add(entry, "missing_key", f"This test has no `{key}`.")
        found.append(
            ModelTest(
                name=text(known.get("name"), "`name`", problems) or f"test {number}",
                costs=tuple(_costs(known.get("costs"), members, problems)),
                drivers=tuple(_drivers(known.get("drivers"), problems)),
                on=day(known["day"], "`day`", problems) if "day" in known else None,
                expected=tuple(_expected(known.get("expect"), members, problems)),
            )
        )
    return found


def run_tests(model: CostModel, tests: list[ModelTest], problems: Problems) -> None:
    """Adds a problem for everybody who would pay something else than a test expects."""
    for test in tests:
        paid = _paid(model, test)
        for who, wanted, node in test.expected:
            found = exact_sum(paid.get(who, []))
            if round_half_up(found, places_of(wanted)) != wanted:
                problems.add(
                    node,
                    "test_failed",
                    f"In the test '{test.name}', {who} pays {exact_text(found)}, not "
                    f"{exact_text(wanted)}. Correct the rule or the test.",
                )


def _paid(model: CostModel, test: ModelTest) -> dict[str, list[Decimal]]:
    amounts = [Decimal(cost["amount"]) for cost in test.costs]
    scale = scale_of(amounts) + _FINER
    columns: dict[str, pa.Array] = {
        name: pa.array([cost.get(name) for cost in test.costs], pa.string())
        for name in ("legal_entity", "currency", *LAYERS)
    }
    units = pa.array([Decimal(to_units(value, scale)) for value in amounts], pa.decimal128(38, 0))
    rows = list(zip(*test.drivers, strict=True)) or [(), (), (), ()]
    drivers = {
        name: pa.array(values, pa.string())
        for name, values in zip(("measure", "from_key", "to_key"), rows[:3], strict=True)
    }
    done = allocate(
        nodes=pa.table({**columns, "direct_units": column_of_integers(integers_of(units))}),
        steps=model.steps,
        members=model.known,
        drivers=pa.table({**drivers, "quantity": pa.array(rows[3], pa.decimal128(38, 24))}),
        terms=Terms(scale=scale, first_day=test.on, days=1 if test.on else 0),
    )
    found: dict[str, list[Decimal]] = {}
    for line in done.allocated.to_pylist():
        who = line["consumer"] if line["outcome"] == "allocated" else line["outcome"]
        found.setdefault(who, []).append(from_units(int(line["units"]), scale))
    return found


def _costs(
    node: Node | None, members: Members, problems: Problems
) -> list[dict[str, str | Decimal]]:
    found = []
    for entry in items(node, "`costs`", problems):
        known = fields(entry, "A cost", _COST, problems)
        if "amount" not in known:
            problems.add(entry, "missing_key", "This cost has no `amount`.")
            continue
        value = amount(known["amount"], "`amount`", problems)
        cost: dict[str, str | Decimal] = {"legal_entity": "main", "currency": "EUR"}
        for key in set(known) - {"amount"}:
            name = text(known[key], f"`{key}`", problems)
            if key in SECTIONS:
                name = members.check(key, name, known[key], problems)
            if name is not None:
                cost[key] = name
        if value is not None:
            found.append({**cost, "amount": value})
    return found


def _drivers(node: Node | None, problems: Problems) -> list[tuple[str, str | None, str, Decimal]]:
    found = []
    for entry in items(node, "`drivers`", problems):
        known = fields(entry, "A driver's row", _DRIVER, problems)
        for key in ("driver", "to", "quantity"):
            if key not in known:
                problems.add(entry, "missing_key", f"This driver's row has no `{key}`.")
        driver = text(known.get("driver"), "`driver`", problems)
        to_key = text(known.get("to"), "`to`", problems)
        from_key = text(known["from"], "`from`", problems) if "from" in known else None
        quantity = (
            amount(known["quantity"], "`quantity`", problems) if "quantity" in known else None
        )
        if driver is not None and to_key is not None and quantity is not None:
            found.append((driver, from_key, to_key, quantity))
    return found


def _expected(
    node: Node | None, members: Members, problems: Problems
) -> list[tuple[str, Decimal, Node]]:
    found = []
    for key, value in pairs(node, "`expect`", problems) if node is not None else ():
        who: str | None = key.value
        if who not in OUTCOMES:
            who = members.check("consumer", who, key, problems)
        wanted = amount(value, f"What '{key.value}' pays", problems)
        if who is not None and wanted is not None:
            found.append((who, wanted, value))
    return found
