"""Periods close by a checklist, reopen with a reason, and say what late data made stale.

Rules P20-P25 and P30 of docs/spec/periods.md.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.allocate.firm import ledger, model, run
from tests.stages.allocate.test_publishing import EVEN
from tests.stages.record.bills import APRIL, bill

from bursar.allocate.staleness import stale_marks
from bursar.flow.actions.add_closing_line import add_closing_line
from bursar.flow.actions.close_period import close_period
from bursar.flow.actions.finish_check import finish_check
from bursar.flow.actions.reopen_period import reopen_period
from bursar.flow.actions.set_closing_rule import set_closing_rule
from bursar.flow.actions.soft_close_period import soft_close_period
from bursar.flow.actions.waive_check import waive_check
from bursar.flow.errors import (
    AlreadyClosed,
    BadClosingLine,
    NoSuchPeriod,
    NotClosed,
    PeriodReasonNeeded,
    UnknownCheck,
)
from bursar.flow.periods import period_told, periods_told
from bursar.office.calendar.models import ClosingLine, ClosingMark, Period
from bursar.office.journal.models import Entry
from bursar.office.people.errors import NotAllowed, UnknownUser
from bursar.office.people.models import Role, User
from bursar.office.people.scope import Scope
from bursar.record.actions.acknowledge_rejected import acknowledge_rejected
from bursar.record.actions.import_files import import_files
from bursar.record.errors import NothingRejected, ReasonNeeded, UnknownImport
from bursar.report.staleness import stale as told_to

pytestmark = pytest.mark.django_db
MARCH = {"acting_user": None, "period": "2025-03"}


def load(path: Path, **options: object) -> dict:
    return import_files(paths=[path], acting_user=None, source="cloud", **options).to_json()


def states(code: str = "2025-03") -> dict[str, str]:
    return {c["key"]: c["state"] for c in period_told(code, "main")["checks"]}


def test_a_clean_period_closes_and_stays_in_the_history(home: Path, tmp_path: Path) -> None:
    load(bill(tmp_path / "a.csv", [{}]))
    done = close_period(**MARCH)
    assert (done.state, done.changed) == ("closed", True)
    assert {line.state for _, line in done.lines} == {"done", "not_used"}
    told = period_told("2025-03", "main")
    assert [(c["before"], c["after"], c["by"]) for c in told["changes"]] == [
        ("open", "closed", "system")
    ]
    assert Entry.objects.get(act="flow.close_period").detail["after"] == "closed"
    with pytest.raises(AlreadyClosed) as refusal:
        close_period(**MARCH)
    assert refusal.value.code == "period.already_closed"


def test_a_missing_source_keeps_a_period_open_until_waived(home: Path, tmp_path: Path) -> None:
    load(bill(tmp_path / "a.csv", [{}]))
    import_files(
        paths=[bill(tmp_path / "b.csv", [{**APRIL, "BillingAccountId": "2"}])],
        acting_user=None, source="other",
    )  # fmt: skip
    april = {"acting_user": None, "period": "2025-04"}
    tried = close_period(**april)
    assert (tried.state, tried.changed) == ("open", False)
    [line] = [line for _, line in tried.lines if line.state == "open"]
    assert (line.key, line.detail) == ("sources_in", "1 source in; missing: cloud")
    before = Entry.objects.count()
    assert not close_period(**april, waived=["duplicates_seen"], reason="seen").changed
    assert (ClosingMark.objects.count(), Entry.objects.count()) == (0, before)
    with pytest.raises(PeriodReasonNeeded) as refusal:
        close_period(**april, waived=["sources_in"])
    assert refusal.value.code == "period.reason_needed"
    done = close_period(**april, waived=["sources_in"], reason="the account was closed")
    assert done.changed
    told = {c["key"]: c for c in period_told("2025-04", "main")["checks"]}["sources_in"]
    assert (told["state"], told["reason"], told["said_by"]) == (
        "waived", "the account was closed", "system",
    )  # fmt: skip


def test_rejected_lines_need_an_answer(home: Path, tmp_path: Path) -> None:
    found = load(bill(tmp_path / "a.csv", [{}, {"BilledCost": "x"}]))
    assert states()["rejected_handled"] == "open"
    token = found["import_token"]
    with pytest.raises(ReasonNeeded):
        acknowledge_rejected(acting_user=None, import_token=token, note=" ")
    with pytest.raises(UnknownImport):
        acknowledge_rejected(acting_user=None, import_token="no", note="seen")
    acknowledge_rejected(acting_user=None, import_token=token, note="a test row of the provider")
    assert states()["rejected_handled"] == "done"
    clean = load(bill(tmp_path / "b.csv", [{}]))
    assert states()["rejected_handled"] == "done"
    with pytest.raises(NothingRejected) as refusal:
        acknowledge_rejected(acting_user=None, import_token=clean["import_token"], note="seen")
    assert refusal.value.code == "record.nothing_rejected"


def test_lines_that_people_add_are_done_by_hand(home: Path, tmp_path: Path) -> None:
    User.objects.create(username="ida", email="ida@example.org", role=Role.IT_FINANCE)
    load(bill(tmp_path / "a.csv", [{}]))
    line = add_closing_line(
        **MARCH, legal_entity="main", name="Call the landlord", owner="ida", due_days=3
    )
    assert not close_period(**MARCH).changed
    told = {c["key"]: c for c in period_told("2025-03", "main")["checks"]}[line.key]
    assert (told["owner"], told["due"], told["by_hand"]) == ("ida", "2025-04-03", True)
    with pytest.raises(UnknownCheck, match="checked by rule") as refusal:
        finish_check(**MARCH, check="sources_in")
    assert refusal.value.code == "period.unknown_check"
    with pytest.raises(UnknownCheck, match="There is no check 'x'"):
        waive_check(**MARCH, check="x", reason="why")
    finish_check(**MARCH, check=line.key, note="rent is right")
    assert close_period(**MARCH).changed
    with pytest.raises(AlreadyClosed):
        waive_check(**MARCH, check="sources_in", reason="why")
    with pytest.raises(AlreadyClosed):
        add_closing_line(**MARCH, legal_entity="main", name="Too late")


def test_owners_and_dates_are_set_for_every_period(home: Path, tmp_path: Path) -> None:
    User.objects.create(username="ida", email="ida@example.org", role=Role.IT_FINANCE)
    load(bill(tmp_path / "a.csv", [{}, APRIL]))
    set_closing_rule(acting_user=None, check="sources_in", owner="ida", due_days=-2)
    for period, due in (("2025-03", "2025-03-29"), ("2025-04", "2025-04-28")):
        line = {c["key"]: c for c in period_told(period, "main")["checks"]}["sources_in"]
        assert (line["owner"], line["due"]) == ("ida", due)
    with pytest.raises(UnknownUser):
        set_closing_rule(acting_user=None, check="sources_in", owner="nobody")
    for wrong in ({"due_days": 900}, {"limit": Decimal("0.1")}):
        with pytest.raises(BadClosingLine) as refusal:
            set_closing_rule(acting_user=None, check="sources_in", **wrong)
        assert refusal.value.code == "period.bad_line"
    with pytest.raises(BadClosingLine):
        add_closing_line(**MARCH, legal_entity="main", name=" ")


def test_reopening_needs_a_reason_and_takes_marks_back(home: Path, tmp_path: Path) -> None:
    load(bill(tmp_path / "a.csv", [{}]))
    line = add_closing_line(**MARCH, legal_entity="main", name="Look twice")
    with pytest.raises(NotClosed) as refusal:
        reopen_period(**MARCH, reason="why")
    assert refusal.value.code == "period.not_closed"
    close_period(**MARCH, waived=[line.key], reason="no time")
    with pytest.raises(PeriodReasonNeeded):
        reopen_period(**MARCH, reason=" ")
    assert reopen_period(**MARCH, reason="the bill was wrong").state == "open"
    told = period_told("2025-03", "main")
    assert (told["changes"][0]["reason"], told["changes"][1]["waived"]) == (
        "the bill was wrong", ["Look twice"],
    )  # fmt: skip
    assert states()[line.key] == "open"


def test_soft_closing_asks_for_no_checks(home: Path, tmp_path: Path) -> None:
    load(bill(tmp_path / "a.csv", [{}]))
    add_closing_line(**MARCH, legal_entity="main", name="Open still")
    assert soft_close_period(**MARCH).state == "soft_closed"
    assert load(bill(tmp_path / "b.csv", [{"BilledCost": "2"}]))["batches"][0]["late"]
    with pytest.raises(AlreadyClosed):
        soft_close_period(**MARCH)


def test_entities_close_together_or_one_by_one(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "gl.csv"
    path.write_text(
        "posting_date,amount,currency,legal_entity\n2025-03-31,1,EUR,DE\n2025-03-31,2,EUR,FR\n"
    )
    load(path)
    add_closing_line(**MARCH, legal_entity="FR", name="Only here")
    assert not close_period(**MARCH).changed
    assert set(Period.objects.values_list("state", flat=True)) == {"open"}
    assert close_period(**MARCH, legal_entity="DE").state == "closed"
    [line] = ClosingLine.objects.all()
    assert close_period(**MARCH, waived=[line.key], reason="not here").state == "closed"
    for wrong in ({"period": "2025-3x"}, {"period": "2025-03", "legal_entity": "XX"}):
        with pytest.raises(NoSuchPeriod) as refusal:
            close_period(acting_user=None, **wrong)
        assert refusal.value.code == "period.none"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.BUDGET_OWNER])
def test_only_some_roles_close(home: Path, tmp_path: Path, role: Role) -> None:
    user = User.objects.create(username="bo", email="bo@example.org", role=role)
    load(bill(tmp_path / "a.csv", [{}]))
    for act, given in (
        (close_period, {}), (soft_close_period, {}), (reopen_period, {"reason": "x"}),
        (waive_check, {"check": "sources_in", "reason": "x"}),
        (finish_check, {"check": "sources_in"}),
        (add_closing_line, {"legal_entity": "main", "name": "x"}),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act(acting_user=user, period="2025-03", **given)
    assert periods_told()[0]["state"] == "open"


def stale() -> list[tuple[str, str]]:
    return [(mark.period, mark.what) for mark in stale_marks()]


def test_late_data_marks_runs_statements_and_later_documents(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-15,100.00,EUR,1,\n2026-02-15,50.00,EUR,1,\n")
    model(EVEN)
    run()
    assert stale() == []
    ledger(tmp_path, "2026-01-20,10.00,EUR,1,\n", source="late")
    assert stale() == [
        ("2026-01", "run"), ("2026-01", "statements"), ("2026-02", "later"),
    ]  # fmt: skip
    assert stale_marks()[0].sources == ("late",)
    told = told_to(Scope.all(), periods=["2026-02"])
    assert [mark.what for mark in told] == ["later"]
    [owner] = told_to(Scope.of_roots(["A"]))
    assert (owner.what, owner.sources, "late" in owner.detail) == ("statements", (), False)
    run()
    assert stale() == []


def test_allocation_has_its_lines(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-15,100.00,EUR,1,\n")
    model(EVEN)
    january = {c["key"]: c for c in period_told("2026-01", "main")["checks"]}
    assert january["allocation_run"]["state"] == "open"
    run()
    january = {c["key"]: c for c in period_told("2026-01", "main")["checks"]}
    assert (january["allocation_run"]["state"], january["statements_issued"]["detail"]) == (
        "done", "3 issued.",
    )  # fmt: skip
    assert january["unallocated_low"]["detail"] == "0.00 of 100.00 EUR; at most 1 %."
    ledger(tmp_path, "2026-01-15,120.00,EUR,1,\n")
    assert states("2026-01")["allocation_run"] == "open"
    model("name: None\nconsumers: [A]\nsteps: []\n")
    run()
    assert states("2026-01")["unallocated_low"] == "open"
    set_closing_rule(acting_user=None, check="unallocated_low", limit=Decimal(1))
    assert states("2026-01")["unallocated_low"] == "done"
    assert states("2026-01")["statements_issued"] == "not_used"
    assert close_period(acting_user=None, period="2026-01").changed
