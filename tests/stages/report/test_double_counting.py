"""Double counting as a figure: what is suspected, what matches took out, and 0.00 as the goal."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.record.firm_of_evidence import cost, detail, invoice, three_evidences

from bursar.office.calendar.models import Period, PeriodState
from bursar.office.people.scope import Scope
from bursar.record.actions.confirm_match import confirm_match
from bursar.record.actions.learn_match_rule import learn_match_rule
from bursar.record.models import EvidenceGroup
from bursar.report.double_counting import double_counting
from bursar.report.errors import BeyondScope
from bursar.report.evidence import evidence_levels, match, match_rules, matches, unmatched

pytestmark = pytest.mark.django_db
ALL, NOBODY = Scope.all(), Scope()


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Each test has a lake of its own."""


def test_suspected_becomes_netted(tmp_path: Path) -> None:
    group = three_evidences(tmp_path)
    before = double_counting(ALL)
    assert [(r.basis, r.suspected, r.netted) for r in before.rows] == [
        ("billed", Decimal(9990), 0),
        ("effective", Decimal(9990), 0),
    ]
    assert not before.none_suspected
    confirm_match(acting_user=None, group_id=group.group_id)
    after = double_counting(ALL)
    assert [(r.suspected, r.netted, r.residual) for r in after.rows] == [(0, 9990, 10)] * 2
    assert after.none_suspected
    assert after.to_json()["rows"][0]["suspected"] == "0"


def test_matches_come_with_their_reasons_and_lines(tmp_path: Path) -> None:
    three_evidences(tmp_path)
    (row,) = matches(ALL, state="proposed", period="2026-01").rows
    assert (row["money"], row["residual"]["billed"]) == ("10000", "10")
    shown = match(ALL, row["group_id"])
    assert [line.get("billed_cost") for line in shown["lines"]] == ["-10000", "10"]
    assert evidence_levels(ALL) == {
        "aws": "detail", "general ledger": "ledger", "payables": "invoice",
    }  # fmt: skip
    assert [(u["label"].split(" · ")[0], u["amount"]) for u in unmatched(ALL)] == [
        ("Stationery Ltd", "500"),
        ("Paper and Pens GmbH", "75"),
    ]
    assert match_rules(ALL) == []
    rules = learn_match_rule(acting_user=None, group_id=row["group_id"])
    assert [r["name"] for r in match_rules(ALL)] == sorted(r.name for r in rules)


def test_a_restricted_scope_sees_none_of_it(tmp_path: Path) -> None:
    group = three_evidences(tmp_path)
    for report in (double_counting, matches, unmatched, match_rules, evidence_levels):
        with pytest.raises(BeyondScope):
            report(NOBODY)  # type: ignore[operator]
    with pytest.raises(BeyondScope):
        match(NOBODY, group.group_id)


def test_a_late_match_of_a_closed_period_counts_in_an_open_one(tmp_path: Path) -> None:
    """The closed period stands; what netting takes out of it becomes corrections."""
    invoice(tmp_path)
    detail(tmp_path, "9990.00")
    group = EvidenceGroup.objects.get()
    before = cost("billed")
    Period.objects.filter(code="2026-01").update(state=PeriodState.CLOSED)
    confirm_match(acting_user=None, group_id=group.group_id)
    assert cost("billed") == before
    assert cost("billed", "2026-02") == Decimal("-9990.00")
