"""Files of exchange rates: the European Central Bank's table, and one rate per row.

The bank's file has a column per currency and a row per day, each cell being units of that currency
for one euro; `N/A` is a gap. It comes as CSV or zipped. Any other file has the columns `date`,
`from`, `to`, `rate` and, where they differ from a daily rate, `type` and `until`.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from bursar.connect.errors import (
    Damaged,
    EmptyFile,
    MissingColumns,
    NoRows,
    NoSuchFile,
    NotATable,
    Unreadable,
    WrongEncoding,
)
from bursar.connect.kinship import named
from bursar.core.money.amount import AmountError, parse_amount
from bursar.core.money.currency import has_rates

TYPES = ("closing", "average", "plan")
ECB = "ECB"
_LARGEST = 100 * 1024 * 1024
_GAPS = frozenset({"", "n/a", "na", "-", "null"})
_NEEDED = ("date", "from", "to", "rate")
_SPELLINGS = ("%Y-%m-%d", "%d %B %Y")


@dataclass(frozen=True)
class RateRow:
    """One rate as the file states it; `until` is the last day it covers, where the file says so."""

    row: int
    column: str | None
    type: str
    source: str
    target: str
    rate: Decimal
    day: date
    until: date | None = None


@dataclass
class RateFile:
    """What a file holds: rates, and cells or rows that are none, each with its reason."""

    name: str
    format: str
    rates: list[RateRow] = field(default_factory=list)
    rejected: list[dict[str, object]] = field(default_factory=list)
    rows_read: int = 0
    gaps: int = 0

    def reject(self, row: int, column: str | None, code: str, message: str, raw: str = "") -> None:
        self.rejected.append(
            {"file": self.name, "row": row, "column": column, "code": code,
             "message": message, "raw": raw[:200]}
        )  # fmt: skip


def read_rates(path: Path) -> RateFile:
    """The rates of a file; what cannot be read exactly is rejected cell by cell.

    Refusals: import.no_such_file, import.unreadable, import.empty_file, import.not_a_table,
    import.damaged, import.encoding, import.missing_columns, import.no_rows.
    """
    lines = _lines(path)
    header = [cell.strip() for cell in next(lines, [])]
    keys = [cell.lower() for cell in header]
    if set(_NEEDED) <= set(keys):
        found, read = RateFile(path.name, "rates"), _one_rate
        places = {key: place for place, key in enumerate(keys)}
        take: Callable[[int, list[str]], None] = lambda row, cells: read(found, row, cells, places)  # noqa: E731
    elif keys[:1] == ["date"] and any(_is_code(cell) for cell in header[1:]):
        found = RateFile(path.name, "ecb")
        take = lambda row, cells: _day_of_rates(found, row, cells, header)  # noqa: E731
    else:
        missing = [name for name in _NEEDED if name not in keys]
        raise MissingColumns(
            f"{path.name}: the {named(missing)} missing that a file of rates needs; a table of the "
            "European Central Bank begins with Date and has a column per currency"
        )
    for row, cells in enumerate(lines, 1):
        if any(cell.strip() for cell in cells):
            found.rows_read += 1
            take(row, cells)
    if not found.rows_read:
        raise NoRows(f"{path.name}: there is a header and no rate below it; download it again")
    return found


def _lines(path: Path) -> Iterator[list[str]]:
    try:
        text = _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise WrongEncoding(
            f"{path.name}: the text is not UTF-8; save the file as CSV UTF-8"
        ) from failure
    if not text.strip():
        raise EmptyFile(f"{path.name}: the file is empty; download it again")
    if "\x00" in text:
        raise NotATable(f"{path.name}: this is no text; rates come as CSV or as the bank's zip")
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    return csv.reader(io.StringIO(text.lstrip()), delimiter=delimiter)


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError as failure:
        raise NoSuchFile(
            f"{path}: there is no such file; check the name and the folder"
        ) from failure
    except OSError as failure:
        raise Unreadable(f"{path.name}: cannot be read ({failure.strerror})") from failure
    return _unpacked(path.name, content) if content.startswith(b"PK\x03\x04") else content


def _unpacked(name: str, content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [i for i in archive.infolist() if i.filename.lower().endswith(".csv")]
            if len(inside) != 1 or inside[0].file_size > _LARGEST:
                raise NotATable(f"{name}: a zip of rates holds exactly one CSV file, of 100 MB")
            return archive.read(inside[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as failure:
        raise Damaged(
            f"{name}: the zip is damaged or asks for a password; download it again"
        ) from failure


def _day_of_rates(found: RateFile, row: int, cells: list[str], header: list[str]) -> None:
    day = _day(cells[0])
    if day is None:
        _bad_day(found, row, header[0], cells[0])
        return
    for column, cell in zip(header[1:], cells[1:], strict=False):
        text = cell.strip()
        if not column or text.lower() in _GAPS:
            found.gaps += bool(column)
            continue
        if not _is_code(column):
            said = f"'{column}' is no currency code of ISO 4217"
            found.reject(row, column, "rate.currency_unknown", said, text)
        elif (rate := _rate(found, row, column, text)) is not None:
            found.rates.append(RateRow(row, column, "closing", "EUR", column, rate, day))


def _one_rate(found: RateFile, row: int, cells: list[str], places: dict[str, int]) -> None:
    def cell(name: str) -> str:
        place = places.get(name)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    if len(cells) != len(places):
        said = "the line does not have as many cells as the header; mend the line"
        found.reject(row, None, "import.torn_line", said, ",".join(cells))
        return
    kind = cell("type").lower() or "closing"
    if kind not in TYPES:
        said = f"'{kind}' is none of {', '.join(TYPES)}"
        found.reject(row, "type", "rate.type_unknown", said, cell("type"))
        return
    day, until = _day(cell("date")), _day(cell("until")) if cell("until") else None
    if day is None or (cell("until") and (until is None or until < day)):
        _bad_day(found, row, "date" if day is None else "until", cell("date"))
        return
    source, target = cell("from").upper(), cell("to").upper()
    for column, code in (("from", source), ("to", target)):
        if not _is_code(code):
            said = f"'{code}' is no currency code of ISO 4217; write one such as EUR"
            found.reject(row, column, "rate.currency_unknown", said, code)
            return
    if source == target:
        said = f"a rate joins two currencies, not {source} with itself"
        found.reject(row, "to", "rate.same_currency", said, target)
        return
    rate = _rate(found, row, "rate", cell("rate"))
    if rate is not None:
        found.rates.append(RateRow(row, "rate", kind, source, target, rate, day, until))


def _rate(found: RateFile, row: int, column: str, text: str) -> Decimal | None:
    """The rate, exactly; zero and less is no rate (rule V9)."""
    try:
        rate = parse_amount(text)
    except AmountError as failure:
        found.reject(row, column, "rate.not_a_number", failure.message, text)
        return None
    if rate <= 0:
        said = f"a rate of {text} would make money vanish or turn round; write a positive rate"
        found.reject(row, column, "rate.not_positive", said, text)
        return None
    return rate


def _bad_day(found: RateFile, row: int, column: str, text: str) -> None:
    said = f"'{text[:40]}' is no day, or one before the first; write YYYY-MM-DD"
    found.reject(row, column, "import.date_invalid", said, text)


def _day(text: str) -> date | None:
    text = text.strip()
    if len(text) == len("2026-01"):
        text += "-01"
    for spelling in _SPELLINGS:
        try:
            return datetime.strptime(text, spelling).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _is_code(text: str) -> bool:
    return has_rates(text.strip())
