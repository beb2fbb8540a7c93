"""Rules of the cost model in plain words, for people who do not read YAML."""

from __future__ import annotations

from collections.abc import Sequence

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
    if rule.method == "direct":
        return f"all to {rule.targets[0]}"
    if rule.method == "even":
        return f"evenly to {', '.join(rule.targets)}"
    if rule.method == "weighted":
        return f"split by driver {rule.driver}"
    if rule.method == "fixed":
        shares = ", ".join(f"{exact_text(share)} % {name}" for name, share in rule.shares)
        return f"{shares}; {_rest(rule.residual)}" if rule.residual else shares
    return _rest(rule.residual)


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
