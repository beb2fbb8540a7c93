"""A model as canonical JSON: what a run freezes, and what it is read back from years later.

Values keep their kind: a decimal is written {"decimal": "60"}, a date {"date": "2026-01-31"},
and each rule carries the name of its shape, so that reading back needs no text and no YAML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bursar.allocate.language.members import DeclaredMember
from bursar.allocate.language.model import CostModel
from bursar.core.calc.allocation.intercompany import Intercompany
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.allocation.rates import Price, Rate, Tier
from bursar.core.calc.classification import ClassRule, FromColumn, Target, Test
from bursar.core.calc.rule_note import RuleNote
from bursar.core.calc.service_plan import ServicePlan
from bursar.core.money.amount import exact_text

SHAPE = "is"
_SHAPES: dict[str, type] = {
    shape.__name__: shape
    for shape in (
        CostModel,
        DeclaredMember,
        ClassRule,
        FromColumn,
        Target,
        Test,
        Rule,
        Step,
        Rate,
        Price,
        Tier,
        RuleNote,
        Intercompany,
        ServicePlan,
    )
}
_NOT_FROZEN = frozenset({"branches", "review", "driver_notes"})
"""Hierarchies are frozen beside the model, as they stood in the period; who reviews and what is
said of a driver change no amount."""


def freeze(model: CostModel) -> dict[str, Any]:
    """The model as plain JSON; the same model always gives the same text."""
    frozen = _plain(model)
    return {key: value for key, value in frozen.items() if key not in _NOT_FROZEN}


def thaw(frozen: Mapping[str, Any]) -> CostModel:
    """The model that was frozen, without its hierarchy."""
    model = _restored(frozen)
    if not isinstance(model, CostModel):
        raise TypeError("this is not a frozen cost model")
    return model


def canonical_text(content: Any) -> str:
    """JSON with sorted keys and no idle blanks, so that equal content has an equal hash."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line per kind of value
    if is_dataclass(value):
        told = [f for f in fields(value) if not _left_out(f, getattr(value, f.name))]
        content = {f.name: _plain(getattr(value, f.name)) for f in told}
        return {SHAPE: type(value).__name__, **content}
    if isinstance(value, Decimal):
        return {"decimal": exact_text(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, frozenset):
        return {"set": sorted(value)}
    if isinstance(value, Mapping):
        return {"map": [[key, _plain(value[key])] for key in sorted(value)]}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _left_out(field: Field[Any], value: Any) -> bool:
    """Fields that came later say nothing by default, so that older models keep their hash."""
    return bool(field.metadata.get("later")) and value == field.default


def _restored(value: Any) -> Any:  # noqa: PLR0911
    if isinstance(value, list):
        return tuple(_restored(each) for each in value)
    if not isinstance(value, Mapping):
        return value
    if SHAPE in value:
        content = {key: _restored(each) for key, each in value.items() if key != SHAPE}
        return _SHAPES[value[SHAPE]](**content)
    if "decimal" in value:
        return Decimal(value["decimal"])
    if "date" in value:
        return date.fromisoformat(value["date"])
    if "set" in value:
        return frozenset(value["set"])
    return {key: _restored(each) for key, each in value["map"]}
