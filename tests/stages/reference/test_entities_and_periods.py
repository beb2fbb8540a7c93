"""Legal entities that facts name, and the fiscal periods that are opened for them."""

from __future__ import annotations

from datetime import date

import pytest

from bursar.office.calendar.models import Period, PeriodState
from bursar.office.calendar.periods import calendar_of, ensure_periods
from bursar.office.calendar.queries import known_periods, state_of, states
from bursar.office.reference.entities import default_entity, ensure_entity, entity

pytestmark = pytest.mark.django_db


def test_an_entity_that_a_fact_names_first_resembles_the_default_one() -> None:
    default = default_entity()
    default.fiscal_start_month = 7
    default.save()
    made = ensure_entity("NORD")
    assert (made.currency, made.fiscal_start_month) == (default.currency, 7)
    assert ensure_entity("NORD").pk == made.pk
    assert default_entity().pk == default.pk
    assert entity("SOUTH") is None


def test_periods_are_opened_once_with_their_place_in_the_fiscal_year() -> None:
    owner = default_entity()
    owner.fiscal_start_month = 4
    owner.save()
    ensure_periods(owner, ["2026-04", "2026-03"])
    ensure_periods(owner, ["2026-04"])
    assert known_periods() == known_periods(owner.code) == ["2026-03", "2026-04"]
    row = Period.objects.get(code="2026-04")
    assert (row.start, row.end, row.fiscal_year, row.number) == (
        date(2026, 4, 1), date(2026, 5, 1), 2027, 1,
    )  # fmt: skip
    assert states("2026-04") == {owner.code: PeriodState.OPEN}
    assert state_of("2031-01", owner.code) == PeriodState.OPEN
    assert calendar_of("nobody") == calendar_of(owner.code)


def test_a_calendar_of_weeks_has_its_own_codes() -> None:
    owner = default_entity()
    owner.calendar_pattern = "4-4-5"
    owner.save()
    (row,) = ensure_periods(owner, ["FY2026-P03"])
    assert (row.end - row.start).days == 35
