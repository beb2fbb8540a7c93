"""Legal entities with what their figures depend on: currency, calendar, VAT and closed periods."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import exact_text
from bursar.office.calendar.models import Period, PeriodState
from bursar.office.people.scope import Scope
from bursar.office.reference.entities import default_entity, entities, vat_ratio
from bursar.office.reference.models import VatRatio
from bursar.office.reference.rates import reporting_currency
from bursar.report.balance import require_everything


@dataclass(frozen=True)
class EntityRow:
    """One company; `states` counts its periods by state."""

    code: str
    name: str
    currency: str
    fiscal_start_month: int
    calendar_pattern: str
    vat_ratio: Decimal
    vat_ratios: tuple[tuple[str, Decimal], ...]
    """(first day, ratio), oldest first."""
    states: tuple[tuple[str, int], ...]
    last_closed: str | None
    is_default: bool

    @property
    def counts(self) -> tuple[int, ...]:
        """How many periods are open, soft-closed and closed."""
        known = dict(self.states)
        return tuple(known.get(state, 0) for state in PeriodState.values)

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "currency": self.currency,
            "fiscal_start_month": self.fiscal_start_month,
            "calendar_pattern": self.calendar_pattern,
            "recoverable_vat_ratio": exact_text(self.vat_ratio),
            "vat_ratios": [
                {"valid_from": day, "ratio": exact_text(ratio)} for day, ratio in self.vat_ratios
            ],
            "periods": dict(self.states),
            "last_closed": self.last_closed,
            "is_default": self.is_default,
        }


@dataclass(frozen=True)
class Entities:
    reporting_currency: str
    rows: tuple[EntityRow, ...]

    def to_json(self) -> dict[str, Any]:
        """`{"reporting_currency", "entities"}`."""
        return {
            "reporting_currency": self.reporting_currency,
            "entities": [row.to_json() for row in self.rows],
        }


def legal_entities(scope: Scope, *, on: date) -> Entities:
    """Every entity, with its VAT ratio of a day. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "The list of legal entities")
    first = default_entity().code
    return Entities(
        reporting_currency(),
        tuple(
            EntityRow(
                code=owner.code,
                name=owner.name,
                currency=owner.currency,
                fiscal_start_month=owner.fiscal_start_month,
                calendar_pattern=owner.calendar_pattern,
                vat_ratio=vat_ratio(owner.code, on),
                vat_ratios=_ratios(owner.code),
                states=tuple(sorted(Counter(state for state, _ in _periods(owner.code)).items())),
                last_closed=_last_closed(owner.code),
                is_default=owner.code == first,
            )
            for owner in entities()
        ),
    )


def _ratios(code: str) -> tuple[tuple[str, Decimal], ...]:
    rows = VatRatio.objects.filter(legal_entity__code=code, superseded_at__isnull=True)
    found = rows.order_by("valid_from").values_list("valid_from", "ratio")
    return tuple((day.isoformat(), ratio) for day, ratio in found)


def _periods(code: str) -> list[tuple[str, str]]:
    """(state, code), in order of time."""
    rows = Period.objects.filter(legal_entity__code=code).order_by("start")
    return list(rows.values_list("state", "code"))


def _last_closed(code: str) -> str | None:
    closed = [period for state, period in _periods(code) if state == PeriodState.CLOSED]
    return closed[-1] if closed else None
