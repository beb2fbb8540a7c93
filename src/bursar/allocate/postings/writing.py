"""Postings as the bytes of a file: the same journal gives the same bytes (rule J3)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from decimal import Decimal

from bursar.allocate.postings.beancount import as_beancount
from bursar.allocate.postings.journal import Posting, condensed
from bursar.allocate.postings.layouts import Layout
from bursar.core.money.currency import minor_digits

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_file(postings: Sequence[Posting], layout: Layout) -> bytes:
    """The journal in an ERP's layout, UTF-8."""
    if not layout.columns:
        return as_beancount(postings)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=layout.delimiter, lineterminator="\r\n")
    writer.writerow([name for name, _ in layout.columns])
    numbers: dict[str, int] = {}
    for posting, counter_account in _rows(postings, layout):
        numbers[posting.document] = numbers.get(posting.document, 0) + 1
        writer.writerow(_row(posting, counter_account, numbers[posting.document], layout))
    return text.getvalue().encode()


def _rows(postings: Sequence[Posting], layout: Layout) -> list[tuple[Posting, str]]:
    if not layout.pairs:
        return [(one, "") for one in condensed(postings)]
    pairs = zip(postings[::2], postings[1::2], strict=True)
    return [(one, other.account) for one, other in pairs]


def _row(posting: Posting, counter_account: str, number: int, layout: Layout) -> list[str]:
    amount = _amount(posting.amount, posting.currency, layout)
    debit = posting.side == "D"
    values: dict[str, Callable[[], str]] = {
        "document": lambda: posting.document,
        "line": lambda: str(number),
        "day": lambda: posting.day.strftime(layout.day),
        "entity": lambda: _safe(posting.entity),
        "account": lambda: _safe(posting.account),
        "counter_account": lambda: _safe(counter_account),
        "cost_object": lambda: _safe(posting.cost_object),
        "counterpart": lambda: _safe(posting.counterpart),
        "text": lambda: _safe(posting.text),
        "currency": lambda: posting.currency,
        "side": lambda: layout.debit_credit[0 if debit else 1],
        "amount": lambda: amount,
        "debit": lambda: amount if debit else "",
        "credit": lambda: "" if debit else amount,
    }
    # What is no field stands for itself, such as the type of a document.
    return [values[fill]() if fill in values else fill for _, fill in layout.columns]


def _amount(amount: Decimal, currency: str, layout: Layout) -> str:
    return f"{amount:.{minor_digits(currency)}f}".replace(".", layout.decimal)


def _safe(text: str) -> str:
    """A name that a spreadsheet would compute is made plain."""
    return f"'{text}" if text.startswith(_FORMULA) else text
