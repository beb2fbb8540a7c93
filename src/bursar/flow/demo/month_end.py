"""What people at Tammera Home did with the month: matched, entered, split, compared and closed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from bursar.allocate.actions.accept_statement import accept_statement
from bursar.allocate.actions.dispute_statement import dispute_statement
from bursar.allocate.actions.issue_statements import issue_statements
from bursar.allocate.actions.save_draft import save_draft
from bursar.flow.actions.close_period import close_period
from bursar.flow.actions.set_closing_rule import set_closing_rule
from bursar.flow.demo.books import BASIS, COMPARED, write_balances
from bursar.flow.demo.cluster import CLUSTER, MEASURED, write_usage
from bursar.flow.demo.company import CURRENCY, MONTHS
from bursar.flow.demo.files import MODEL_FILE
from bursar.office.people.models import User
from bursar.office.reference.entities import default_entity
from bursar.record.actions.enter_document import enter_document
from bursar.record.actions.import_files import import_files
from bursar.record.actions.learn_match_rule import learn_match_rule
from bursar.record.actions.load_control import load_control
from bursar.record.actions.propose_matches import propose_matches
from bursar.record.actions.set_cluster import ClusterChange, set_cluster
from bursar.record.actions.sign_reconciliation import sign_reconciliation
from bursar.record.documents.draft import Draft, DraftLine
from bursar.record.models import EvidenceGroup

CLOSED = MONTHS[:12]
"""Months that are closed; the second year is still open."""
_SURE = 80


def match_invoices() -> None:
    """The first month's matches are confirmed by a person; the others follow her rules."""
    propose_matches(acting_user=None)
    for match in EvidenceGroup.objects.filter(period=MONTHS[0].code, score__gte=_SURE):
        learn_match_rule(acting_user=None, group_id=match.group_id)
    propose_matches(acting_user=None)


def split_cluster(folder: Path) -> None:
    """The webshop's cluster goes to its namespaces; what is idle stays to be seen."""
    files = [write_usage(month, folder / CLUSTER) for month in MEASURED]
    import_files(paths=files, acting_user=None, source=CLUSTER)
    set_cluster(acting_user=None, name=CLUSTER, change=ClusterChange(active=True))


def enter_documents() -> None:
    """An accrual for work without an invoice yet, and a cost that was on the wrong account."""
    finance = User.objects.filter(username="finance").first()
    last = MONTHS[-1]
    work = DraftLine(
        Decimal("18400.00"), gl_account="6210", cost_center="4120",
        vendor="Bergstein Consulting GmbH", description="Advice on ERP processes, not invoiced yet",
    )  # fmt: skip
    enter_document(
        acting_user=finance,
        draft=Draft("accrual", date(2026, 10, 30), CURRENCY, "Consulting of October", [work],
                    period=last.code),
    )  # fmt: skip
    moved = [
        DraftLine(Decimal("-2150.00"), gl_account="6990", description="Card payments"),
        DraftLine(Decimal("2150.00"), gl_account="6310", cost_center="4110", vendor="GitHub",
                  description="Source code, paid by card"),
    ]  # fmt: skip
    enter_document(
        acting_user=finance,
        draft=Draft("reclassification", date(2026, 10, 30), CURRENCY,
                    "Card payments were licences", moved, period=last.code),
    )  # fmt: skip


def compare_with_books(folder: Path) -> None:
    """September agrees and is signed; October differs, and nobody has said why."""
    for month in COMPARED:
        path = write_balances(month, folder / f"general-ledger-{month.code}.csv")
        load_control(paths=[path], acting_user=None, source="general ledger")
    agreed = COMPARED[0].code
    entity = default_entity().code
    sign_reconciliation(
        acting_user=User.objects.filter(username="finance").first(),
        period=agreed, entity=entity, basis=BASIS,
        comment="Differences are cents of cloud invoices.",
    )  # fmt: skip


def close_first_year() -> None:
    """Every check of the first year is done; its figures stand."""
    set_closing_rule(
        acting_user=None, check="unallocated_low", owner="finance", limit=Decimal("0.03")
    )
    for month in CLOSED:
        close_period(acting_user=None, period=month.code)


def propose_a_model() -> None:
    """What finance would change of the model; somebody else has yet to look at it."""
    now = MODEL_FILE.read_text(encoding="utf-8")
    plants = ("Plant Turku: 16", "Plant Porto: 14"), ("Plant Turku: 14", "Plant Porto: 16")
    text = now
    for before, after in zip(*plants, strict=True):
        text = text.replace(before, after, 1)
    save_draft(
        text=text,
        from_period=MONTHS[-1].code,
        comment="Porto took over the planning of both plants.",
        acting_user=User.objects.filter(username="finance").first(),
    )


def give_statements() -> None:
    """One month is issued and accepted; of the next one, Stores disputes those of Benelux."""
    finance = User.objects.filter(username="finance").first()
    owner = User.objects.filter(username="stores").first()
    accepted, waiting = (month.code for month in MONTHS[-3:-1])
    for document in issue_statements(period=accepted, acting_user=finance):
        accept_statement(number=document.number, acting_user=None)
    for document in issue_statements(period=waiting, acting_user=finance):
        if document.consumer == "Stores Benelux":
            dispute_statement(
                number=document.number,
                text="Two of our shops closed last month. Are their tills still in here?",
                lines=[1],
                acting_user=owner,
            )
