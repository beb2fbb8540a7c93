"""Workbooks as grids of texts: values as they are stored, never calculated, macros never run.

Numbers in workbooks are floats; each is taken as the shortest decimal that names it. The text of
a merged cell stands for all the cells that it covers, a number or date stands once.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import python_calamine as calamine

from bursar.connect.errors import Damaged, Encrypted, NoSuchSheet, NotATable
from bursar.connect.grids.extent import refuse_sprawling
from bursar.connect.grids.grid import Grid, Sheet
from bursar.connect.grids.kinds import OLE, whole_bytes
from bursar.connect.notices import ReadingWarning
from bursar.connect.parts import Part
from bursar.core.money.amount import exact_text

_HIDDEN_ROW = re.compile(rb'<row\b[^>]*\bhidden="(?:1|true)"')
_HIDDEN_ODS = re.compile(rb'<table:table-row\b[^>]*table:visibility="(?:collapse|filter)"')


def read_workbook(part: Part, sheet: str | None) -> Grid:
    """One sheet: the one that is named, or the one that holds most."""
    content = whole_bytes(part)
    refuse_sprawling(content, part.name)
    book = _open(content, part.name)
    sheets = tuple(
        Sheet(m.name, m.visible != calamine.SheetVisibleEnum.Visible)
        for m in book.sheets_metadata
        if m.typ == calamine.SheetTypeEnum.WorkSheet
    )
    if sheet is not None and sheet not in {one.name for one in sheets}:
        raise NoSuchSheet(
            f"{part.name}: there is no sheet '{sheet}'; "
            f"it has {', '.join(one.name for one in sheets)}"
        )
    chosen = sheet or _fullest(book, sheets, part.name)
    found = _sheet(book, chosen, part.name)
    values = found.to_python(skip_empty_area=False)
    rows = [[cell_text(value) for value in row] for row in values]
    _spread_merged(rows, values, found.merged_cell_ranges or [])
    kind = _kind(content)
    return Grid(
        kind=kind,
        rows=tuple(tuple(row) for row in rows),
        numbers=tuple(range(1, len(rows) + 1)),
        sheet=chosen,
        sheets=sheets,
        notes=tuple(_notes(content, kind, sheets, chosen)),
    )


def _open(content: bytes, name: str) -> Any:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as failure:
        raise Encrypted(
            f"{name}: the workbook is protected by a password; open it, save it without one, "
            "and import that"
        ) from failure
    except calamine.CalamineError as failure:
        if content.startswith(OLE) and "Workbook".encode("utf-16-le") not in content:
            raise NotATable(
                f"{name}: this is no old Excel workbook but another Office document; export "
                "its table as CSV"
            ) from failure
        raise Damaged(
            f"{name}: the workbook is damaged ({str(failure)[:80]}); copy or save it again"
        ) from failure


def _sheet(book: Any, sheet: str, name: str) -> Any:
    """The sheet; its cells are only read now, and may be no cells at all."""
    try:
        return book.get_sheet_by_name(sheet)
    except calamine.CalamineError as failure:
        raise Damaged(
            f"{name}: sheet '{sheet}' of the workbook is damaged ({str(failure)[:80]}); copy or "
            "save it again"
        ) from failure


def _fullest(book: Any, sheets: Sequence[Sheet], name: str) -> str:
    sizes = []
    for at, one in enumerate(sheets):
        found = _sheet(book, one.name, name)
        filled = sum(value != "" for row in found.to_python() for value in row)
        sizes.append((not one.hidden and filled > 1, filled, -at, one.name))
    if not sizes or max(size[1] for size in sizes) == 0:
        raise NotATable(f"{name}: no sheet of the workbook has a filled cell; save it again")
    return max(sizes)[3]


def cell_text(value: object) -> str:
    """The text of a cell; of a float the shortest decimal that names it."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value).upper()  # also of the words TRUE and FALSE
    if isinstance(value, float):
        return exact_text(Decimal(repr(value)))
    if isinstance(value, datetime):
        whole_day = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return value.date().isoformat() if whole_day else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) or value is not None else ""


def _spread_merged(
    rows: list[list[str]],
    values: Sequence[Sequence[object]],
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    for (top, left), (bottom, right) in merged:
        if top >= len(values) or left >= len(values[top]):
            continue
        if not isinstance(values[top][left], str):
            continue
        for row in rows[top : bottom + 1]:
            for at in range(left, min(right + 1, len(row))):
                row[at] = row[at] or rows[top][left]


def _kind(content: bytes) -> str:
    if content.startswith(OLE):
        return "xls"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
    if "xl/vbaProject.bin" in names or b"macroEnabled" in types:
        return "xlsm"
    if "xl/workbook.bin" in names:
        return "xlsb"
    return "xlsx" if "xl/workbook.xml" in names else "ods"


def _notes(content: bytes, kind: str, sheets: Sequence[Sheet], sheet: str) -> list[ReadingWarning]:
    notes = []
    if kind == "xlsm" or (kind == "xls" and "_VBA_PROJECT".encode("utf-16-le") in content):
        said = "the workbook has macros; they are never run, the values as saved are read"
        notes.append(ReadingWarning("import.macros_ignored", said))
    hidden = _hidden_rows(content, kind, [one.name for one in sheets].index(sheet))
    if hidden:
        said = f"rows that are hidden in the workbook are read like all others (rows: {hidden})"
        notes.append(ReadingWarning("import.hidden_rows", said))
    others = [one.name for one in sheets if one.name != sheet]
    if others:
        said = f"only the sheet '{sheet}' is read; the others are {', '.join(others)}"
        notes.append(ReadingWarning("import.other_sheets", said))
    return notes


def _hidden_rows(content: bytes, kind: str, place: int) -> int:
    """How many rows are hidden: worksheets by their usual file names, which keep the order."""
    if kind not in ("xlsx", "xlsm", "ods"):
        return 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if kind == "ods":
            return len(_HIDDEN_ODS.findall(archive.read("content.xml")))
        name = f"xl/worksheets/sheet{place + 1}.xml"
        found = archive.read(name) if name in archive.namelist() else b""
    return len(_HIDDEN_ROW.findall(found))
