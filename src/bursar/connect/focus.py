"""FOCUS Cost and Usage, versions 1.0 to 1.4: placed by name, version told from the columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.words import currency_reader, word_reader
from bursar.connect.errors import MissingColumns
from bursar.connect.kinship import looks_like, named
from bursar.connect.layout import (
    Columns,
    Format,
    Header,
    Placed,
    key_of,
    place_known,
    refuse_duplicates,
)
from bursar.connect.schema import cost_line_schema
from bursar.core.tables.focus_columns import ALLOWED, BY_FOCUS_NAME, FOCUS, REQUIRED, VERSIONS

PERIOD_REVERSED = "import.period_reversed"
COST_NULL = "import.cost_null"
_OTHER_COSTS = ("effective_cost", "list_cost", "contracted_cost")

_MISSING_CODES = {
    "billed_cost": "import.amount_missing",
    "billing_currency": "import.currency_unknown",
    "billing_period_start": "import.date_missing",
    "charge_period_start": "import.date_missing",
    "charge_period_end": "import.date_missing",
    "charge_category": "import.charge_category_unknown",
}


def place_focus(file: str, headers: Sequence[Header]) -> list[Placed]:
    """Where each column goes; refused when a column is missing without which there is no cost."""
    keys = {key_of(header.name) for header in headers}
    missing = [name for name in REQUIRED if key_of(name) not in keys]
    if missing:
        raise MissingColumns(
            f"{file}: the {named(missing)} missing, so this cannot be read as FOCUS "
            f"cost and usage; {looks_like(headers)}"
        )
    refuse_duplicates(file, headers)
    return [_place(file, header) for header in headers]


def _place(file: str, header: Header) -> Placed:
    placed = place_known(file, header)
    required = _MISSING_CODES.get(placed.target)
    read = placed.read
    if placed.target == "billing_currency":
        read = currency_reader()
    elif placed.target == "charge_category":
        read = word_reader(
            ALLOWED["charge_category"],
            code="import.charge_category_unknown",
            what="charge category",
        )
    return Placed(header, placed.target, placed.type, read, required)


def focus_version(headers: Sequence[Header]) -> str:
    """The oldest version that knows every FOCUS column of the file, but not one that lacks
    a provider's name: without ProviderName a file of 1.3 columns follows 1.4."""
    keys = {key_of(header.name) for header in headers}
    present = [column for column in FOCUS if key_of(column.focus) in keys]
    version = max((column.since for column in present), default=VERSIONS[0])
    retired = any(column.until < VERSIONS[-1] for column in present)
    if version == "1.3" and not retired:
        return "1.4"
    return version


def absent_columns(placed: Sequence[Placed], version: str) -> list[str]:
    """Columns that the version demands of every file and this one lacks."""
    there = {item.target for item in placed}
    return [
        column.focus
        for column in FOCUS
        if column.in_version(version)
        and column.standing_in(version).level == "mandatory"
        and column.name not in there
    ]


def finish_focus(columns: Columns) -> None:
    """Fills the provider from its older name."""
    provider = columns.values.get("provider_name")
    if provider is None:
        return
    newer = columns.get("service_provider_name", pa.string())
    if newer.null_count < len(newer):
        provider = pc.coalesce(newer.cast(pa.string()), provider.cast(pa.string()))
    columns.values["service_provider_name"] = provider


def notice_focus(lines: pa.Table) -> Counter[tuple[str, str]]:
    """Counts what was taken and deserves a look: empty costs, periods that end early."""
    noticed: Counter[tuple[str, str]] = Counter()
    for name in _OTHER_COSTS:
        noticed[COST_NULL, _FOCUS_NAME[name]] += lines[name].null_count
    early = pc.less(lines["charge_period_end"], lines["charge_period_start"])
    noticed[PERIOD_REVERSED, "ChargePeriodEnd"] += pc.sum(early).as_py() or 0
    return noticed


_FOCUS_NAME = {column.name: name for name, column in BY_FOCUS_NAME.items()}

FOCUS_FORMAT = Format(
    name="focus",
    place=place_focus,
    finish=finish_focus,
    notice=notice_focus,
    schema=cost_line_schema,
    version=focus_version,
    absent=absent_columns,
    repetitive=True,
)
