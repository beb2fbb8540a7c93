"""Places the columns of a file as its profile says, with the readers of the profile's styles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa

from bursar.connect.cells.cell import (
    NULL_WORDS,
    CellReader,
    Cells,
    Known,
    Reason,
    as_text,
    read_distinct,
)
from bursar.connect.cells.words import currency_reader, word_reader
from bursar.connect.errors import ProfileMismatch
from bursar.connect.kinship import named
from bursar.connect.layout import (
    WORKING,
    Header,
    Placed,
    key_of,
    text_column,
    unknown_target,
)
from bursar.connect.looks.naming import TREATMENTS, plain_words
from bursar.connect.profile import (
    AMOUNTS,
    DATES,
    NUMBERS,
    ColumnUse,
    MatrixColumn,
    Profile,
)
from bursar.connect.profiled.amounts import styled_reader
from bursar.connect.profiled.days import day_reader, period_reader
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.focus_columns import ALLOWED
from bursar.core.tables.table import LEDGER, MOMENT

_OURS = frozenset(name.lower() for name in COST_LINE.names)
_DATE_TARGETS = {
    "posting_date": "=posted", "service_start": "=start", "service_end": "=end",
}  # fmt: skip


def place_profile(
    file: str, headers: Sequence[Header], profile: Profile, matrix: MatrixColumn | None
) -> list[Placed]:
    """Every column once; of a matrix one amount column, the others are placed in their turn.

    Refusals: import.profile_mismatch.
    """
    uses = {key_of(use.header): use for use in profile.columns}
    columns = {key_of(column.header) for column in profile.matrix}
    present = {key_of(header.name) for header in headers}
    missing = [use.header for key, use in uses.items() if key not in present]
    missing += [column.header for column in profile.matrix if key_of(column.header) not in present]
    if missing:
        raise ProfileMismatch(
            f"{file}: the {named(missing)} missing that its profile reads; its columns are "
            f"{', '.join(header.name for header in headers[:8])}. Choose another profile, or "
            "the sheet and header row that this file has"
        )
    placed: list[Placed] = []
    taken: set[str] = set()
    for header in headers:
        key = key_of(header.name)
        if matrix is not None and key == key_of(matrix.header):
            placed.append(_amount(header, "amount", profile, None))
        elif key in columns:
            continue
        elif key in uses:
            placed += _used(header, uses[key], profile)
        else:
            placed.append(text_column(header, _kept_name(header.name, taken)))
            taken.add(placed[-1].target.lower())
    return placed


def _kept_name(name: str, taken: set[str]) -> str:
    """The name under which a column is kept that fills nothing: its own, or with x_ before it."""
    target = unknown_target(name)
    if target.lower() in _OURS or target.startswith(WORKING):
        target = f"x_{target.lstrip(WORKING).strip()}"
    while target.lower() in taken:
        target = f"{target}_"
    return target


def _used(header: Header, use: ColumnUse, profile: Profile) -> list[Placed]:
    target = use.target
    if target in AMOUNTS:
        return [_amount(header, target, profile, use.style)]
    if target == "period":
        start = profile.fiscal_year_start
        return [
            Placed(header, "=period", MOMENT, period_reader(start, end=False)),
            Placed(header, "=period_end", MOMENT, period_reader(start, end=True)),
        ]
    if target in DATES:
        reader = day_reader(use.style or profile.date_style)
        return [Placed(header, _DATE_TARGETS[target], MOMENT, reader)]
    if target in NUMBERS:
        reader = styled_reader(use.style or profile.number_style, None)
        return [Placed(header, target, LEDGER, reader)]
    if target in _WORD_TARGETS:
        filled, make = _WORD_TARGETS[target]
        return [Placed(header, filled, pa.string(), make())]
    return [text_column(header, target)]


def _amount(header: Header, target: str, profile: Profile, style: str | None) -> Placed:
    reader = styled_reader(style or profile.number_style, profile.constant("currency"))
    return Placed(header, WORKING + target, LEDGER, reader)


def _treatment_reader() -> CellReader:
    """Reads capex or opex in the words of ledgers: capital, revenue, R, C and the like."""
    known: Known = {}

    def parse(text: str) -> str | Reason | None:
        bare = plain_words(text)
        if not bare or bare in NULL_WORDS:
            return None
        found = TREATMENTS.get(bare)
        said = f"'{text[:40]}' is neither capex nor opex; write one of them"
        return found or Reason("import.treatment_unknown", said)

    def read(column: pa.Array) -> Cells:
        return read_distinct(as_text(column).values, parse, type_=pa.string(), known=known)[0]

    return read


def _words(words: Sequence[str], code: str, what: str) -> Callable[[], CellReader]:
    return lambda: word_reader(words, code=code, what=what)


_WORD_TARGETS: dict[str, tuple[str, Callable[[], CellReader]]] = {
    "currency": ("billing_currency", currency_reader),
    "basis": (
        "=basis",
        _words(("billed", "effective", "booked"), "import.basis_unknown", "basis"),
    ),
    "charge_category": (
        "charge_category",
        _words(ALLOWED["charge_category"], "import.charge_category_unknown", "charge category"),
    ),
    "treatment": ("treatment", _treatment_reader),
    "intent": (
        "intent",
        _words(("run", "grow", "transform"), "import.intent_unknown", "intent"),
    ),
    "sign": ("=sign", lambda: as_text),
}
