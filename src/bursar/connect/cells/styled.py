"""Amounts in the number styles of real ledgers: what a text may mean, and its exact plain form."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bursar.core.money.currency import is_currency

POINT, COMMA, SPACE, APOSTROPHE, SPACED_POINT = (
    "1,234.56", "1.234,56", "1 234,56", "1'234.56", "1 234.56",
)  # fmt: skip
NUMBER_STYLES = (POINT, COMMA, SPACE, APOSTROPHE, SPACED_POINT)
"""How numbers are written; each also takes numbers without any grouping."""

EMPTY_WORDS = frozenset(
    {"", "null", "nil", "n/a", "na", "none", "-", "\u2013", "\u2014", "--", "#missing", "#n/a",
     "keine", "k.a.", "ninguno", "n\u00e9ant", "leer", "."}
)  # fmt: skip
"""Words that stand for an empty amount."""

SYMBOLS = {
    "£": ("GBP", "GIP", "EGP", "SHP", "FKP"),
    "€": ("EUR",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "CLP", "COP", "ARS", "TWD", "BRL"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₽": ("RUB",),
    "₩": ("KRW",),
    "₺": ("TRY",),
    "zł": ("PLN",),
    "Kč": ("CZK",),
    "Fr.": ("CHF",),
    "R$": ("BRL",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
}
"""Currency signs and the currencies that are written with them, the usual one first."""

_GAP = "[ \u00a0\u202f\u2009]"
SIGN = "|".join(re.escape(s) for s in sorted(SYMBOLS, key=len, reverse=True)) + "|[A-Z]{3}"
_WHOLE = {
    POINT: r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}|\d+)",
    COMMA: r"(?:\d{1,3}(?:\.\d{3})+|\d+)",
    SPACE: rf"(?:\d{{1,3}}(?:{_GAP}\d{{3}})+|\d+)",
    APOSTROPHE: "(?:\\d{1,3}(?:['\u2019]\\d{3})+|\\d+)",
    SPACED_POINT: rf"(?:\d{{1,3}}(?:{_GAP}\d{{3}})+|\d+)",
}
_MARK = {POINT: r"\.", COMMA: ",", SPACE: ",", APOSTROPHE: r"\.", SPACED_POINT: r"\."}
GROUPING = {
    POINT: ",", COMMA: r"\.", SPACE: _GAP, APOSTROPHE: "['\u2019]", SPACED_POINT: _GAP,
}  # fmt: skip


def core_pattern(style: str) -> str:
    """Digits with grouping and a decimal mark, without sign; may end in an exponent."""
    whole, mark = _WHOLE[style], _MARK[style]
    return rf"(?:{whole}(?:{mark}\d*)?|{mark}\d+)(?:[eE][+-]?\d{{1,3}})?"


def decimal_mark(style: str) -> str:
    """The decimal mark of a style, as a regular expression."""
    return _MARK[style]


_CORE = {style: re.compile(core_pattern(style)) for style in NUMBER_STYLES}
_PARTS = re.compile(
    rf"(?P<open>\()?\s*(?P<minus>[+\-\u2212])?\s*(?P<before>{SIGN})?\s*(?P<inner>[+\-\u2212])?\s*"
    rf"(?P<core>[\d.,'\u2019 \u00a0\u202f\u2009]*\d[.,]?(?:[eE][+-]?\d{{1,3}})?)\s*"
    rf"(?P<percent>%)?\s*(?P<after>{SIGN})?\s*(?P<trail>[+\-\u2212])?\s*(?P<close>\))?"
    r"\s*(?P<side>CR|DR|Cr|Dr|cr|dr|S|H)?"
)


@dataclass(frozen=True)
class Number:
    """What the text of one cell says, style by style."""

    core: str
    styles: frozenset[str]
    negative: bool
    sign: str | None
    marks: frozenset[str]


def take_apart(text: str) -> Number | None:
    """The parts of a number as people write them, or nothing when it is none in any style."""
    match = _PARTS.fullmatch(text.strip()) if len(text) < 80 else None
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    before, after, side = match["before"], match["after"], match["side"]
    if any(sign and sign not in SYMBOLS and not is_currency(sign) for sign in (before, after)):
        return None
    minuses = [match[part] in ("-", "\u2212") for part in ("minus", "inner", "trail")]
    if sum(minuses) + bool(match["open"]) + (side is not None) > 1 or (before and after):
        return None
    core = match["core"].strip()
    styles = frozenset(style for style in NUMBER_STYLES if _CORE[style].fullmatch(core))
    if not styles:
        return None
    credit = side is not None and side.upper() in ("CR", "H")
    found = {
        "brackets": bool(match["open"]), "trailing minus": match["trail"] is not None,
        "debit/credit suffix": side is not None, "currency sign": bool(before or after),
        "percent": match["percent"] is not None,
    }  # fmt: skip
    return Number(
        core=core,
        styles=styles,
        negative=any(minuses) or bool(match["open"]) or credit,
        sign=before or after,
        marks=frozenset(mark for mark, there in found.items() if there),
    )


def plain(number: Number, style: str) -> str:
    """The number as `parse_amount` reads it, in a style that it has."""
    bare = re.sub(GROUPING[style], "", number.core)
    bare = re.sub(_MARK[style], ".", bare)
    return f"-{bare}" if number.negative else bare


def is_empty_word(text: str | None) -> bool:
    """Whether a cell stands for no amount."""
    return text is None or text.strip().lower() in EMPTY_WORDS
