"""A plugin of beancount: every department bears its share of what is shared."""

from __future__ import annotations

from typing import Any

from beancount.core.amount import Amount
from beancount.core.data import Posting, Transaction

from bench.plain_text import DEPARTMENTS, SHARE, SHARED

__plugins__ = ["split"]


def split(entries: list[Any], _options: Any) -> tuple[list[Any], list[Any]]:
    """Adds to each shared posting its counterpart and the shares."""
    shared = f"Expenses:{SHARED}"
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in [one for one in entry.postings if one.account == shared]:
                units = posting.units
                share = Amount(units.number * SHARE, units.currency)
                added = [(shared, -units), *((f"Expenses:{name}", share) for name in DEPARTMENTS)]
                entry.postings.extend(
                    Posting(account, amount, None, None, None, None) for account, amount in added
                )
    return entries, []
