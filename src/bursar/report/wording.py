"""How figures are written for people: amounts, shares and changes, alike in all documents."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.dates import get_month_names
from babel.numbers import format_compact_decimal, get_currency_name

from bursar.core.money.currency import minor_digits

LOCALE = "en"
MINUS = "\N{MINUS SIGN}"
RATIO = Decimal("0.0001")


def money(amount: Decimal, currency: str) -> str:
    """'1,234.50': grouped, in the currency's minor unit, true minus sign."""
    digits = minor_digits(currency)
    shown = amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = f"{abs(shown):,f}"  # groups as CLDR does for this locale, and many times faster
    return f"{MINUS}{text}" if shown < 0 else text


def signed_money(amount: Decimal, currency: str) -> str:
    """As `money`, with a plus sign on what is above zero."""
    text = money(amount, currency)
    return f"+{text}" if amount > 0 else text


def compact(amount: Decimal) -> str:
    """'1.2M': for labels in charts and key figures."""
    size = abs(amount).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    if size < 1000:  # CLDR leaves these as they are, with as many digits as they come with
        text = f"{size:f}" if size else "0"
    else:
        text = format_compact_decimal(size, fraction_digits=1, locale=LOCALE)
    return f"{MINUS}{text}" if amount < 0 and text != "0" else text


def percent(ratio: Decimal, digits: int = 1) -> str:
    """'12.5 %' of a ratio 0.125."""
    shown = (ratio * 100).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{shown:f} %".replace("-", MINUS)


def signed_percent(ratio: Decimal) -> str:
    text = percent(ratio)
    return f"+{text}" if ratio > 0 else text


def ratio_of(part: Decimal, whole: Decimal) -> Decimal:
    """Part of whole in four digits; 0 where the whole is 0."""
    if whole == 0:
        return Decimal(0)
    return (part / whole).quantize(RATIO, rounding=ROUND_HALF_UP)


@lru_cache(maxsize=256)
def currency_name(code: str) -> str:
    """'Euro' of EUR; the code itself where it has no name."""
    return str(get_currency_name(code, locale=LOCALE))


@lru_cache(maxsize=1024)
def period_name(code: str) -> str:
    """'March 2026' of 2026-03; codes of week calendars stay as they are."""
    year, _, month = code.partition("-")
    if len(month) == 2 and month.isdecimal() and year.isdecimal():
        return f"{get_month_names(locale=LOCALE)[int(month)]} {year}"
    return code
