"""Which column of a file fills which column of ours, and how its cells are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import pyarrow as pa

from bursar.connect.cells.amounts import read_amounts
from bursar.connect.cells.cell import CellReader, Reason, as_text
from bursar.connect.cells.moments import moment_reader
from bursar.connect.cells.tags import read_tags
from bursar.connect.cells.words import word_reader
from bursar.connect.errors import DuplicateColumns, WrongColumnType
from bursar.core.tables.cost_line import OWN_COLUMNS, PLACE_COLUMNS
from bursar.core.tables.focus_columns import FOCUS
from bursar.core.tables.table import LEDGER, MOMENT

RESERVED = frozenset(column.name for column in PLACE_COLUMNS) | {"batch_id"}

WORKING = "="
"""Targets that begin so are used while finishing and are no columns of a line."""


@dataclass(frozen=True)
class Header:
    """A column as the file has it; CSV columns are text."""

    name: str
    type: pa.DataType


@dataclass(frozen=True)
class Placed:
    """One column of the file, the column of ours that it fills, and the reader between them.

    `required` names the rejection code for an empty cell.
    """

    header: Header
    target: str
    type: pa.DataType
    read: CellReader
    required: str | None = None


@dataclass(frozen=True)
class MoreLines:
    """A second line from some rows: which rows, and what differs from their first line."""

    rows: pa.Array
    values: dict[str, pa.Array]


@dataclass
class Columns:
    """The columns of a block on their way to lines; `bad` holds what finishing found wrong."""

    values: dict[str, pa.Array]
    count: int
    bad: list[tuple[int, str | None, Reason]] = field(default_factory=list)
    noticed: Counter[tuple[str, str]] = field(default_factory=Counter)
    more: list[MoreLines] = field(default_factory=list)

    def get(self, target: str, kind: pa.DataType) -> pa.Array:
        """The column, or nulls where the file has none."""
        found = self.values.get(target)
        return pa.nulls(self.count, kind) if found is None else found


class Sifter(Protocol):
    """Tells rows that are no lines from those that are."""

    def sift(self, columns: Columns, table: pa.Table) -> dict[int, Reason]:
        """The rows of a block that are set aside, each with its reason."""


@dataclass(frozen=True)
class Format:
    """One kind of file: how its columns are placed, finished and named."""

    name: str
    place: Callable[[str, Sequence[Header]], list[Placed]]
    finish: Callable[[Columns], None]
    notice: Callable[[pa.Table], Counter[tuple[str, str]]]
    schema: Callable[[Sequence[Placed]], pa.Schema]
    version: Callable[[Sequence[Header]], str]
    absent: Callable[[Sequence[Placed], str], list[str]]
    repetitive: bool = False
    """Whether texts repeat in line after line, and everything here can deal with codes."""
    views: Callable[[Sequence[str]], list[str]] | None = None
    """What each of the files shows, by their names, where a bill comes as several views."""
    fills: Callable[[str], str | None] | None = None
    """The columns of ours that a working column helps to fill, in words, for a first look."""
    sieve: Callable[[Sequence[Placed]], Sifter] | None = None
    """Sets rows aside that are no lines; a new one for every reading of a part."""


def key_of(header: str) -> str:
    """Spellings that name the same column: case, blanks and underscores do not matter."""
    bare = header.strip().strip('"').lower()
    return bare if bare.startswith("x_") else bare.replace("_", "").replace(" ", "")


def refuse_duplicates(file: str, headers: Sequence[Header]) -> None:
    """A name that stands twice would make the money ambiguous."""
    counted = Counter(key_of(header.name) for header in headers)
    twice = sorted(h.name for h in headers if counted[key_of(h.name)] > 1)
    if twice:
        raise DuplicateColumns(
            f"{file}: the header names {', '.join(twice)} more than once; rename or remove one"
        )


def settle_targets(file: str, placed: Sequence[Placed], named: dict[str, str]) -> list[Placed]:
    """One spelling per target over all files, and one column of a file for each.

    `named` holds the spellings so far; engines that ignore case shall not see two of one name.
    """
    filled: dict[str, str] = {}
    settled = []
    for item in placed:
        target = named.setdefault(item.target.lower(), item.target)
        if target in filled:
            raise DuplicateColumns(
                f"{file}: the columns {filled[target]} and {item.header.name} both fill "
                f"{target}; remove one"
            )
        filled[target] = item.header.name
        settled.append(replace(item, target=target))
    return settled


def amount_column(header: Header, target: str, file: str, required: str | None = None) -> Placed:
    """A column of exact decimals."""
    kind = header.type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if not (numeric or pa.types.is_string(kind) or pa.types.is_null(kind)):
        raise _wrong_type(file, header, "amounts: write decimals or text")
    return Placed(header, target, LEDGER, read_amounts, required)


def moment_column(
    header: Header, target: str, file: str, *, required: str | None = None,
    reader: Callable[[], CellReader] = moment_reader,
) -> Placed:  # fmt: skip
    """A column of dates or moments."""
    kind = header.type
    known = pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_null(kind)
    if not (known or pa.types.is_string(kind)):
        raise _wrong_type(file, header, "dates: write timestamps, dates or text")
    return Placed(header, target, MOMENT, reader(), required)


def text_column(header: Header, target: str) -> Placed:
    """A column that is kept as it came."""
    return Placed(header, target, pa.string(), as_text)


def _wrong_type(file: str, header: Header, wanted: str) -> WrongColumnType:
    return WrongColumnType(
        f"{file}: column {header.name} has type {header.type} and must hold {wanted}"
    )


_TAG_COLUMNS = frozenset({"tags", "allocated_tags"})
_WORDS = {
    "treatment": (("capex", "opex"), "import.treatment_unknown"),
    "intent": (("run", "grow", "transform"), "import.intent_unknown"),
}
_KNOWN = {key_of(column.focus): (column.name, column.kind) for column in FOCUS} | {
    key_of(column.name): (column.name, "decimal" if column.type == LEDGER else "text")
    for column in OWN_COLUMNS
}

_OURS = RESERVED | {name for name, _ in _KNOWN.values()}


def known_column(name: str) -> tuple[str, str] | None:
    """Our column of that name and its kind: text, json, decimal or moment."""
    return _KNOWN.get(key_of(name))


def own_name(header: str) -> str:
    """The name under which a native column is kept beside ours, never one of ours."""
    name = header.strip()
    return f"x_{name}" if name.lower() in _OURS else name


def place_known(file: str, header: Header, *, required: str | None = None) -> Placed:
    """A column of the standard or of our own by its name; any other is kept as text."""
    target, kind = _KNOWN.get(key_of(header.name), (unknown_target(header.name), "text"))
    if kind == "decimal":
        return amount_column(header, target, file, required)
    if kind == "moment":
        return moment_column(header, target, file, required=required)
    if target in _TAG_COLUMNS:
        return Placed(header, target, pa.string(), read_tags)
    if target in _WORDS:
        words, code = _WORDS[target]
        return Placed(header, target, pa.string(), word_reader(words, code=code, what=target))
    return text_column(header, target)


def unknown_target(header: str) -> str:
    """The name under which a column of the file's own is kept."""
    name = header.strip()
    return f"x_{name}" if name.lower() in RESERVED else name


def only_version(_headers: Sequence[Header]) -> str:
    """The version of a format of our own."""
    return "1"


def nothing_absent(_placed: Sequence[Placed], _version: str) -> list[str]:
    """A format of our own demands no more than its required columns."""
    return []


def notice_nothing(_lines: pa.Table) -> Counter[tuple[str, str]]:
    return Counter()
