"""Issued documents: rules ST1-ST9 of docs/spec/statements.md."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from tests.stages.allocate.firm import MODEL, drivers, ledger, model, run

from bursar.allocate import errors
from bursar.allocate.actions.accept_statement import accept_statement
from bursar.allocate.actions.answer_dispute import answer_dispute
from bursar.allocate.actions.credit_statement import credit_statement
from bursar.allocate.actions.dispute_statement import dispute_statement
from bursar.allocate.actions.issue_statements import issue_statements
from bursar.allocate.actions.resolve_dispute import resolve_dispute
from bursar.allocate.actions.settle_statement import settle_statement
from bursar.allocate.document_queries import check_documents, documents
from bursar.allocate.models import IssuedDocument, Statement
from bursar.allocate.numbering import content_hash, still_charged
from bursar.allocate.verification import check_runs
from bursar.office.journal.models import Entry
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import ConsumerGrant, Role, User
from bursar.office.people.scope import scope_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

CHARGED = MODEL.replace(
    "consumers: [Retail, Wholesale, Logistics]",
    "consumers: [{name: Retail, mode: chargeback}, Wholesale, Logistics]",
)
LEDGER = "2026-01-31,100.00,EUR,6500,\n2026-01-31,1.01,EUR,6500,R1\n2026-02-28,60.00,EUR,6500,\n"
ORDERS = "orders,{0},,Retail,2\norders,{0},,Wholesale,1\n"


@pytest.fixture
def firm(home: Path, tmp_path: Path) -> Path:
    ledger(tmp_path, LEDGER)
    drivers(tmp_path, ORDERS.format("2026-01") + ORDERS.format("2026-02"))
    model(CHARGED)
    run()
    return tmp_path


def person(name: str, role: str, *consumers: str) -> User:
    user = User.objects.create_user(name, f"{name}@example.org", "a long password", role=role)
    for consumer in consumers:
        ConsumerGrant.objects.create(user=user, consumer=consumer)
    return user


def issued(period: str = "2026-01", **how: object) -> dict[str, IssuedDocument]:
    return {d.consumer: d for d in issue_statements(period=period, acting_user=None, **how)}


def test_st1_st2_issuing_freezes_what_is_said_and_numbers_it(firm: Path) -> None:
    found = issued()
    assert [(d.number, d.amount, d.mode) for _, d in sorted(found.items())] == [
        ("ST-main-2026-00001", "67.68", "chargeback"),
        ("ST-main-2026-00002", "33.33", "showback"),
    ]
    retail = found["Retail"]
    assert retail.content["lines"][0] == {
        "line": 1, "solution": "Webshop", "tower": "Compute / Servers",
        "cost_pool": "Cloud Services / Cloud Service Provider", "amount": "67.68",
    }  # fmt: skip
    assert content_hash(retail.content) == retail.sha256
    drivers(
        firm, "orders,2026-01,,Retail,1\norders,2026-01,,Wholesale,1\n" + ORDERS.format("2026-02")
    )
    run()
    assert (
        Statement.objects.filter(
            consumer="Retail", period="2026-01", run_period__superseded_at__isnull=True
        )
        .get()
        .document_total
        == "51.01"
    )
    retail.refresh_from_db()
    assert (retail.amount, content_hash(retail.content)) == ("67.68", retail.sha256)
    assert all(check.ok for check in check_runs())


def test_st1_what_is_altered_and_what_is_missing_is_told(firm: Path) -> None:
    found = issued()
    assert check_documents().ok
    IssuedDocument.objects.filter(pk=found["Retail"].pk).update(amount="1.00")
    assert "ST-main-2026-00001 was altered" in check_documents().detail
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM allocate_documentevent")
        cursor.execute("DELETE FROM allocate_issueddocument WHERE sequence = 1")
    assert "a number is missing" in check_documents().detail


def test_st3_a_second_issue_needs_a_credit_and_a_bulk_issue_takes_what_is_left(firm: Path) -> None:
    issued(consumers=["Retail"])
    with pytest.raises(errors.AlreadyIssued, match="Retail was given a statement for 2026-01"):
        issued(consumers=["Retail"])
    assert set(issued()) == {"Wholesale"}
    with pytest.raises(errors.NothingToIssue, match="each is issued already"):
        issued()
    with pytest.raises(errors.NothingToIssue, match="Run the period first"):
        issued("2026-07")
    credit_statement(number="ST-main-2026-00001", text="Wrong orders", acting_user=None)
    again = issued(consumers=["Retail"])["Retail"]
    assert again.number == "ST-main-2026-00004"
    numbers = IssuedDocument.objects.order_by("sequence").values_list("number", flat=True)
    assert [n.split("-")[0] for n in numbers] == ["ST", "ST", "CN", "ST"]
    assert check_documents().ok


def test_st4_stale_figures_are_not_issued(firm: Path) -> None:
    ledger(firm, LEDGER + "2026-01-31,9.99,EUR,6500,\n")
    with pytest.raises(errors.StatementStale, match="older than its data"):
        issued()
    assert not IssuedDocument.objects.exists()


def test_st5_accepted_settled_and_a_showback_is_never_settled(firm: Path) -> None:
    issued()
    with pytest.raises(errors.NotToAnswer, match="is issued, and only what is accepted"):
        settle_statement(number="ST-main-2026-00001", acting_user=None)
    for number in ("ST-main-2026-00001", "ST-main-2026-00002"):
        accept_statement(number=number, acting_user=None)
    with pytest.raises(errors.NotToAnswer, match="is accepted, and only what is issued"):
        accept_statement(number="ST-main-2026-00001", acting_user=None)
    settled = settle_statement(number="ST-main-2026-00001", acting_user=None, text="Paid")
    assert [e.act for e in settled.events.all()] == ["issued", "accepted", "settled"]
    with pytest.raises(errors.ShowbackNotSettled):
        settle_statement(number="ST-main-2026-00002", acting_user=None)
    with pytest.raises(errors.StatementSettled, match="cannot be disputed any more"):
        dispute_statement(number="ST-main-2026-00001", text="Too late", acting_user=None)
    assert Entry.objects.filter(act="allocate.settle_statement").count() == 1


def test_st6_a_dispute_has_a_thread_a_deadline_and_a_second_person(firm: Path) -> None:
    issued()
    owner = person("owner", Role.BUDGET_OWNER, "Retail")
    finance = person("finance", Role.IT_FINANCE)
    number = "ST-main-2026-00001"
    with pytest.raises(errors.TextMissing):
        dispute_statement(number=number, text="  ", acting_user=owner)
    with pytest.raises(errors.NoSuchLine, match="lines 1 to 1"):
        dispute_statement(number=number, text="Line?", lines=[2], acting_user=owner)
    with pytest.raises(errors.NotToAnswer):
        answer_dispute(number=number, text="Hello", acting_user=owner)
    dispute_statement(number=number, text="We left in January", lines=[1], acting_user=owner)
    answer_dispute(number=number, text="Since which day?", acting_user=finance)
    with pytest.raises(NotAllowed):
        resolve_dispute(number=number, text="Ours", acting_user=owner)
    done = resolve_dispute(number=number, text="Half", acting_user=finance, amount=Decimal("30.00"),
                           line=1)  # fmt: skip
    assert done.standing == "accepted"
    assert [(e.by, e.act) for e in done.events.all()] == [
        ("system", "issued"), ("owner", "disputed"), ("finance", "said"), ("finance", "credited"),
        ("finance", "resolved"),
    ]  # fmt: skip
    last = done.events.last()
    assert last is not None
    assert last.detail == {"outcome": "credited", "amount": "30",
                           "credit_note": "CN-main-2026-00003"}  # fmt: skip
    assert still_charged(done) == Decimal("37.68")
    dispute_statement(number=number, text="Still too much", acting_user=finance)
    with pytest.raises(errors.SecondPersonNeeded, match="finance disputed"):
        resolve_dispute(number=number, text="I agree with myself", acting_user=finance)
    assert resolve_dispute(number=number, text="No", acting_user=None).standing == "accepted"
    IssuedDocument.objects.update(answer_by=timezone.now().date() - timedelta(days=1))
    with pytest.raises(errors.DeadlinePassed):
        dispute_statement(number=number, text="Once more", acting_user=owner)


def test_st7_credit_notes_take_back_what_is_still_charged_and_no_more(firm: Path) -> None:
    ledger(firm, "2026-03-31,10.00,EUR,6500,\n2026-03-31,20.00,EUR,9999,R1\n")
    drivers(firm, ORDERS.format("2026-03"), source="march")
    run()
    number = issued("2026-03")["Retail"].number
    lines = IssuedDocument.objects.get(number=number).content["lines"]
    assert [line["amount"] for line in lines] == ["20", "6.66"]
    with pytest.raises(errors.TextMissing):
        credit_statement(number=number, text="", acting_user=None)
    for amount in ("26.68", "0", "-1", "0.001"):
        with pytest.raises(errors.CreditTooLarge):
            credit_statement(number=number, text="x", acting_user=None, amount=Decimal(amount))
    note = credit_statement(number=number, text="A tenth", acting_user=None, amount=Decimal("2.67"))
    # 2.67 by 20.00 and 6.66 is 2.0030 and 0.6670.
    assert [(line["line"], line["amount"]) for line in note.content["lines"]] == [
        (1, "-2"), (2, "-0.67"),
    ]  # fmt: skip
    assert note.content["credits"] == number
    with pytest.raises(errors.NotToAnswer, match="is a credit note"):
        accept_statement(number=note.number, acting_user=None)
    with pytest.raises(errors.CreditTooLarge, match="charges 18 EUR on line 1"):
        credit_statement(number=number, text="x", acting_user=None, amount=Decimal(19), line=1)
    credit_statement(number=number, text="Line 1", acting_user=None, line=1)
    rest = credit_statement(number=number, text="The rest", acting_user=None)
    assert rest.amount == "-5.99"
    document = IssuedDocument.objects.get(number=number)
    assert (document.standing, still_charged(document)) == ("credited", 0)
    with pytest.raises(errors.NotToAnswer, match="is credited"):
        credit_statement(number=number, text="Again", acting_user=None)


def test_st9_an_owner_sees_and_answers_only_her_own(firm: Path) -> None:
    issued()
    owner = person("owner", Role.BUDGET_OWNER, "Wholesale")
    assert [d.consumer for d in documents(scope_of(owner))] == ["Wholesale"]
    with pytest.raises(errors.NoDocument):
        accept_statement(number="ST-main-2026-00001", acting_user=owner)
    assert accept_statement(number="ST-main-2026-00002", acting_user=owner).standing == "accepted"
    with pytest.raises(NotAllowed):
        issue_statements(period="2026-02", acting_user=owner)
    auditor = person("auditor", Role.AUDITOR)
    assert documents(scope_of(auditor)).count() == 2
    with pytest.raises(NotAllowed):
        dispute_statement(number="ST-main-2026-00001", text="Hm", acting_user=auditor)
