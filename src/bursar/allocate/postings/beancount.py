"""A journal as a text that beancount reads, so that other software checks our books (rule J5).

Each document is one transaction. Accounts are made of the names that statements carry, as its
grammar allows them, and keep the names themselves as metadata.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bursar.allocate.postings.journal import Posting, condensed
from bursar.core.money.currency import minor_digits

DEBIT, CREDIT = "Expenses:IT", "Income:IT"
"""Where accounts hang below, unless the export names others."""

_NOT_OF_AN_ACCOUNT = re.compile(r"[^\w]+|_")


def as_beancount(postings: Sequence[Posting]) -> bytes:
    """The journal as a whole file: it opens its accounts itself, and balances by document."""
    accounts = _accounts(postings)
    lines = ['option "title" "IT cost as charged"', 'plugin "beancount.plugins.auto_accounts"']
    document = ""
    for one in condensed(postings):
        if one.document != document:
            document = one.document
            told = _text(f"{one.entity}, {one.text}")
            lines += ["", f"{one.day.isoformat()} * {_text(document)} {told}"]
        amount = one.amount if one.side == "D" else -one.amount
        written = f"{amount:.{minor_digits(one.currency)}f} {one.currency}"
        lines += [
            f"  {accounts[_key(one)]}  {written}",
            f"    cost-object: {_text(one.cost_object)}",
        ]
    return ("\n".join(lines) + "\n").encode()


def _key(posting: Posting) -> tuple[str, str]:
    """A consumer is debited in its own tree; a pool, wherever it stands, is of the other."""
    return posting.account, posting.cost_object


def _accounts(postings: Sequence[Posting]) -> dict[tuple[str, str], str]:
    """Each cost object's account; two names that would become one account get numbers."""
    found: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for account, name in sorted({_key(one) for one in postings}):
        parts = [_component(part) for part in name.split(" / ")]
        wanted = ":".join([account, *parts])
        number, free = 1, wanted
        while free in taken:
            number += 1
            free = f"{wanted}-{number}"
        taken.add(free)
        found[account, name] = free
    return found


def _component(name: str) -> str:
    """A part of an account's name: letters, digits and hyphens, a capital or digit first."""
    plain = _NOT_OF_AN_ACCOUNT.sub("-", name).strip("-") or "X"
    return plain[0].upper() + plain[1:]


def _text(text: str) -> str:
    plain = re.sub(r"\s+", " ", text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'
