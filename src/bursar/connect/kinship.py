"""What a file that misses columns looks like, so that the refusal can say what to do instead."""

from __future__ import annotations

from collections.abc import Sequence

from bursar.connect.layout import Header, key_of
from bursar.core.tables.focus_columns import FOCUS

_KIN: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"contractcommitmentid", "contractcommitmenttype"}),
        "it looks like the FOCUS Contract Commitment table; import it without a format",
    ),
    (
        frozenset({"invoicedetailid", "invoiceissuestatus"}),
        "it looks like the FOCUS Invoice Detail table; import it without a format",
    ),
    (
        frozenset({"chargetype", "invoiceissuer"}),
        "it looks like FOCUS 0.5; export version 1.0 or later",
    ),
    (
        frozenset({"amortizedcost", "billedcost"}),
        "it looks like FOCUS 0.5; export version 1.0 or later",
    ),
    (
        frozenset({"lineitem/unblendedcost"}),
        "it looks like an AWS cost and usage report; export it again with all its columns",
    ),
    (
        frozenset({"lineitemunblendedcost"}),
        "it looks like an AWS cost and usage report; export it again with all its columns",
    ),
    (
        frozenset({"costinbillingcurrency"}),
        "it looks like an Azure cost details file; export it again with all its columns",
    ),
    (
        frozenset({"metercategory"}),
        "it looks like an Azure cost details file; export it again with all its columns",
    ),
    (
        frozenset({"service.description"}),
        "it looks like a Google Cloud billing export; export it again with all its columns",
    ),
    (
        frozenset({"cost/mycost"}),
        "it looks like an OCI cost report; export it again with all its columns",
    ),
    (
        frozenset({"billedcost"}),
        "it has FOCUS columns but not all that a cost needs; export it with every column",
    ),
    (
        frozenset({"amount"}),
        "it looks like a ledger file: that needs amount, currency, and posting_date or period",
    ),
    (
        frozenset({"quantity"}),
        "it looks like a driver file: that needs driver, period, to and quantity",
    ),
)

_SHOWN = 6


_OURS = 2  # the last entries of _KIN: files that a profile may read instead
_MOST_STRANGE = 3


def is_a_bill(headers: Sequence[Header]) -> bool:
    """Whether the columns are those of a cloud's bill, whole or in part, and of no ledger."""
    keys = {key_of(header.name) for header in headers}
    if any(marks <= keys for marks, _ in _KIN[:-_OURS]):
        return True
    return len(keys & _STANDARD) >= _MOST_STRANGE


_STANDARD = frozenset(key_of(column.focus) for column in FOCUS) - {"tags", "invoiceid"}


def looks_like(headers: Sequence[Header]) -> str:
    """The nearest kin of a file by its column names, or the names themselves."""
    keys = {key_of(header.name) for header in headers}
    for marks, said in _KIN:
        if marks <= keys:
            return said
    names = [header.name.strip() for header in headers]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"its columns are {', '.join(names[:_SHOWN])}{more}; see the documentation of imports"


def named(names: Sequence[str]) -> str:
    """'column A is', 'columns A and B are', 'columns A, B and C are'."""
    *most, last = names
    return f"columns {', '.join(most)} and {last} are" if most else f"column {last} is"
