"""The general ledger as control, and starting from a trial balance (rules E12, E16-E23)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.record.bills import bill
from tests.stages.record.firm_of_evidence import JANUARY, cost, record

from bursar.core.money.amount import EXACT, exact_text
from bursar.office.people.scope import Scope
from bursar.record.actions.confirm_match import confirm_match
from bursar.record.actions.learn_match_rule import learn_match_rule
from bursar.record.actions.link_evidence import link_evidence
from bursar.record.actions.load_control import load_control
from bursar.record.actions.set_account_scope import set_account_scope
from bursar.record.actions.sign_reconciliation import sign_reconciliation
from bursar.record.control.errors import BadAccountScope, NoControl, Unexplained
from bursar.record.control.queries import has_control, signed
from bursar.record.models import Batch, EvidenceGroup
from bursar.record.verification import checks
from bursar.report.coverage import coverage
from bursar.report.errors import BeyondScope
from bursar.report.reconciliation import Reconciliation, reconciled_periods, reconciliation

pytestmark = pytest.mark.django_db
ALL = Scope.all()
HEAD = "account,account name,period,debit,credit,currency\n"


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Each test has a lake of its own."""


def control(folder: Path, *rows: str) -> None:
    path = folder / "trial.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows))
    load_control(paths=[path], acting_user=None, source="sap")


def balance_as_cost(folder: Path, *rows: str) -> None:
    path = folder / "opening.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows))
    record(path, "trial balance", "trial-balance")


def payables(folder: Path, *rows: str, basis: str = "") -> None:
    path = folder / "payables.csv"
    path.write_text(
        "amount,currency,posting_date,gl_account,vendor,document_ref,basis\n"
        + "".join(f"{row},{basis}\n" for row in rows)
    )
    record(path, "payables")


def rows(found: Reconciliation) -> dict[str, tuple[str, list[str], str]]:
    """Account → difference, reasons, unexplained; what is explained adds up."""
    for one in found.accounts:
        explained = sum((a for _, a in one.explanations), Decimal(0))
        assert one.difference == EXACT.add(explained, one.unexplained)
    return {
        one.account: (
            exact_text(one.difference),
            [why for why, _ in one.explanations],
            exact_text(one.unexplained),
        )
        for one in found.accounts
    }


def test_control_is_never_cost(tmp_path: Path) -> None:
    """Rule E16."""
    control(tmp_path, "6810,Cloud,2026-01,100,,EUR")
    assert cost("booked") == 0
    assert [(b.kind, b.totals[0]["booked_cost"]) for b in Batch.objects.all()] == [
        ("control_balance", "100")
    ]
    assert has_control("2026-01")
    assert reconciled_periods(ALL) == ["2026-01"]
    assert [check.detail for check in checks() if not check.ok] == []


def test_each_account_is_compared_and_nothing_hides(tmp_path: Path) -> None:
    """Rules E20 and E21: what is missing on either side is a difference of its own."""
    payables(tmp_path, "60,EUR,2026-01-10,6810,A,1", "5,EUR,2026-01-11,6820,B,2",
             "3,EUR,2026-01-11,,C,3", basis="booked")  # fmt: skip
    control(tmp_path, "6810,Cloud,2026-01,100,,EUR", "6900,Other,2026-01,7,,EUR")
    found = reconciliation(ALL, period="2026-01")
    assert rows(found) == {
        "": ("-3", [], "-3"),
        "6810": ("40", [], "40"),
        "6820": ("-5", [], "-5"),
        "6900": ("7", [], "7"),
    }
    assert (found.totals[0].difference, found.totals[0].unexplained) == (39, 55)


def test_the_same_money_in_another_account_explains_both(tmp_path: Path) -> None:
    """Rule E22."""
    payables(tmp_path, "40,EUR,2026-01-10,6811,A,1", basis="booked")
    control(tmp_path, "6810,Cloud,2026-01,40,,EUR", "6811,More,2026-01,0,,EUR")
    assert rows(reconciliation(ALL, period="2026-01")) == {
        "6810": ("40", ["in account 6811"], "0"),
        "6811": ("-40", ["in account 6810"], "0"),
    }


def test_accounts_may_be_out_of_scope_and_cents_are_rounding(tmp_path: Path) -> None:
    """Rule E22."""
    payables(tmp_path, "40.001,EUR,2026-01-10,6811,A,1", basis="booked")
    control(tmp_path, "6811,More,2026-01,40,,EUR", "7010,Travel,2026-01,900,,EUR")
    set_account_scope(acting_user=None, pattern="7*", reason="not IT")
    found = reconciliation(ALL, period="2026-01")
    assert rows(found) == {
        "6811": ("-0.001", ["rounding below the minor unit"], "0"),
        "7010": ("900", ["not in scope: not IT"], "0"),
    }
    set_account_scope(acting_user=None, pattern="7*")
    assert rows(reconciliation(ALL, period="2026-01"))["7010"] == ("900", [], "900")
    with pytest.raises(BadAccountScope):
        set_account_scope(acting_user=None, pattern="7*1", reason="x")


def test_open_matches_and_detail_elsewhere_are_explanations(tmp_path: Path) -> None:
    """Rule E22: first counted twice, then counted under the cloud bill, which has no account."""
    balance_as_cost(tmp_path, "6810,Cloud,2026-01,10000,,EUR")
    payables(tmp_path, "8000,EUR,2026-01-31,6810,Acme,1")
    control(tmp_path, "6810,Cloud,2026-01,10000,,EUR")
    before = rows(reconciliation(ALL, period="2026-01", basis="effective"))
    assert before["6810"] == ("-8000", ["counted twice until matches are confirmed"], "0")
    group = EvidenceGroup.objects.get(state="proposed")
    confirm_match(acting_user=None, group_id=group.group_id)
    after = reconciliation(ALL, period="2026-01", basis="effective")
    assert rows(after)["6810"] == ("0", [], "0")
    assert after.accounts[0].residual == 2000
    assert rows(reconciliation(ALL, period="2026-01"))["6810"] == ("0", [], "0")


def test_a_cloud_bill_counts_in_place_of_the_account(tmp_path: Path) -> None:
    """Rules E12 and E22: linked by hand, the account keeps its residual alone."""
    balance_as_cost(tmp_path, "6810,Cloud,2026-01,10000,,EUR")
    line = {"BilledCost": "9990", "EffectiveCost": "9990", **JANUARY}
    record(bill(tmp_path / "focus.csv", [line]), "aws")
    control(tmp_path, "6810,Cloud,2026-01,10000,,EUR")
    link_evidence(
        acting_user=None,
        summary="source=trial balance,account=6810,period=2026-01",
        details=["source=aws,period=2026-01"],
    )
    assert cost("effective") == 10000
    found = reconciliation(ALL, period="2026-01", basis="effective")
    why = ["moved by matches between summary and detail"]
    assert rows(found) == {"": ("-9990", why, "0"), "6810": ("9990", why, "0")}


def test_detail_replaces_a_trial_balance_account_by_account(tmp_path: Path) -> None:
    """Rule E12: everything is in on the first day, and stays what it is."""
    balance_as_cost(tmp_path, "6810,Cloud,2026-01,10000,,EUR", "6820,Paper,2026-01,300,,EUR")
    assert (cost("booked"), cost("effective")) == (10300, 10300)
    payables(tmp_path, "8000,EUR,2026-01-31,6810,Acme,1")
    group = EvidenceGroup.objects.get()
    assert group.reasons == [
        "account 6810 in 2026-01: payables details EUR 8000 of 10000 (80.0 %); "
        "2000 stays as a residual"
    ]
    learn_match_rule(acting_user=None, group_id=group.group_id)
    assert (cost("booked"), cost("effective")) == (10300, 10300)
    found = coverage(ALL, period="2026-01")
    assert [(r.account, r.detail, r.summary, r.matched) for r in found.rows] == [
        ("6810", 8000, 2000, True),
        ("6820", 0, 300, False),
    ]
    payables(tmp_path, "8000,EUR,2026-01-31,6810,Acme,1", "1500,EUR,2026-01-31,6810,Zeta,2")
    assert cost("effective") == 10300
    assert coverage(ALL, period="2026-01").rows[0].summary == 500


def test_a_rule_details_the_same_account_next_month(tmp_path: Path) -> None:
    """Rules E7 and E12."""
    balance_as_cost(tmp_path, "6810,Cloud,2026-01,10000,,EUR", "6810,Cloud,2026-02,9000,,EUR")
    payables(tmp_path, "8000,EUR,2026-01-31,6810,Acme,1")
    learn_match_rule(acting_user=None, group_id=EvidenceGroup.objects.get().group_id)
    payables(tmp_path, "8000,EUR,2026-01-31,6810,Acme,1", "8500,EUR,2026-02-27,6810,Acme,2")
    assert EvidenceGroup.objects.get(period="2026-02").state == "confirmed"
    assert cost("effective", "2026-02") == 9000


def test_a_person_signs_and_a_change_shows(tmp_path: Path) -> None:
    """Rule E23: the closing checklist asks for it."""
    payables(tmp_path, "60,EUR,2026-01-10,6810,A,1", basis="booked")
    with pytest.raises(NoControl):
        sign_reconciliation(acting_user=None, period="2026-01", entity="main")
    control(tmp_path, "6810,Cloud,2026-01,100,,EUR")
    assert signed("2026-01", "main") is None
    with pytest.raises(Unexplained, match="EUR 40 of main in 2026-01"):
        sign_reconciliation(acting_user=None, period="2026-01", entity="main")
    sign_reconciliation(
        acting_user=None, period="2026-01", entity="main", comment="accrual of December"
    )
    now = signed("2026-01", "main")
    assert now is not None
    assert (now.comment, now.changed_since) == ("accrual of December", False)
    payables(tmp_path, "100,EUR,2026-01-10,6810,A,1", basis="booked")
    changed = signed("2026-01", "main")
    assert changed is not None
    assert changed.changed_since
    sign_reconciliation(acting_user=None, period="2026-01", entity="main")
    again = signed("2026-01", "main")
    assert again is not None
    assert (again.comment, again.changed_since) == ("", False)


def test_restricted_scopes_see_no_ledger() -> None:
    for report in (reconciliation, coverage):
        with pytest.raises(BeyondScope):
            report(Scope(), period="2026-01")  # type: ignore[operator]
    with pytest.raises(BeyondScope):
        reconciled_periods(Scope())
