"""A whole workbook cell by cell, with its formulas: exact values, nothing calculated, no macros.

A number in a workbook is a binary one, written with up to 17 digits. With at most 15 it is taken as
it is written, with more as the shortest decimal that names it (rule LM1).
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lxml import etree

from bursar.connect.errors import Damaged, NoSuchFile, NotATable, Unreadable, WorkbookTooLarge
from bursar.connect.grids.extent import refuse_sprawling
from bursar.connect.grids.kinds import OLE, table_of
from bursar.core.calc.learning.formulas import moved
from bursar.core.calc.learning.grid import Cell, Place, Sheet, Workbook, column_number

LARGEST = 32 * 1024 * 1024
"""Bytes of the file."""
MOST_CELLS = 300_000
MOST_UNPACKED = 400 * 1024 * 1024
_DIGITS = 15
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DATE_FORMATS = frozenset((*range(14, 23), 27, 30, 36, *range(45, 48), 50, 57))
_DATE_SIGNS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 - days in a workbook have no zone


def read_formulas(path: Path) -> Workbook:
    """All sheets of an xlsx or xlsm workbook.

    Refusals: import.no_such_file, import.unreadable, import.encrypted, import.damaged,
    import.not_a_table, import.workbook_too_large.
    """
    name = path.name
    content = _bytes(path)
    refuse_sprawling(content, name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise WorkbookTooLarge(f"{name}: unpacked, the workbook is larger than 400 MB; "
                                       "keep only the sheets of the allocation in it")  # fmt: skip
            return _Book(archive, name).read()
    except (zipfile.BadZipFile, etree.XMLSyntaxError, EOFError, KeyError, OSError, ValueError,
            NotImplementedError) as failure:  # fmt: skip
        raise Damaged(
            f"{name}: the workbook is damaged ({str(failure)[:80]}); copy or save it again"
        ) from failure


def _bytes(path: Path) -> bytes:
    name = path.name
    try:
        if path.stat().st_size > LARGEST:
            raise WorkbookTooLarge(
                f"{name}: the workbook is larger than {LARGEST // 1024**2} MB; keep only the "
                "sheets of the allocation in it"
            )
        table_of(path, name)  # refuses what is protected by a password
        content = path.read_bytes()
    except FileNotFoundError as failure:
        raise NoSuchFile(f"There is no file {path}.") from failure
    except OSError as failure:
        raise Unreadable(f"{name}: the file cannot be read ({failure.strerror})") from failure
    if content.startswith(OLE):
        raise NotATable(f"{name}: this is an old Excel workbook; save it as .xlsx")
    if not content.startswith(b"PK"):
        raise NotATable(f"{name}: this is no workbook; save the spreadsheet as .xlsx")
    return content


class _Book:
    """The parts of one open workbook."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive, self.name = archive, name
        self.left = MOST_CELLS
        names = set(archive.namelist())
        if "xl/workbook.xml" not in names:
            raise NotATable(f"{name}: this is no workbook of Excel's own kind; save it as .xlsx")
        self.strings = list(self._strings()) if "xl/sharedStrings.xml" in names else []
        self.dates = self._dates() if "xl/styles.xml" in names else frozenset()

    def read(self) -> Workbook:
        ways = {r.get("Id"): r.get("Target") for r in self._tree("xl/_rels/workbook.xml.rels")}
        sheets = []
        for entry in self._tree("xl/workbook.xml").iter("{*}sheet"):
            way = next((v for k, v in entry.attrib.items() if str(k).endswith("}id")), "")
            target = str(ways.get(way) or "")
            file = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            file = posixpath.normpath(file)
            if "worksheets/" in file:
                sheets.append(Sheet(str(entry.get("name")), self._sheet(file)))
        return Workbook(tuple(sheets))

    def _tree(self, file: str) -> Any:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        return etree.fromstring(self.archive.read(file), parser)

    def _strings(self) -> Iterator[str]:
        for entry in self._tree("xl/sharedStrings.xml").iter("{*}si"):
            yield _rich(entry)

    def _dates(self) -> frozenset[int]:
        """Numbers of the styles that show a number as a day."""
        styles = self._tree("xl/styles.xml")
        own = {
            int(entry.get("numFmtId")): _DATE_SIGNS.sub("", entry.get("formatCode") or "")
            for entry in styles.iter("{*}numFmt")
        }
        days = {number for number, code in own.items() if re.search("[dmyhDMYH]", code)}
        found = set()
        for formats in styles.iter("{*}cellXfs"):
            for place, entry in enumerate(formats.iter("{*}xf")):
                if int(entry.get("numFmtId") or 0) in _DATE_FORMATS | days:
                    found.add(place)
        return frozenset(found)

    def _sheet(self, file: str) -> dict[Place, Cell]:
        cells: dict[Place, Cell] = {}
        shared: dict[str, tuple[Place, str]] = {}
        arrays: list[tuple[str, str]] = []
        row = column = 0
        for event, element in etree.iterparse(
            self.archive.open(file), events=("start", "end"), resolve_entities=False,
            no_network=True, tag=("{*}row", "{*}c"),
        ):  # fmt: skip
            if etree.QName(element).localname == "row":
                if event == "start":
                    row, column = int(element.get("r") or row + 1), 0
                else:
                    element.clear()
            elif event == "end":
                named = _REFERENCE.fullmatch(element.get("r") or "")
                column = column_number(named[1]) if named else column + 1
                cell = self._cell(element, (row, column), shared, arrays)
                if cell.value is not None or cell.formula:
                    cells[row, column] = cell
                    self._count()
        for area, formula in arrays:
            _spread(cells, area, formula)
        return cells

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise WorkbookTooLarge(
                f"{self.name}: the workbook has more than {MOST_CELLS:,} filled cells; keep only "
                "the sheets of the allocation in it"
            )

    def _cell(
        self,
        element: Any,
        at: Place,
        shared: dict[str, tuple[Place, str]],
        arrays: list[tuple[str, str]],
    ) -> Cell:
        formula = None
        for node in element.iterchildren("{*}f"):
            formula = node.text or ""
            if node.get("t") == "shared":
                formula = _of_group(node, at, shared)
            elif node.get("ref"):
                arrays.append((str(node.get("ref")), formula))
        return self._valued(element, formula)

    def _valued(self, element: Any, formula: str | None) -> Cell:
        value = next((node.text for node in element.iterchildren("{*}v")), None)
        kind = element.get("t") or "n"
        if kind == "inlineStr":
            return Cell(_rich(element) or None, formula)
        if value is None or (value == "" and kind != "str"):
            return Cell(None, formula)
        if kind == "n":
            number = exact_number(value)
            is_day = int(element.get("s") or 0) in self.dates
            return Cell(_day(number) if is_day else number, formula)
        if kind == "s":
            value = self.strings[int(value)] or None
        elif kind == "b":
            value = "TRUE" if value == "1" else "FALSE"
        return Cell(value, formula, broken=kind == "e")


def exact_number(text: str) -> Decimal:
    """The number that a cell's text means; a `ValueError` where it is none."""
    try:
        number = Decimal(text.strip())
        if not number.is_finite() or abs(number.adjusted()) > _LONGEST:
            raise ValueError(f"'{text[:40]}' is no number of a workbook")
    except InvalidOperation as failure:
        raise ValueError(f"'{text[:40]}' is no number") from failure
    if len(number.as_tuple().digits) <= _DIGITS:
        return number
    return Decimal(repr(float(text)))


_LONGEST = 300


def _day(number: Decimal) -> str:
    try:
        moment = _FIRST_DAY + timedelta(days=int(number))
    except OverflowError:
        return str(number)
    return moment.date().isoformat()


def _rich(entry: Any) -> str:
    """Texts of all runs; readings above Japanese signs are left out."""
    return "".join(
        node.text or ""
        for node in entry.iter("{*}t")
        if etree.QName(node.getparent()).localname != "rPh"
    )


def _of_group(node: Any, at: Place, shared: dict[str, tuple[Place, str]]) -> str:
    """A formula that stands written in the first of its cells only."""
    number = str(node.get("si"))
    if node.text:
        shared[number] = at, node.text
        return str(node.text)
    origin, formula = shared[number]
    return moved(formula, (at[0] - origin[0], at[1] - origin[1]))


def _spread(cells: dict[Place, Cell], area: str, formula: str) -> None:
    """A formula for a whole area stands in its first cell; the others are its results too."""
    ends = [_REFERENCE.fullmatch(end) for end in area.split(":")]
    if None in ends:
        return
    places = [(int(end[2]), column_number(end[1])) for end in ends if end]
    (top, left), (bottom, right) = places[0], places[-1]
    for (row, column), cell in list(cells.items()):
        if top <= row <= bottom and left <= column <= right and cell.formula is None:
            cells[row, column] = Cell(cell.value, formula, cell.broken)
