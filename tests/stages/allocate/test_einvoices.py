"""E-invoices of issued documents: rules EI1-EI9 of docs/spec/einvoice.md, from act to file."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from facturx import get_xml_from_pdf
from pypdf import PdfReader
from tests.core.official_checks import complaints
from tests.stages.allocate.firm import MODEL, drivers, ledger, model, run

from bursar.allocate import errors
from bursar.allocate.actions.credit_statement import credit_statement
from bursar.allocate.actions.issue_statements import issue_statements
from bursar.allocate.actions.make_einvoice import make_einvoice
from bursar.allocate.einvoices import check_einvoices, may_be_invoiced
from bursar.allocate.models import EInvoice, IssuedDocument
from bursar.allocate.verification import check_runs
from bursar.core.einvoice.invoice import PartyIncomplete, SameParty
from bursar.core.einvoice.vat import BadVatRate, UnknownCategory
from bursar.core.refusal import InvariantBroken
from bursar.office.journal.models import Entry
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.office.people.scope import scope_of
from bursar.office.reference.entities import ensure_entity
from bursar.office.reference.parties import (
    agreement_on,
    agreements_of,
    consumers_of,
    entity_of_consumer,
    party_json,
)
from bursar.record.actions.set_agreement import Agreed, set_agreement
from bursar.record.actions.set_consumer_entity import set_consumer_entity
from bursar.record.actions.set_party import COUNTRIES, set_party
from bursar.record.errors import BadParty, UnknownConsumer, UnknownEntity
from bursar.report.documents.einvoice import einvoice_file
from bursar.report.documents.factur_x import marked
from bursar.report.documents.issued import issued_file
from bursar.report.errors import UnknownKind
from bursar.report.issued_documents import issued_document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

NEW_YEAR = date(2026, 1, 1)
CHARGED = MODEL.replace(
    "consumers: [Retail, Wholesale, Logistics]",
    "consumers: [{name: Retail, mode: chargeback}, {name: Wholesale, mode: chargeback}, Logistics]",
)
SELLER = {
    "legal_name": "Holding B.V.", "street": "Keizersgracht 1", "city": "Amsterdam",
    "postal_code": "1015 CJ", "country": "nl", "vat_id": "nl 1234.56789.B01",
}  # fmt: skip
BUYER = {
    "legal_name": "Laden GmbH", "street": "Domplatz 4", "city": "Köln", "postal_code": "50667",
    "country": "DE", "vat_id": "DE123456789",
}  # fmt: skip
NUMBER = "ST-main-2026-00001"


@pytest.fixture
def firm(home: Path, tmp_path: Path) -> Path:
    ledger(tmp_path, "2026-01-31,100.00,EUR,6500,\n2026-01-31,1.01,EUR,6500,R1\n")
    drivers(tmp_path, "orders,2026-01,,Retail,2\norders,2026-01,,Wholesale,1\n")
    model(CHARGED)
    run()
    issue_statements(period="2026-01", acting_user=None)
    ensure_entity("shop")
    return tmp_path


def agree(category: str = "S", rate: str = "21", day: date = NEW_YEAR, **more: object) -> None:
    terms = Agreed(category, Decimal(rate), **more)  # type: ignore[arg-type]
    set_agreement(acting_user=None, seller="main", buyer="shop", terms=terms, valid_from=day)


def parties() -> None:
    set_party(acting_user=None, code="main", fields=SELLER)
    set_party(acting_user=None, code="shop", fields=BUYER)
    set_consumer_entity(acting_user=None, consumer="Retail", code="shop", valid_from=NEW_YEAR)


def made(number: str = NUMBER) -> EInvoice:
    return make_einvoice(number=number, acting_user=None)


def written(number: str, kind: str) -> bytes:
    return einvoice_file(issued_document(scope_of(None), number), kind)


def test_from_nothing_to_an_invoice_every_refusal_says_the_next_step(firm: Path) -> None:
    """einvoice.buyer_unknown, einvoice.one_company, einvoice.no_agreement, einvoice.not_made."""
    document = IssuedDocument.objects.get(number=NUMBER)
    with pytest.raises(errors.BuyerUnknown, match='entity consumer CODE "Retail" --from 2026-01'):
        made()
    assert not may_be_invoiced(document)
    set_consumer_entity(acting_user=None, consumer="Retail", code="main", valid_from=NEW_YEAR)
    with pytest.raises(errors.OneCompany, match="inside one company"):
        made()
    set_consumer_entity(acting_user=None, consumer="Retail", code="shop", valid_from=NEW_YEAR)
    assert may_be_invoiced(document)
    with pytest.raises(errors.NoAgreement, match="entity agree main shop"):
        made()
    agree(day=date(2026, 2, 1))
    with pytest.raises(errors.NoAgreement, match="2026-01-31"):
        made()
    agree()
    set_party(acting_user=None, code="main", fields={**SELLER, "vat_id": ""})
    with pytest.raises(PartyIncomplete, match="vat_id of main; legal_name of shop; street of shop"):
        made()
    parties()
    with pytest.raises(errors.InvoiceNotMade, match="bursar issued einvoice"):
        written(NUMBER, "ubl")
    assert not EInvoice.objects.exists()
    content = made().content
    assert (content["net"], content["tax"], content["gross"]) == ("67.68", "14.21", "81.89")
    assert (content["seller"]["country"], content["seller"]["vat_id"]) == ("NL", "NL123456789B01")
    assert content["due_on"] == str(date.fromisoformat(content["issued_on"]) + timedelta(days=30))
    assert [event.act for event in document.events.all()] == ["issued", "invoiced"]
    assert Entry.objects.filter(act="allocate.make_einvoice", subject=NUMBER).count() == 1
    assert all(check.ok for check in check_runs())


def test_a_showback_and_a_stranger_get_no_invoice(firm: Path) -> None:
    IssuedDocument.objects.update(mode="showback")
    with pytest.raises(errors.InformsOnly, match="charges nothing"):
        made()
    owner = User.objects.create_user("o", "o@example.org", "a long one", role=Role.BUDGET_OWNER)
    with pytest.raises(NotAllowed):
        make_einvoice(number=NUMBER, acting_user=owner)


def test_it_says_for_good_what_it_said(firm: Path) -> None:
    """Rule EI8."""
    parties()
    agree()
    made()
    before = {kind: written(NUMBER, kind) for kind in ("ubl", "cii", "factur-x")}
    set_party(acting_user=None, code="shop", fields={"city": "Bonn"})
    agree(rate="9")
    made()
    assert {kind: written(NUMBER, kind) for kind in before} == before
    assert Entry.objects.filter(act="allocate.make_einvoice").count() == 1
    row = EInvoice.objects.get()
    EInvoice.objects.update(content={**row.content, "gross": "1"})
    assert "was altered" in check_einvoices().detail
    with pytest.raises(UnknownKind, match="ubl, cii, factur-x"):
        written(NUMBER, "edifact")


@pytest.mark.parametrize("category", ["S", "AE", "E"])
def test_invoice_and_credit_note_pass_the_official_rules(firm: Path, category: str) -> None:
    """Rules EI7 and EI9."""
    parties()
    agree(category, "21" if category == "S" else "0",
          exemption_reason="By law" if category == "E" else "")  # fmt: skip
    note = credit_statement(
        number=NUMBER, text="Too much", acting_user=None, amount=Decimal("7.68")
    )
    with pytest.raises(errors.InvoiceFirst, match=f"einvoice {NUMBER}"):
        made(note.number)
    assert not may_be_invoiced(note)
    made()
    agree("Z", "0")
    content = made(note.number).content
    assert content["net"] == "7.68"
    assert content["lines"][0]["vat_category"] == category
    assert content["preceding"]["number"] == NUMBER
    for number in (NUMBER, note.number):
        for kind in ("ubl", "cii"):
            assert complaints(written(number, kind), kind) == []
    assert check_einvoices().ok


def test_factur_x_is_the_pdf_with_the_same_invoice_inside(firm: Path) -> None:
    parties()
    agree()
    made()
    pdf = written(NUMBER, "factur-x")
    name, xml = get_xml_from_pdf(pdf)  # another tool finds it, and checks it against its schema
    assert (name, xml) == ("factur-x.xml", written(NUMBER, "cii"))
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    (attached,) = reader.trailer["/Root"]["/AF"]
    assert attached.get_object()["/AFRelationship"] == "/Alternative"
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    for part in (
        "<fx:ConformanceLevel>EN 16931<", "<fx:DocumentFileName>factur-x.xml<",
        "<fx:DocumentType>INVOICE<", "<fx:Version>1.0<", "<pdfaid:part>3<",
        "<pdfaid:conformance>B<", "<pdfuaid:part>1<",
        "<pdfaSchema:prefix>fx<", "<pdfaProperty:name>ConformanceLevel<",
    ):  # fmt: skip
        assert part in metadata
    shown = "\n".join(page.extract_text() for page in reader.pages)
    for text in ("Holding B.V.", "VAT DE123456789", "50667 Köln", "S, standard rate", "21 %",
                 "14.21", "81.89", "Within 30 days"):  # fmt: skip
        assert text in shown
    assert reader.xref  # the second table was read
    plain = issued_file(issued_document(scope_of(None), NUMBER), "pdf")
    assert b"factur-x" not in plain
    with pytest.raises(InvariantBroken):
        marked(plain[:-30])


def test_reference_data_is_dated_and_journaled(firm: Path) -> None:
    """Rules EI2 and EI5."""
    parties()
    agree()
    agree(rate="19", day=date(2026, 7, 1))
    agree(rate="20", day=date(2026, 7, 1))
    for day, rate in ((date(2026, 6, 30), "21"), (date(2026, 7, 1), "20")):
        found = agreement_on("main", "shop", day)
        assert found is not None
        assert found.vat_rate == rate
    assert agreement_on("shop", "main", date(2026, 7, 1)) is None
    assert [row["vat_rate"] for row in agreements_of("main")] == ["21", "20"]
    set_consumer_entity(acting_user=None, consumer="Retail", code="main",
                        valid_from=date(2026, 3, 1))  # fmt: skip
    assert entity_of_consumer("Retail", date(2026, 2, 28)) == "shop"
    assert entity_of_consumer("Retail", date(2026, 3, 1)) == "main"
    assert entity_of_consumer("Retail", date(2025, 12, 31)) is None
    assert consumers_of("shop") == [{"consumer": "Retail", "valid_from": "2026-01-01"}]
    entry = Entry.objects.filter(act="record.set_agreement").order_by("seq").last()
    assert entry is not None
    assert (entry.detail["before"]["vat_rate"], entry.detail["after"]["vat_rate"]) == ("19", "20")
    changes = Entry.objects.filter(act="record.set_party").count()
    set_party(acting_user=None, code="main", fields=SELLER)  # says nothing new
    assert Entry.objects.filter(act="record.set_party").count() == changes
    set_party(acting_user=None, code="main", fields={"street": ""})
    assert party_json("main")["street"] == ""
    assert party_json("main")["city"] == "Amsterdam"


def test_reference_data_that_cannot_be_is_refused(firm: Path) -> None:
    """einvoice.bad_party, record.unknown_consumer, record.unknown_entity."""
    for field, value in (
        ("country", "XX"), ("country", "Germany"), ("vat_id", "123456789"), ("vat_id", "DE1"),
        ("vat_id", "DE12345678901234567"), ("city", "x" * 101), ("phone", "1"),
    ):  # fmt: skip
        with pytest.raises(BadParty):
            set_party(acting_user=None, code="main", fields={field: value})
    with pytest.raises(UnknownEntity):
        set_party(acting_user=None, code="nobody", fields={"city": "Bonn"})
    with pytest.raises(UnknownConsumer):
        set_consumer_entity(acting_user=None, consumer="No", code="main", valid_from=NEW_YEAR)
    with pytest.raises(UnknownCategory):
        agree("X", "0")
    with pytest.raises(BadVatRate):
        agree("AE", "21")
    for days in (-1, 366):
        with pytest.raises(BadParty, match="0 to 365 days"):
            agree(payment_days=days)
    with pytest.raises(SameParty):
        set_agreement(acting_user=None, seller="main", buyer="main", terms=Agreed("Z"),
                      valid_from=NEW_YEAR)  # fmt: skip
    owner = User.objects.create_user("o", "o@example.org", "a long one", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        set_party(acting_user=owner, code="main", fields={"city": "Bonn"})
    with pytest.raises(NotAllowed):
        set_consumer_entity(acting_user=owner, consumer="Retail", code="main", valid_from=NEW_YEAR)
    with pytest.raises(NotAllowed):
        set_agreement(acting_user=owner, seller="main", buyer="shop", terms=Agreed("Z"),
                      valid_from=NEW_YEAR)  # fmt: skip


def test_the_countries_are_those_of_the_official_rules() -> None:
    from tests.core.official_checks import _FOLDER, _SCHEMATRON

    text = (_FOLDER / _SCHEMATRON["ubl"]).read_text(encoding="utf-8")
    lists = re.findall(r"' ((?:1A )?AD AE [A-Z0-9 ]+) '", text)
    assert lists
    for codes in lists:
        assert set(codes.split()) - {"1A", "EL", "XI"} == COUNTRIES
