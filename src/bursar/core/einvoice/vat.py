"""VAT by category: what a supply is charged at, and the sums per category (rules EI1-EI4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from bursar.core.money.amount import exact_sum, exact_text, places_of
from bursar.core.money.rounding import round_half_up
from bursar.core.refusal import Refused

RATE_PLACES = 2
"""Digits after the point of a rate in percent."""

LEAST_RATE = Decimal("0.5")
"""The standard's published check rounds a rate to whole percent and takes less for no tax."""


class UnknownCategory(Refused):
    """The VAT category is none of S, Z, E, AE, O, K and G."""

    code = "einvoice.unknown_category"


class BadVatRate(Refused):
    """A category without tax came with a rate, or the standard one without."""

    code = "einvoice.bad_rate"


class BadExemption(Refused):
    """An exemption lacks its reason, or a taxed supply came with one."""

    code = "einvoice.bad_exemption"


class Category(StrEnum):
    """The codes of UNTDID 5305 that an invoice between companies may carry."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE = "AE"
    OUTSIDE = "O"
    INTRA_EU = "K"
    EXPORT = "G"


TOLD = {
    Category.STANDARD: "standard rate",
    Category.ZERO: "zero rate",
    Category.EXEMPT: "exempt",
    Category.REVERSE: "reverse charge",
    Category.OUTSIDE: "outside the scope of VAT",
    Category.INTRA_EU: "intra-community supply",
    Category.EXPORT: "export outside the EU",
}

_LAW = {
    Category.REVERSE: ("VATEX-EU-AE", "Reverse charge"),
    Category.OUTSIDE: ("VATEX-EU-O", "Not subject to VAT"),
    Category.INTRA_EU: ("VATEX-EU-IC", "Intra-community supply"),
    Category.EXPORT: ("VATEX-EU-G", "Export outside the EU"),
}
"""Categories whose name is reason enough: its code and its words."""


@dataclass(frozen=True, order=True)
class Vat:
    """How a line is taxed: category, rate in percent, and the reason where it is not taxed."""

    category: Category
    rate: Decimal = Decimal(0)
    reason: str = ""

    @property
    def has_rate(self) -> bool:
        """Outside the scope of VAT there is no rate, not even zero."""
        return self.category is not Category.OUTSIDE

    @property
    def reason_code(self) -> str:
        """The VATEX code that goes with the category; empty where there is none."""
        return _LAW[self.category][0] if self.category in _LAW else ""

    @property
    def reason_text(self) -> str:
        """The reason as agreed, else the words that the category has of itself."""
        return self.reason or (_LAW[self.category][1] if self.category in _LAW else "")


@dataclass(frozen=True)
class VatSum:
    """One category and rate of a document: its base and its tax, in main units."""

    vat: Vat
    base: Decimal
    tax: Decimal


def agreed_vat(category: str, rate: Decimal, reason: str = "") -> Vat:
    """The terms, checked (rule EI2).

    Refuses: einvoice.unknown_category, einvoice.bad_rate, einvoice.bad_exemption.
    """
    try:
        known = Category(category)
    except ValueError:
        told = ", ".join(f"{each.value} ({TOLD[each]})" for each in Category)
        raise UnknownCategory(
            f"There is no VAT category '{category}'. Choose one: {told}."
        ) from None
    if not rate.is_finite() or places_of(rate) > RATE_PLACES or not 0 <= rate <= 100:
        raise BadVatRate(
            f"{rate} is no rate of VAT: give percent from 0 to 100, with {RATE_PLACES} digits "
            "after the point at most."
        )
    if known is Category.STANDARD and rate < LEAST_RATE:
        raise BadVatRate(
            f"Category S is taxed: give its rate, such as 21, not {exact_text(rate)}. "
            "Without tax the category is another one, such as Z or E."
        )
    if known is not Category.STANDARD and rate:
        raise BadVatRate(
            f"Category {known.value} ({TOLD[known]}) is not taxed, so its rate is 0, not "
            f"{exact_text(rate)}. Leave the rate out, or choose category S."
        )
    said = reason.strip()
    if known is Category.EXEMPT and not said:
        raise BadExemption(
            "Category E needs the reason of the exemption, such as its article of law."
        )
    if known in (Category.STANDARD, Category.ZERO) and said:
        raise BadExemption(
            f"Category {known.value} is no exemption, so it has no reason '{said}'. Leave it out."
        )
    return Vat(known, rate, said)


def vat_sums(lines: Iterable[tuple[Vat, Decimal]], digits: int) -> tuple[VatSum, ...]:
    """Base and tax per category and rate (rules EI3 and EI4), in order of category and rate.

    Tax is worked out on the base of the whole category, and rounded once to `digits`.
    """
    found: dict[Vat, list[Decimal]] = {}
    for vat, amount in lines:
        found.setdefault(vat, []).append(amount)
    sums = []
    for vat, amounts in sorted(found.items()):
        base = exact_sum(amounts)
        tax = round_half_up(Fraction(base) * Fraction(vat.rate) / 100, digits)
        sums.append(VatSum(vat, base, tax))
    return tuple(sums)
