"""What a run freezes of the legal entities that charge each other (rules IC1-IC4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bursar.allocate.language.model import CostModel
from bursar.core.calc.allocation.intercompany import Between
from bursar.office.reference.parties import entities_of_consumers, markups_on

Frozen = Mapping[str, Any]
"""`entities`: consumer → entity; `markups`: [seller, buyer, percent as text]."""


def between_on(model: CostModel, first: date, days: int) -> Frozen | None:
    """As it stands on the last of these days; None where the model does not ask for it."""
    if model.intercompany is None:
        return None
    day = first + timedelta(days=days - 1)
    known = model.known.get("consumer", frozenset())
    return {
        "entities": {c: e for c, e in sorted(entities_of_consumers(day).items()) if c in known},
        "markups": [[s, b, percent] for (s, b), percent in sorted(markups_on(day).items())],
    }


def as_between(frozen: Frozen | None, model: CostModel) -> Between | None:
    """The same as the engine takes it."""
    if frozen is None or model.intercompany is None:
        return None
    markups = {(seller, buyer): Decimal(text) for seller, buyer, text in frozen["markups"]}
    return Between(model.intercompany, dict(frozen["entities"]), markups)
