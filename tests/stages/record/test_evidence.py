"""One obligation, several evidences: proposed with reasons, confirmed, counted once (E1-E13)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.record.firm_of_evidence import (
    FEBRUARY,
    cost,
    detail,
    invoice,
    ledger_line,
    three_evidences,
)

from bursar.office.journal.models import Entry
from bursar.record.actions.confirm_match import confirm_match
from bursar.record.actions.import_files import import_files
from bursar.record.actions.learn_match_rule import forget_match_rule, learn_match_rule
from bursar.record.actions.link_evidence import link_evidence
from bursar.record.actions.propose_matches import propose_matches
from bursar.record.actions.reject_match import reject_match
from bursar.record.actions.set_rate import set_rate
from bursar.record.actions.set_source_level import set_source_level
from bursar.record.actions.split_match import split_match
from bursar.record.evidence.errors import (
    BadMatch,
    BadSelector,
    CountedAlready,
    CurrenciesDiffer,
    UnknownGroup,
    UnknownMatchRule,
)
from bursar.record.ledger import open_ledger
from bursar.record.models import Batch, EvidenceGroup
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db
OTHERS = Decimal("75.00")  # what the payables hold besides


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Each test has a lake of its own."""


def derived() -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    """Descriptions and billed cost of what matches added."""
    found = open_ledger().lines.page(basis="billed", limit=1000).to_pylist()
    rows = [r for r in found if r["source"] == "matches"]
    return sorted(
        (r["evidence_group"], r["charge_description"], r["billed_cost"], r["booked_cost"])
        for r in rows
    )


def test_three_evidences_are_proposed_as_one_with_reasons(tmp_path: Path) -> None:
    """Rules E1-E4: ledger line, invoice and detail hang together, and it says why."""
    group = three_evidences(tmp_path)
    assert [(m.level, m.source, m.amount) for m in group.members.all()] == [
        ("ledger", "general ledger", "10000"),
        ("invoice", "payables", "10000"),
        ("detail", "aws", "9990"),
    ]
    said = " | ".join(group.reasons)
    assert "both name document INV-1" in said
    assert "EUR 10000.00 against EUR 9990.00: EUR 10.00 (0.10 %) is not explained" in said
    assert "the amount is equal: EUR 10000.00" in said
    assert "'Amazon Web Services EMEA SARL' resembles 'AWS'" in said


def test_before_it_is_confirmed_nothing_is_netted(tmp_path: Path) -> None:
    """Rule E6: a proposal changes no figure."""
    three_evidences(tmp_path)
    assert cost("billed") == Decimal("19990.00") + OTHERS
    assert derived() == []


def test_a_confirmed_group_counts_once_with_a_visible_residual(tmp_path: Path) -> None:
    """Rules E8 and E9: 10,000.00 once on billed, effective and booked, with 10.00 unexplained."""
    group = confirm_match(acting_user=None, group_id=three_evidences(tmp_path).group_id)
    assert cost("billed") == Decimal("10000.00") + OTHERS
    assert cost("effective") == Decimal("10000.00") + OTHERS
    assert cost("booked") == Decimal("10500.00")  # the ledger alone states what it booked
    assert [(d[0], d[2]) for d in derived()] == [
        (group.group_id, Decimal("-10000.00")),
        (group.group_id, Decimal("10.00")),
    ]
    residual = derived()[1][1]
    assert residual == "Not explained by aws (AWS · INV-1 · 2026-01). Cloud"
    assert cost("billed", source="matches", gl_account="6810", cost_center="IT-100") == -9990
    assert [check.detail for check in checks() if not check.ok] == []


def test_every_source_still_equals_its_control_totals(tmp_path: Path) -> None:
    """Rule E8: netting never changes the batches that it starts from."""
    group = three_evidences(tmp_path)
    before = list(Batch.objects.values_list("batch_id", "totals").order_by("batch_id"))
    confirm_match(acting_user=None, group_id=group.group_id)
    own = Batch.objects.filter(superseded_at__isnull=True).exclude(source__name="matches")
    assert list(own.values_list("batch_id", "totals").order_by("batch_id")) == before


def test_restated_detail_moves_the_residual_by_itself(tmp_path: Path) -> None:
    """Rule E5: membership survives a restatement, and what is unexplained follows it."""
    confirm_match(acting_user=None, group_id=three_evidences(tmp_path).group_id)
    detail(tmp_path, "9000.00", "980.00")
    assert [d[2] for d in derived()] == [Decimal("-10000.00"), Decimal("20.00")]
    assert cost("billed") == Decimal("10000.00") + OTHERS


def test_detail_that_exceeds_the_summary_leaves_a_negative_residual(tmp_path: Path) -> None:
    """Rule E9: never clamped."""
    confirm_match(acting_user=None, group_id=three_evidences(tmp_path).group_id)
    detail(tmp_path, "9000.00", "1005.50")
    assert [d[2] for d in derived()] == [Decimal("-10000.00"), Decimal("-5.50")]
    assert cost("billed") == Decimal("10000.00") + OTHERS


def test_withdrawn_detail_lets_the_summary_count_again(tmp_path: Path) -> None:
    """Rule E8: a group whose detail is gone reverses nothing."""
    from bursar.record.actions.undo_import import undo_import

    ledger_line(tmp_path)
    invoice(tmp_path)
    bill = detail(tmp_path, "9990.00")
    group = EvidenceGroup.objects.get(state="proposed")
    confirm_match(acting_user=None, group_id=group.group_id)
    undo_import(acting_user=None, import_token=bill.import_token, reason="wrong file")
    assert cost("billed") == Decimal("10000.00") + OTHERS
    assert derived() == []


def test_undoing_a_match_restores_what_was(tmp_path: Path) -> None:
    """Rule E6: and a new search does not bring the match back."""
    group = confirm_match(acting_user=None, group_id=three_evidences(tmp_path).group_id)
    reject_match(acting_user=None, group_id=group.group_id, comment="another contract")
    assert derived() == []
    assert cost("billed") == Decimal("19990.00") + OTHERS
    propose_matches(acting_user=None)
    assert [g.state for g in EvidenceGroup.objects.all()] == ["rejected"]
    acts = Entry.objects.filter(act__startswith="evidence.").values_list("act", flat=True)
    assert {"evidence.confirm_match", "evidence.reject_match", "evidence.net"} <= set(acts)


def test_a_learned_rule_confirms_the_next_month_by_itself(tmp_path: Path) -> None:
    """Rule E7: journalled, and shown as automatic."""
    learn_match_rule(acting_user=None, group_id=three_evidences(tmp_path).group_id)
    ledger_line(tmp_path, "8000.00", "2026-02")
    invoice(tmp_path, "8000.00", "2026-02")
    detail(tmp_path, "7999.00", month=FEBRUARY)
    # Each file was matched as it came: the invoice with the ledger, the detail with the invoice.
    groups = list(EvidenceGroup.objects.filter(period="2026-02"))
    assert [(g.state, g.rule is not None) for g in groups] == [("confirmed", True)] * 2
    assert all(g.decided_by.startswith("rule ") for g in groups)
    assert cost("billed", "2026-02") == Decimal("8000.00") + OTHERS
    entries = Entry.objects.filter(act="evidence.confirm_by_rule")
    assert {e.subject for e in entries} == {g.group_id for g in groups}


def test_a_forgotten_rule_confirms_nothing(tmp_path: Path) -> None:
    rules = learn_match_rule(acting_user=None, group_id=three_evidences(tmp_path).group_id)
    for rule in rules:
        forget_match_rule(acting_user=None, name=rule.name)
    invoice(tmp_path, "8000.00", "2026-02")
    detail(tmp_path, "8000.00", month=FEBRUARY)
    assert EvidenceGroup.objects.get(period="2026-02").state == "proposed"
    with pytest.raises(UnknownMatchRule):
        forget_match_rule(acting_user=None, name=rules[0].name)


def test_what_is_far_from_the_rule_waits_for_a_person(tmp_path: Path) -> None:
    """Rule E7: the tolerance of a rule is not stretched, even where documents agree."""
    learn_match_rule(acting_user=None, group_id=three_evidences(tmp_path).group_id)
    invoice(tmp_path, "8000.00", "2026-02")
    detail(tmp_path, "7000.00", month=FEBRUARY)
    assert EvidenceGroup.objects.get(period="2026-02").state == "proposed"


def test_evidence_is_matched_by_hand(tmp_path: Path) -> None:
    """Rule E13: selectors of a person, for what no search finds."""
    ledger_line(tmp_path)
    invoice(tmp_path)
    detail(tmp_path, "70.00")
    group = link_evidence(
        acting_user=None,
        summary="source=payables,document=PP-3",
        details=["source=aws,billing_period_start=2026-01-01"],
    )
    assert group.by_hand
    assert cost("billed") == Decimal("10000.00") + OTHERS
    assert [d[2] for d in derived()] == [Decimal("-75.00"), Decimal("5.00")]
    with pytest.raises(CountedAlready):
        link_evidence(
            acting_user=None,
            summary="source=payables,account=6820",
            details=["source=aws,invoice_id=INV-1"],
        )


def test_a_match_needs_lines_of_two_levels(tmp_path: Path) -> None:
    three_evidences(tmp_path)
    with pytest.raises(BadSelector):
        link_evidence(acting_user=None, summary="payables", details=["source=aws"])
    with pytest.raises(BadSelector):
        link_evidence(acting_user=None, summary="document=1", details=["source=aws"])
    with pytest.raises(BadSelector):
        link_evidence(
            acting_user=None, summary="source=aws,billing_period_start=May", details=["source=aws"]
        )
    with pytest.raises(BadMatch, match="No line in force"):
        link_evidence(
            acting_user=None, summary="source=payables,document=none", details=["source=aws"]
        )
    with pytest.raises(BadMatch, match="no more detailed"):
        link_evidence(acting_user=None, summary="source=aws", details=["source=payables"])
    with pytest.raises(BadMatch, match="Say what details"):
        link_evidence(acting_user=None, summary="source=payables", details=[])
    with pytest.raises(UnknownGroup):
        confirm_match(acting_user=None, group_id="e0")


def test_a_person_says_what_a_source_is(tmp_path: Path) -> None:
    """Rule E1: payables that are really a ledger extract become a summary of invoices."""
    invoice(tmp_path)
    set_source_level(acting_user=None, source="payables", level="ledger")
    detail(tmp_path, "10000.00")
    levels = [m.level for m in EvidenceGroup.objects.get().members.all()]
    assert levels == ["ledger", "detail"]
    with pytest.raises(BadMatch, match="no level"):
        set_source_level(acting_user=None, source="payables", level="guess")
    with pytest.raises(BadMatch, match="no source"):
        set_source_level(acting_user=None, source="nowhere", level="ledger")


def test_a_member_leaves_a_match(tmp_path: Path) -> None:
    """Rule E6: what leaves is unmatched again, and figures follow."""
    group = confirm_match(acting_user=None, group_id=three_evidences(tmp_path).group_id)
    split_match(acting_user=None, group_id=group.group_id, members=[3])
    assert derived() == []
    assert cost("billed") == Decimal("19990.00") + OTHERS
    with pytest.raises(BadMatch, match="numbers"):
        split_match(acting_user=None, group_id=group.group_id, members=[9])


def test_two_currencies_are_not_netted(tmp_path: Path) -> None:
    """Rule E2: what is not explained would have no exact amount."""
    path = tmp_path / "usd.csv"
    path.write_text("amount,currency,posting_date,vendor\n9.00,USD,2026-01-31,AWS\n")
    import_files(paths=[path], acting_user=None, source="usd")
    detail(tmp_path, "9.00")
    with pytest.raises(CurrenciesDiffer):
        link_evidence(acting_user=None, summary="source=usd", details=["source=aws"])


def test_a_bill_in_another_currency_is_proposed_at_the_rate(tmp_path: Path) -> None:
    """Rule E24: never automatic, and the difference of rates stays visible."""
    path = tmp_path / "payables.csv"
    path.write_text(
        "amount,currency,posting_date,vendor,document_ref,gl_account\n"
        "9210.00,EUR,2026-01-31,Amazon Web Services EMEA SARL,INV-1,6810\n"
    )
    import_files(paths=[path], acting_user=None, source="payables")
    detail(tmp_path, "10000.00", BillingCurrency="USD")
    assert not EvidenceGroup.objects.exists()  # no rate is known, so nothing is guessed
    day, rate = date(2026, 1, 31), Decimal("0.92")
    set_rate(acting_user=None, kind="closing", source="USD", target="EUR", rate=rate, day=day)
    propose_matches(acting_user=None)
    group = EvidenceGroup.objects.get()
    assert "at the closing rate 0.92 of 2026-01-31 is EUR 9200" in " ".join(group.reasons)
    learn_match_rule(acting_user=None, group_id=group.group_id)
    assert [(d[2]) for d in derived()] == [Decimal("-9210.00"), Decimal("10.00")]
    assert "at 0.92 EUR for 1 USD" in derived()[1][1]
    invoice(tmp_path, "9200.00", "2026-02")
    detail(tmp_path, "10000.00", month=FEBRUARY, BillingCurrency="USD")
    assert "confirmed" not in EvidenceGroup.objects.filter(period="2026-02").values_list("state")
