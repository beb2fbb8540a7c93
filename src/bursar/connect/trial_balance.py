"""A trial balance: one row per account and period (docs/how-to/start-from-a-trial-balance).

As cost it states booked and effective cost, so that everything is in on the first day; where a
row's basis is `booked` it states that alone. As control it is read the same way and never counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import CellReader, Reason
from bursar.connect.cells.moments import iso_day_reader
from bursar.connect.cells.words import currency_reader, word_reader
from bursar.connect.errors import MissingColumns
from bursar.connect.kinship import looks_like, named
from bursar.connect.layout import (
    WORKING,
    Columns,
    Format,
    Header,
    Placed,
    amount_column,
    key_of,
    moment_column,
    nothing_absent,
    notice_nothing,
    only_version,
    place_known,
    refuse_duplicates,
    text_column,
)
from bursar.connect.ledger import finish_ledger, month_reader
from bursar.connect.schema import cost_line_schema
from bursar.core.money.amount import EXACT
from bursar.core.tables.table import LEDGER, MOMENT

_DEBIT, _CREDIT, _BALANCE, _BASIS = (
    WORKING + name for name in ("debit", "credit", "balance", "tb_basis")
)
_AMOUNTS = {"debit": _DEBIT, "credit": _CREDIT, "balance": _BALANCE, "amount": _BALANCE}
_BASES = ("booked", "effective")
_RENAMED = {
    "account": "glaccount",
    "accountname": "chargedescription",
    "description": "chargedescription",
    "costcentre": "costcenter",
    "entity": "legalentity",
}


def place_trial_balance(file: str, headers: Sequence[Header]) -> list[Placed]:
    """Where each column goes; refused without account, period, amount and currency."""
    keys = {key_of(header.name) for header in headers}
    missing = [] if keys & {"account", "glaccount"} else ["gl_account"]
    if not keys & {"period", "postingdate"}:
        missing.append("period")
    if not keys & {"balance", "amount"} and not {"debit", "credit"} <= keys:
        missing.append("balance (or debit and credit)")
    if "currency" not in keys:
        missing.append("currency")
    if missing:
        raise MissingColumns(
            f"{file}: the {named(missing)} missing that a trial balance needs; "
            f"{looks_like(headers)}"
        )
    refuse_duplicates(file, headers)
    return [_place(file, header) for header in headers]


def _place(file: str, header: Header) -> Placed:
    key = key_of(header.name)
    if key in _AMOUNTS:
        return amount_column(header, _AMOUNTS[key], file)
    if key == "period":
        return Placed(header, WORKING + "period", MOMENT, month_reader())
    if key == "postingdate":
        return moment_column(header, WORKING + "posted", file, reader=iso_day_reader)
    if key in _WORDS:
        target, reader, required = _WORDS[key]
        return Placed(header, target, pa.string(), reader(), required)
    if key in ("account", "glaccount"):
        return Placed(
            header, "gl_account", pa.string(), text_column(header, "gl_account").read,
            "import.account_missing",
        )  # fmt: skip
    placed = place_known(file, Header(_RENAMED.get(key, header.name), header.type))
    return Placed(header, placed.target, placed.type, placed.read)


def _basis_reader() -> CellReader:
    return word_reader(_BASES, code="import.basis_unknown", what="basis")


_WORDS: dict[str, tuple[str, Callable[[], CellReader], str | None]] = {
    "currency": ("billing_currency", currency_reader, "import.currency_unknown"),
    "basis": (_BASIS, _basis_reader, None),
}


def finish_trial_balance(columns: Columns) -> None:
    """The balance, debit less credit, as booked and effective cost of the whole month."""
    amounts = [columns.get(name, LEDGER).to_pylist() for name in (_BALANCE, _DEBIT, _CREDIT)]
    balances: list[Decimal | None] = []
    for row, (balance, debit, credit) in enumerate(zip(*amounts, strict=True)):
        sides = (debit, credit) != (None, None)
        if balance is None and not sides:
            said = "neither a balance nor debit and credit are filled; one of them must be"
            columns.bad.append((row, None, Reason("import.amount_missing", said)))
        elif balance is not None and sides and balance != _difference(debit, credit):
            said = "the balance is not debit less credit; mend the row or leave one of them out"
            columns.bad.append((row, _BALANCE, Reason("import.balance_differs", said)))
        balances.append(_difference(debit, credit) if balance is None else balance)
    basis = columns.get(_BASIS, pa.string())
    finish_ledger(columns)
    booked = pa.array(balances, LEDGER)
    only_booked = pc.fill_null(pc.equal(basis, "booked"), False)
    columns.values["booked_cost"] = booked
    columns.values["billed_cost"] = pa.nulls(columns.count, LEDGER)
    columns.values["effective_cost"] = pc.if_else(only_booked, pa.scalar(None, LEDGER), booked)


def _difference(debit: Decimal | None, credit: Decimal | None) -> Decimal:
    return EXACT.subtract(debit or Decimal(0), credit or Decimal(0))


TRIAL_BALANCE_FORMAT = Format(
    name="trial-balance",
    place=place_trial_balance,
    finish=finish_trial_balance,
    schema=cost_line_schema,
    notice=notice_nothing,
    version=only_version,
    absent=nothing_absent,
)
