"""Rules of the cost model in plain words, for people who do not read YAML."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bursar.core.calc.allocation.model import NEXT, RETAINED, UNALLOCATED, Rule
from bursar.core.calc.classification import ClassRule, FromColumn, Target
from bursar.core.calc.matching import Test
from bursar.core.money.amount import exact_text

_OPERATORS = {
    "equals": "is",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "contains": "contains",
    "matches": "matches",
    "above": "is above",
    "below": "is below",
    "from": "is on or after",
    "before": "is before",
}
_REST = {
    UNALLOCATED: "stays unallocated",
    RETAINED: "is kept by IT",
    NEXT: "goes on to the next rule",
}


def when_words(tests: Sequence[Test]) -> str:
    """'service category is Compute or Containers, and tag team starts with web'."""
    return ", and ".join(_test(test) for test in tests) or "always"


def sets_words(rule: ClassRule) -> str:
    """'cost pool: Cloud Services / Cloud Service Provider; consumer: as tag team says'."""
    return "; ".join(f"{_name(target.layer)}: {_value(target)}" for target in rule.sets)


def does_words(rule: Rule) -> str:
    """'split by driver staff_hours', '60 % Retail, 30 % Corporate; the rest stays unallocated'."""
    told = [_method(rule), *_changes(rule)]
    if rule.starts:
        told.append(f"from {rule.starts:%Y-%m-%d}")
    if rule.ends:
        told.append(f"until {rule.ends:%Y-%m-%d}")
    return "; ".join(told)


def _method(rule: Rule) -> str:
    if rule.method == "direct":
        return f"all to {rule.targets[0]}"
    if rule.method == "even":
        return f"evenly to {', '.join(rule.targets)}"
    if rule.method == "weighted":
        return _weighted(rule)
    if rule.method == "fixed":
        shares = _percents(rule.shares)
        return f"{shares}; {_rest(rule.residual)}" if rule.residual else shares
    if rule.method == "waterfall":
        caps = ", then ".join(f"{name} up to {exact_text(most)}" for name, most in rule.caps)
        return f"{caps} {rule.currency}; {_rest(rule.residual)}"
    return _rated(rule) if rule.method == "rate" else _rest(rule.residual)


def _weighted(rule: Rule) -> str:
    if rule.drivers:
        return f"split by drivers: {_percents(rule.drivers)}"
    if rule.capacity is None:
        return f"split by driver {rule.driver}"
    words = {UNALLOCATED: "stays unallocated", RETAINED: "is kept by IT"}
    idle = words.get(rule.idle or "", f"goes to {rule.idle}")
    return f"split by driver {rule.driver} of the capacity {rule.capacity}; what is idle {idle}"


def _rated(rule: Rule) -> str:
    names = ", ".join(f"{rate.name} (driver {rate.driver})" for rate in rule.rates)
    if rule.difference == "shared":
        return f"all cost, in proportion to charges at the rates {names}"
    every = {1: "every month", 3: "every quarter", 12: "every year"}
    gap = "the difference to cost stays as recovery gap"
    if rule.true_up:
        gap = f"the difference to cost is booked {every[rule.true_up]}"
    return f"charged at the rates {names}; {gap}"


def _changes(rule: Rule) -> list[str]:
    found = []
    if rule.subsidy:
        by = {UNALLOCATED: "nobody", RETAINED: "IT"}.get(rule.subsidy_by or "", rule.subsidy_by)
        found.append(f"{_percents(rule.subsidy)} of it borne by {by}")
    if rule.markup:
        found.append(f"plus a markup: {_percents(rule.markup)}")
    return found


def _percents(pairs: Sequence[tuple[str, Decimal]]) -> str:
    return ", ".join(f"{exact_text(percent)} % {name}".rstrip() for name, percent in pairs)


def _rest(residual: str | None) -> str:
    if residual is None:
        return "nothing is left"
    return f"the rest {_REST[residual]}" if residual in _REST else f"the rest goes to {residual}"


def _test(test: Test) -> str:
    name = _name(test.column)
    if test.operator == "missing":
        return f"{name} is set" if test.negated else f"{name} is missing"
    values = " or ".join(str(value) for value in test.values)
    told = _OPERATORS.get(test.operator, test.operator)
    return f"not: {name} {told} {values}" if test.negated else f"{name} {told} {values}"


def _value(target: Target) -> str:
    if not isinstance(target.value, FromColumn):
        return target.value
    told = f"as {_name(target.value.column)} says"
    pairs = ", ".join(f"{value} is {member}" for value, member in target.value.mapping)
    return f"{told} ({pairs})" if pairs else told


def _name(column: str) -> str:
    return column.replace("tag.", "tag ").replace("_", " ")
