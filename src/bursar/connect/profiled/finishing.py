"""From the columns of a profile to the cost of a line: sides, signs, taxes, dates, constants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import Reason
from bursar.connect.cells.days import period_of
from bursar.connect.errors import BadProfile
from bursar.connect.layout import WORKING, Columns
from bursar.connect.ledger import fill_costs, fill_dates
from bursar.connect.looks.proposing import month_in_name
from bursar.connect.profile import MatrixColumn, Profile
from bursar.connect.profiled.days import midnight
from bursar.connect.profiled.sieve import DATED
from bursar.core.money.amount import exact_text
from bursar.core.tables.table import LEDGER, MOMENT

_TOLERANCE = pa.scalar(Decimal("0.01"), LEDGER)
_NO_DATE = "neither a date nor a period is filled; one of them must be"
_ZERO = pa.scalar(Decimal(0), LEDGER)


def finisher(profile: Profile, matrix: MatrixColumn | None, file: str) -> Callable[[Columns], None]:
    """What is done with every block once its cells are read."""
    period = matrix.period if matrix else _constant_period(profile, file)
    span = period_of(period, profile.fiscal_year_start) if period else None
    if period and span is None:
        raise BadProfile(f"'{period}' is no period; write YYYY-MM")
    basis = (matrix.basis if matrix else None) or profile.constant("basis")

    dated_by = "=posted" if profile.fills("posting_date") else "=period"

    def finish(columns: Columns) -> None:
        columns.values["=amount"] = _signed(_cost(columns), columns, profile)
        _keep_parts(columns)
        columns.values[DATED] = pc.or_(
            pc.is_valid(columns.get("=posted", MOMENT)), pc.is_valid(columns.get("=period", MOMENT))
        )
        if span is not None:
            _fill_period(columns, span)
        _end_periods(columns)
        _fill_constants(columns, profile)
        _require_currency(columns)
        found = columns.get("=basis", pa.string())
        columns.values["=basis"] = pc.coalesce(found, pa.scalar(basis, pa.string()))
        if matrix is not None:
            columns.values["x_amount_column"] = pa.repeat(pa.scalar(matrix.header), columns.count)
            scenario = pa.scalar(matrix.scenario, pa.string())
            columns.values["x_scenario"] = pa.repeat(scenario, columns.count)
        fill_dates(columns, missing=_NO_DATE, at=dated_by)
        fill_costs(columns)
        category = columns.get("charge_category", pa.string())
        columns.values["charge_category"] = pc.coalesce(category, pa.scalar("Purchase"))

    return finish


def _constant_period(profile: Profile, file: str) -> str | None:
    if found := profile.constant("period"):
        return found
    if not profile.period_from_name:
        return None
    if found := month_in_name(file):
        return found
    raise BadProfile(f"{file}: the name of the file has no month in it; say period=YYYY-MM")


def _cost(columns: Columns) -> pa.Array:
    """The amount of each row, from whichever columns hold it."""
    if "=amount" in columns.values:
        cost = columns.values["=amount"]
        named = "=amount"
    elif {"=debit", "=credit"} & set(columns.values):
        return _from_sides(columns)
    elif "=net" in columns.values:
        cost, named = columns.values["=net"], "=net"
        if "=gross" in columns.values and "=vat" in columns.values:
            difference = _subtract(columns.values["=gross"], columns.values["=vat"])
            cost = pc.coalesce(cost, difference)
    else:
        cost, named = columns.get("=gross", LEDGER), "=gross"
        if "=vat" in columns.values:
            cost = pc.coalesce(_subtract(cost, columns.values["=vat"]), cost)
    _check_taxes(columns)
    _require_amount(columns, cost, named)
    return cost


def _subtract(left: pa.Array, right: pa.Array) -> pa.Array:
    """The difference in the ledger's own type; its digits always suffice for a difference."""
    return pc.cast(pc.subtract(_wide(left), _wide(right)), LEDGER)


def _add(left: pa.Array, right: pa.Array) -> pa.Array:
    return pc.cast(pc.add(_wide(left), _wide(right)), LEDGER)


def _wide(column: pa.Array) -> pa.Array:
    return pc.cast(column, pa.decimal256(60, 24))


def _require_amount(columns: Columns, cost: pa.Array, named: str) -> None:
    for row in pc.indices_nonzero(pc.is_null(cost)).to_pylist():
        reason = Reason("import.amount_missing", "the amount is empty; every line needs it")
        columns.bad.append((row, named, reason))


def _from_sides(columns: Columns) -> pa.Array:
    """Debit less credit; a row has one side."""
    debit, credit = columns.get("=debit", LEDGER), columns.get("=credit", LEDGER)
    left, right = pc.coalesce(debit, _ZERO), pc.coalesce(credit, _ZERO)
    named = "=debit" if "=debit" in columns.values else "=credit"
    both = pc.and_(pc.not_equal(left, _ZERO), pc.not_equal(right, _ZERO))
    for row in pc.indices_nonzero(both).to_pylist():
        said = "debit and credit are both filled; a line has one side"
        columns.bad.append((row, "=debit", Reason("import.both_sides", said)))
    neither = pc.and_(pc.is_null(debit), pc.is_null(credit))
    for row in pc.indices_nonzero(neither).to_pylist():
        said = "neither debit nor credit is filled; a line has one side"
        columns.bad.append((row, named, Reason("import.amount_missing", said)))
    cost = _subtract(left, right)
    return pc.if_else(neither, pa.scalar(None, LEDGER), cost)


def _signed(cost: pa.Array, columns: Columns, profile: Profile) -> pa.Array:
    """Turned round where the profile or the row's indicator says so."""
    if profile.sign == "negate":
        cost = pc.negate(cost)
    if "=sign" in columns.values:
        words = pc.utf8_lower(pc.utf8_trim_whitespace(columns.values["=sign"].cast(pa.string())))
        credits = pa.array([word.lower() for word in profile.credit_words], pa.string())
        cost = pc.if_else(pc.fill_null(pc.is_in(words, credits), False), pc.negate(cost), cost)
    return cost


def _check_taxes(columns: Columns) -> None:
    """Net and VAT make the gross; a row in which they do not is wrong somewhere."""
    if not {"=net", "=vat", "=gross"} <= set(columns.values):
        return
    net, vat, gross = (columns.values[WORKING + part] for part in ("net", "vat", "gross"))
    off = pc.abs(_subtract(_add(net, pc.coalesce(vat, _ZERO)), gross))
    wrong = pc.fill_null(pc.greater(off, _TOLERANCE), False)
    for row in pc.indices_nonzero(wrong).to_pylist():
        said = f"net and VAT differ from the gross by {exact_text(off[row].as_py())}; correct one"
        columns.bad.append((row, "=gross", Reason("import.vat_mismatch", said)))


def _keep_parts(columns: Columns) -> None:
    """Net, VAT and gross stay on the line, for the recoverable part is known only later."""
    for part in ("net", "vat", "gross"):
        found = columns.values.get(WORKING + part)
        if found is not None:
            texts = [None if v is None else exact_text(v) for v in found.to_pylist()]
            columns.values[f"x_{part}_amount"] = pa.array(texts, pa.string())


def _fill_period(columns: Columns, span: tuple[date, date]) -> None:
    """The profile's period where the row has none of its own."""
    first, after = span
    start = pa.scalar(midnight(first), MOMENT)
    posted = columns.get("=posted", MOMENT)
    own = columns.get("=period", MOMENT)
    undated = pc.and_(pc.is_null(posted), pc.is_null(own))
    columns.values["=period"] = pc.if_else(undated, start, own)
    months = (after.year - first.year) * 12 + after.month - first.month
    if months > 1:
        last = pa.scalar(midnight(after - timedelta(days=1)), MOMENT)
        ends = columns.get("=period_end", MOMENT)
        columns.values["=period_end"] = pc.if_else(undated, last, ends)


def _end_periods(columns: Columns) -> None:
    """A quarter or year is the service's period; a month needs no more than its name."""
    ends = columns.values.pop("=period_end", None)
    if ends is None or ends.null_count == len(ends):
        return
    long = pc.is_valid(ends)
    start, last = columns.get("=start", MOMENT), columns.get("=end", MOMENT)
    columns.values["=start"] = pc.coalesce(
        start, pc.if_else(long, columns.get("=period", MOMENT), pa.scalar(None, MOMENT))
    )
    columns.values["=end"] = pc.coalesce(last, ends)


def _fill_constants(columns: Columns, profile: Profile) -> None:
    for target, value in profile.constants:
        if target in ("basis", "period"):
            continue
        name = "billing_currency" if target == "currency" else target
        found = columns.get(name, pa.string())
        columns.values[name] = pc.coalesce(found.cast(pa.string()), pa.scalar(value))


def _require_currency(columns: Columns) -> None:
    currency = columns.get("billing_currency", pa.string())
    columns.values["billing_currency"] = currency
    for row in pc.indices_nonzero(pc.is_null(currency)).to_pylist():
        reason = Reason("import.currency_unknown", "the row has no currency; fill it")
        columns.bad.append((row, "billing_currency", reason))
