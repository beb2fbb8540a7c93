"""What reports say of cost that was recorded and never run."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.stages.report.company import summed

from bursar.office.people.scope import Scope
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
