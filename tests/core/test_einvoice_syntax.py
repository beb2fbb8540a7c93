"""E-invoices before the official schemas and Schematron: rules EI5-EI9 of docs/spec/einvoice.md."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.invoices import EVERY_VAT, SELLER, an_invoice, lines_of
from tests.core.official_checks import against_rules, against_schema, complaints

from bursar.core.einvoice.cii import cii_xml
from bursar.core.einvoice.frozen import invoice_json, invoice_of
from bursar.core.einvoice.invoice import Kind, Line, checked
from bursar.core.einvoice.ubl import ubl_xml
from bursar.core.einvoice.vat import agreed_vat

WRITERS = {"ubl": ubl_xml, "cii": cii_xml}
KINDS = [Kind.INVOICE, Kind.CREDIT_NOTE]
cents = st.integers(-(10**9), 10**9).map(lambda units: Decimal(units).scaleb(-2))
rates = st.integers(50, 3000).map(lambda units: agreed_vat("S", Decimal(units).scaleb(-2)))
taxed = st.one_of(rates, st.sampled_from([v for c, v in EVERY_VAT.items() if c not in "O"]))


@pytest.fixture(params=sorted(WRITERS))
def syntax(request):
    return request.param


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("category", sorted(EVERY_VAT))
def test_every_category_passes_as_invoice_and_as_credit_note(syntax, category, kind):
    made = an_invoice(lines_of("100.00", "33.33", "-0.01", vat=EVERY_VAT[category]), kind=kind)
    assert complaints(WRITERS[syntax](checked(made)), syntax) == []


@pytest.mark.parametrize("currency", ["JPY", "USD"])
def test_currencies_have_their_own_digits(syntax, currency):
    made = WRITERS[syntax](checked(an_invoice(lines_of("1200", "35"), currency=currency)))
    assert complaints(made, syntax) == []
    assert (b">1200<" in made) is (currency == "JPY")
    assert (b">1200.00<" in made) is (currency == "USD")


def test_nothing_but_negative_and_zero_lines_pass(syntax):
    for amounts in (("-5.00", "-0.03"), ("0", "0.00"), ("10.00", "-10.00")):
        assert complaints(WRITERS[syntax](checked(an_invoice(lines_of(*amounts)))), syntax) == []


@settings(max_examples=20)
@given(st.lists(st.tuples(cents, taxed), min_size=1, max_size=8), st.sampled_from(KINDS))
def test_any_lines_pass_the_official_rules(parts, kind):
    lines = tuple(
        Line(str(number), f"Line {number}", amount, vat)
        for number, (amount, vat) in enumerate(parts, start=1)
    )
    made = checked(an_invoice(lines, kind=kind))
    for syntax, write in WRITERS.items():
        assert complaints(write(made), syntax) == []


PLANTED = [
    ("ubl", r'(PayableAmount currencyID="EUR">)121.00', r"\g<1>121.01", "BR-CO-16"),
    ("ubl", r'(TaxInclusiveAmount currencyID="EUR">)121.00', r"\g<1>120.00", "BR-CO-15"),
    ("ubl", r"(<cac:LegalMonetaryTotal>\s*<cbc:Line\w+ .+?>)100.00", r"\g<1>100.10", "BR-CO-10"),
    ("ubl", r">NL(123456789B01<)", r">\g<1>", "BR-CO-09"),
    ("ubl", r"(Percent>)21<", r"\g<1>0<", "BR-S-05"),
    ("ubl", r'unitCode="C62"', r'unitCode="one"', "BR-CL-23"),
    ("ubl", r"(IdentificationCode>)DE<", r"\g<1>XQ<", "BR-CL-14"),
    ("cii", r"(DuePayableAmount>)121.00", r"\g<1>121.01", "BR-CO-16"),
    ("cii", r"(GrandTotalAmount>)121.00", r"\g<1>120.00", "BR-CO-15"),
    ("cii", r"(LineTotalAmount>)100.00", r"\g<1>100.10", "BR-CO-10"),
    ("cii", r">NL(123456789B01<)", r">\g<1>", "BR-CO-09"),
    ("cii", r"(Percent>)21<", r"\g<1>0<", "BR-S-05"),
]


@pytest.mark.parametrize(("syntax", "right", "wrong", "rule"), PLANTED)
def test_the_official_rules_do_find_planted_errors(syntax, right, wrong, rule):
    made = WRITERS[syntax](an_invoice(lines_of("60.00", "40.00"))).decode()
    assert against_rules(made.encode(), syntax) == []
    planted, times = re.subn(right, wrong, made)
    assert times
    found = against_rules(planted.encode(), syntax)
    assert any(rule in each for each in found), found


def test_the_schemas_do_find_planted_errors(syntax):
    made = WRITERS[syntax](an_invoice(lines_of("60.00"))).decode()
    moved = made.replace("CityName>", "Town>")
    assert against_schema(moved.encode(), syntax) != []


def test_lines_below_zero_have_a_price_above_it():
    """Rule EI6."""
    line = lines_of("-12.50")[0]
    assert (line.quantity, line.price) == (-1, Decimal("12.50"))
    assert b'unitCode="C62">-1<' in ubl_xml(an_invoice((line,)))


def test_a_credit_note_names_what_it_credits():
    """Rule EI7."""
    note = an_invoice(lines_of("10.00"), kind=Kind.CREDIT_NOTE)
    assert b"CreditNoteTypeCode>381<" in ubl_xml(note)
    assert b"IssuerAssignedID>ST-nl01-2026-00001<" in cii_xml(note)
    assert b"InvoiceDocumentReference" in ubl_xml(note)


def test_what_is_outside_vat_names_no_vat_number():
    made = an_invoice(lines_of("10.00", vat=EVERY_VAT["O"]))
    for write in WRITERS.values():
        assert SELLER.vat_id.encode() not in write(made)


def test_signs_that_xml_cannot_hold_are_replaced(syntax):
    line = replace(lines_of("10.00")[0], name="Tills \x00 & <b>")
    made = WRITERS[syntax](an_invoice((line,)))
    assert complaints(made, syntax) == []
    assert "Tills \N{REPLACEMENT CHARACTER} &amp; &lt;b&gt;".encode() in made


@pytest.mark.parametrize("kind", KINDS)
def test_an_invoice_comes_back_from_its_json(kind):
    """Rule EI8."""
    made = an_invoice(lines_of("10.00", "-1.05", vat=EVERY_VAT["E"]), kind=kind)
    assert invoice_of(invoice_json(made)) == made
