"""VAT and totals of e-invoices: rules EI1-EI5 of docs/spec/einvoice.md."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.invoices import BUYER, EVERY_VAT, SELLER, STANDARD, an_invoice, lines_of

from bursar.core.einvoice.invoice import PartyIncomplete, SameParty, TooFine, checked
from bursar.core.einvoice.vat import (
    BadExemption,
    BadVatRate,
    UnknownCategory,
    agreed_vat,
    vat_sums,
)

cents = st.integers(-(10**12), 10**12).map(lambda units: Decimal(units).scaleb(-2))
rates = st.integers(50, 10_000).map(lambda units: Decimal(units).scaleb(-2))


def test_vat_is_rounded_once_on_the_base_of_its_category():
    """Three lines of 0.10 at 21 percent: 0.063, so 0.06, and not three times 0.02."""
    made = an_invoice(lines_of("0.10", "0.10", "0.10"))
    assert (made.net, made.tax, made.gross) == (Decimal("0.30"), Decimal("0.06"), Decimal("0.36"))
    assert made.vat_sums[0].base == Decimal("0.30")


def test_half_a_cent_goes_away_from_zero_on_both_sides():
    for amount, tax in (("0.50", "0.11"), ("-0.50", "-0.11")):
        assert an_invoice(lines_of(amount)).tax == Decimal(tax)  # 0.105


def test_yen_have_no_cents():
    made = an_invoice(lines_of("105", vat=agreed_vat("S", Decimal(10))), currency="JPY")
    assert made.tax == 11


@given(st.lists(st.tuples(cents, rates), min_size=1, max_size=20))
def test_totals_agree_for_any_lines(parts):
    """With plain fractions as the oracle: base per rate, and its tax rounded once."""
    sums = vat_sums(((agreed_vat("S", rate), amount) for amount, rate in parts), 2)
    by_rate: dict[Decimal, Fraction] = {}
    for amount, rate in parts:
        by_rate[rate] = by_rate.get(rate, Fraction(0)) + Fraction(amount)
    assert {each.vat.rate: Fraction(each.base) for each in sums} == by_rate
    for each in sums:
        exact = each.base * each.vat.rate / 100  # 28 digits hold it
        assert each.tax == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_rates_of_one_category_are_summed_apart():
    low = agreed_vat("S", Decimal(9))
    made = an_invoice(lines_of("100.00", vat=low) + lines_of("100.00"))
    assert [(s.vat.rate, s.tax) for s in made.vat_sums] == [(9, 9), (21, 21)]


@pytest.mark.parametrize(
    ("category", "rate", "reason", "refusal", "said"),
    [
        ("Q", "0", "", UnknownCategory, "S (standard rate)"),
        ("s", "21", "", UnknownCategory, "'s'"),
        ("S", "0", "", BadVatRate, "give its rate"),
        ("S", "0.49", "", BadVatRate, "not 0.49"),
        ("S", "101", "", BadVatRate, "from 0 to 100"),
        ("S", "-1", "", BadVatRate, "from 0 to 100"),
        ("S", "20.125", "", BadVatRate, "2 digits"),
        ("S", "NaN", "", BadVatRate, "no rate"),
        ("AE", "21", "", BadVatRate, "not taxed"),
        ("Z", "9", "", BadVatRate, "not taxed"),
        ("E", "0", "  ", BadExemption, "needs the reason"),
        ("S", "21", "Because", BadExemption, "no exemption"),
        ("Z", "0", "Because", BadExemption, "no exemption"),
    ],
)
def test_terms_that_contradict_themselves_are_refused(category, rate, reason, refusal, said):
    """einvoice.unknown_category, einvoice.bad_rate, einvoice.bad_exemption."""
    with pytest.raises(refusal) as caught:
        agreed_vat(category, Decimal(rate), reason)
    assert said in caught.value.message


def test_every_missing_field_is_named_with_its_company():
    """einvoice.party_incomplete."""
    seller = replace(SELLER, vat_id="", city=" ")
    buyer = replace(BUYER, legal_name="")
    with pytest.raises(PartyIncomplete) as caught:
        checked(an_invoice(lines_of("1.00"), seller=seller, buyer=buyer))
    assert "city of nl01; vat_id of nl01; legal_name of de01." in caught.value.message
    assert "bursar entity party" in caught.value.message


@pytest.mark.parametrize(
    ("category", "seller", "buyer"),
    [
        ("S", ["vat_id"], []),
        ("G", ["vat_id"], []),
        ("AE", ["vat_id"], ["vat_id"]),
        ("K", ["vat_id"], ["vat_id"]),
        ("O", ["registration_id"], []),
    ],
)
def test_which_number_is_asked_follows_from_the_category(category, seller, buyer):
    bare = {"vat_id": "", "registration_id": ""}
    made = an_invoice(
        lines_of("1.00", vat=EVERY_VAT[category]),
        seller=replace(SELLER, **bare),
        buyer=replace(BUYER, **bare),
    )
    with pytest.raises(PartyIncomplete) as caught:
        checked(made)
    wanted = [f"{field} of nl01" for field in seller] + [f"{field} of de01" for field in buyer]
    assert f"Missing: {'; '.join(wanted)}." in caught.value.message


def test_nobody_invoices_itself():
    """einvoice.same_party."""
    with pytest.raises(SameParty):
        checked(an_invoice(lines_of("1.00"), buyer=SELLER))


def test_amounts_finer_than_the_standard_are_refused():
    """einvoice.too_fine."""
    for currency, amount in (("EUR", "1.001"), ("JPY", "1.5"), ("KWD", "1.50")):
        with pytest.raises(TooFine, match="PDF"):
            checked(an_invoice(lines_of(amount), currency=currency))


def test_what_is_outside_vat_stands_alone():
    lines = lines_of("1.00", vat=EVERY_VAT["O"]) + lines_of("1.00", vat=STANDARD)
    with pytest.raises(BadExemption, match="of their own"):
        checked(an_invoice(lines))
