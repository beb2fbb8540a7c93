"""What reports say of cost that was recorded and never run."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.stages.report.company import summed

from bursar.office.people.scope import Scope
from bursar.report.bill_of_it import statements
from bursar.report.costs import costs
from bursar.report.errors import NotRun
from bursar.report.overview import overview

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorded")]
ALL = Scope.all()


def test_everything_is_visibly_unclassified() -> None:
    answer = costs(ALL, by=["cost_pool", "consumer"], periods=["2026-02"])
    whole = summed("currency", where={"period": "2026-02"})
    told = {tuple(row.dimensions.values()) for row in answer.rows}
    assert told == {("Unclassified", "Unallocated")}
    assert {(row.currency,): Fraction(row.amount) for row in answer.rows} == whole
    assert "no run" in answer.notes[0]


def test_overview_shows_what_was_recorded_and_says_so() -> None:
    told = overview(ALL)
    assert (told.period, told.was_run, told.flow) == ("2026-02", False, None)
    assert {row.consumer for row in told.consumers} == {"Unallocated"}
    assert "no run" in told.notes[0]


def test_a_statement_of_a_period_never_run_is_refused() -> None:
    with pytest.raises(NotRun, match="bursar run --period 2026-02"):
        statements(ALL, periods=["2026-02"])
    assert statements(ALL).statements == ()
