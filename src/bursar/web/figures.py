"""How figures are written on pages: separators, signs and short forms, by CLDR's rules.

Only the writing is decided here; every amount arrives exact and keeps its exact text beside it.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_decimal

from bursar.core.money.amount import exact_text
from bursar.core.money.currency import is_currency, minor_digits

LOCALE = "en"
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
SHORT_FORMS = ((Decimal(10) ** 9, " B"), (Decimal(10) ** 6, " M"), (Decimal(10) ** 3, " k"))


def exact(amount: Decimal) -> str:
    """Every digit of the amount and no more."""
    return exact_text(amount)


def grouped(amount: Decimal, currency: str = "") -> str:
    """The amount in its currency's minor unit: '1,234.50', negative with a minus sign in front."""
    digits = minor_digits(currency) if currency and is_currency(currency) else 2
    rounded = amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    written = format_decimal(abs(rounded), format=pattern, locale=LOCALE)
    return f"{MINUS}{written}" if rounded < 0 else written


def short(amount: Decimal) -> str:
    """The amount with three or four figures that matter: '1.24 M', '12.3 k', '7.11'."""
    sign, size = (MINUS if amount < 0 else ""), abs(amount)
    for unit, letter in SHORT_FORMS:
        if size >= unit:
            scaled = size / unit
            digits = 2 if scaled < 10 else 1 if scaled < 100 else 0
            return f"{sign}{scaled:.{digits}f}{letter}"
    return f"{sign}{size:.2f}"


def percent(ratio: Decimal | None) -> str:
    """'12.3 %' of 0.1234; a dash for nothing."""
    if ratio is None:
        return DASH
    written = f"{abs(ratio) * 100:.1f} %"
    return f"{MINUS}{written}" if ratio < 0 else written


def change_words(amount: Decimal, ratio: Decimal | None = None) -> tuple[str, str]:
    """The look and the words of a difference: never told by colour alone."""
    if not amount:
        return "soft", "no change"
    sign, word, look = ("+", "more", "over") if amount > 0 else (MINUS, "less", "under")
    size = f"{abs(ratio) * 100:.1f} %" if ratio is not None else short(abs(amount))
    return look, f"{sign}{size} {word}"
