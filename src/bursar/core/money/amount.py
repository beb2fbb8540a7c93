"""Amounts as text, exactly: what is read is what was written, or it is refused (rules M1-M4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation

from bursar.core.refusal import Refused

LEDGER_PLACES = 24
"""Digits after the point that the ledger keeps."""

LEDGER_WHOLE_DIGITS = 14
"""Digits before the point that the ledger keeps."""

EXACT = Context(prec=2_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[InvalidOperation, Inexact])
"""A decimal context that raises `Inexact` instead of rounding; the default one keeps 28 digits."""

_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_COMMA = re.compile(r"[+-]?[0-9.'\u2019 \u00a0\u202f]*,[0-9]*")
_LONGEST = 400
"""Longer text is refused unread, so that a hostile cell costs nothing."""


class AmountError(Refused):
    """Text that is not an exact amount of the ledger; `code` and `message` go to the row."""

    code = "amount.not_a_number"


def parse_amount(text: str) -> Decimal:
    """The exact value of an amount in a file, or an `AmountError` that says how to mend it.

    Refusals: amount.empty, amount.bracketed, amount.grouped, amount.decimal_comma,
    amount.not_finite, amount.not_a_number, amount.too_large, amount.too_fine.
    """
    stripped = text.strip()
    if len(stripped) > _LONGEST or _PLAIN.fullmatch(stripped) is None:
        raise _not_plain(stripped)
    value = Decimal(stripped)
    if not value:
        return Decimal(0)
    if value.adjusted() >= LEDGER_WHOLE_DIGITS:
        raise AmountError(
            f"'{_shown(stripped)}' has more than {LEDGER_WHOLE_DIGITS} digits before the point; "
            "check the unit, or split the line",
            code="amount.too_large",
        )
    if places_of(value) > LEDGER_PLACES:
        raise AmountError(
            f"'{_shown(stripped)}' has more than {LEDGER_PLACES} digits after the point; "
            "round it at its source",
            code="amount.too_fine",
        )
    return value


def places_of(amount: Decimal) -> int:
    """How many digits after the point count in this amount; 0 for whole numbers."""
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int):
        raise AmountError(f"{amount} is not a finite amount", code="amount.not_finite")
    if exponent >= 0 or not amount:
        return 0
    digits = amount.as_tuple().digits
    trailing = 0
    while digits[-1 - trailing] == 0:
        trailing += 1
    return max(0, -exponent - trailing)


def exact_text(amount: Decimal) -> str:
    """The amount as plain text: no exponent, no idle zeros, `0` for every zero (rule M4)."""
    if not amount:
        return "0"
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum without any rounding; built-in `sum` keeps only the context's 28 digits."""
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def _not_plain(text: str) -> AmountError:
    """Says what kind of text this is instead of an amount, most telling reason first."""
    shown = _shown(text)
    if not text:
        return AmountError("the amount is empty; write 0 for nothing", code="amount.empty")
    if text[0] == "(" and text[-1] == ")":
        return AmountError(
            f"'{shown}' is in brackets; write a minus sign for a negative amount",
            code="amount.bracketed",
        )
    if text.lstrip("+-").lower() in {"nan", "snan", "inf", "infinity"}:
        return AmountError(
            f"'{shown}' is no amount; leave the cell empty or write a number",
            code="amount.not_finite",
        )
    if _GROUPED.fullmatch(text):
        return AmountError(
            f"'{shown}' has grouping signs; write digits and one decimal point",
            code="amount.grouped",
        )
    if _COMMA.fullmatch(text) and any(sign.isdigit() for sign in text):
        return AmountError(
            f"'{shown}' has a decimal comma; write digits and one decimal point",
            code="amount.decimal_comma",
        )
    return AmountError(
        f"'{shown}' is not a number; write digits and one decimal point, without signs of currency",
        code="amount.not_a_number",
    )


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
