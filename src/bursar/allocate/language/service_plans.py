"""The `plan` of a service: what it is planned to cost in a month, and for how much of it."""

from __future__ import annotations

from decimal import Decimal

from yaml.nodes import MappingNode, Node

from bursar.allocate.language.nodes import amount, currency, day, fields, items
from bursar.allocate.language.problems import Problems
from bursar.core.calc.service_plan import ServicePlan

KEYS = ("from", "currency", "cost", "volume", "output")
_NEEDED = ("currency", "cost", "volume")


def read_plans(node: Node | None, problems: Problems) -> tuple[ServicePlan, ...]:
    """Every plan of one service; one that cannot be read is left out, with its problem."""
    found: list[ServicePlan] = []
    for entry in items(node, "`plan`", problems):
        plan = _read_plan(entry, problems)
        if plan is None:
            continue
        if any((p.starts, p.currency) == (plan.starts, plan.currency) for p in found):
            problems.add(
                entry, "duplicate_rule", "Two plans begin on the same day. Give each its `from`."
            )
        found.append(plan)
    return tuple(found)


def _read_plan(entry: Node, problems: Problems) -> ServicePlan | None:
    known = fields(entry, "A plan", KEYS, problems)
    if not isinstance(entry, MappingNode):
        return None
    for key in _NEEDED:
        if key not in known:
            problems.add(entry, "missing_key", f"This plan has no `{key}`.")
    code = currency(known.get("currency"), "`currency` of a plan", problems)
    cost = amount(known["cost"], "`cost`", problems) if "cost" in known else None
    volume = _above_zero(known, "volume", problems)
    starts = day(known["from"], "`from`", problems) if "from" in known else None
    output = _above_zero(known, "output", problems)
    if cost is None or volume is None or code is None:
        return None
    return ServicePlan(code, cost, volume, starts, output)


def _above_zero(known: dict[str, Node], key: str, problems: Problems) -> Decimal | None:
    if key not in known:
        return None
    value = amount(known[key], f"`{key}`", problems)
    if value is not None and value <= 0:
        problems.add(known[key], "bad_number", f"`{key}` of a plan is a quantity above zero.")
        return None
    return value
