"""Workbooks and web pages: header in row 7, merged cells, macros, passwords, several sheets.

Rules R1-R7 of docs/spec/import.md.
"""

from __future__ import annotations

import gzip
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from tests.connect.tables.samples import Read, read_proposed, write

from bursar.connect.errors import Encrypted, ImportRefused, NoSuchSheet
from bursar.connect.looking import look
from bursar.connect.reading import open_reading


def workbook(path: Path, fill: Callable[[Any, Any], None]) -> Path:
    book = xlsxwriter.Workbook(path)
    fill(book, book.add_worksheet("Payables"))
    book.close()
    return path


def payables(book: Any, sheet: Any, first: int = 0) -> None:
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(first, 0, ["Vendor", "Invoice No", "Date", "Amount GBP"])
    for at, (vendor, number, when, amount) in enumerate(
        [("Acme", 1001, date(2026, 1, 31), 0.1), ("Birch", 1002, date(2026, 2, 1), -1234567.89)], 1
    ):
        sheet.write(first + at, 0, vendor)
        sheet.write(first + at, 1, number)
        sheet.write_datetime(first + at, 2, when, day)
        sheet.write(first + at, 3, amount)


def test_a_header_in_row_seven(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write(0, 0, "Payables")
        sheet.write(2, 0, "Printed on")
        sheet.write(2, 1, "2026-02-02")
        payables(book, sheet, 6)

    path = workbook(tmp_path / "a.xlsx", fill)
    seen = look([path])
    assert (seen.kind, seen.header_row) == ("xlsx", 7)
    assert seen.row_numbers[0] == 8
    found = read_proposed(path, currency=None)
    assert [line["billed_cost"] for line in found.lines] == [Decimal("0.1"), Decimal("-1234567.89")]
    assert found.days() == ["2026-01-31", "2026-02-01"]
    assert found.lines[0]["document_ref"] == "1001"
    assert found.lines[0]["billing_currency"] == "GBP"


def test_merged_cells_and_a_header_of_two_rows(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 1, "Supplier")
        sheet.merge_range(0, 2, 0, 3, "Invoice")
        sheet.write_row(1, 0, ["Name", "Department", "Date", "Amount"])
        sheet.merge_range(2, 1, 3, 1, "IT")
        sheet.write_row(2, 0, ["Acme"])
        sheet.write_row(3, 0, ["Birch"])
        sheet.write_row(4, 0, ["Cedar", "HR"])
        for row, amount in ((2, 100.5), (3, 7), (4, 1)):
            sheet.write(row, 2, "2026-01-31")
            sheet.write(row, 3, amount)

    path = workbook(tmp_path / "a.xlsx", fill)
    seen = look([path])
    assert seen.headers == (
        "Supplier Name",
        "Supplier Department",
        "Invoice Date",
        "Invoice Amount",
    )
    found = read_proposed(path)
    assert [line["cost_center"] for line in found.lines] == ["IT", "IT", "HR"]
    assert found.total() == Decimal("108.5")


def test_hidden_rows_and_other_sheets_are_stated(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        payables(book, sheet)
        sheet.set_row(2, None, None, {"hidden": True})
        book.add_worksheet("Notes").write(0, 0, "nothing here")

    path = workbook(tmp_path / "a.xlsx", fill)
    found = read_proposed(path)
    assert len(found.lines) == 2
    assert "rows: 1" in found.warnings["import.hidden_rows"]
    assert "Notes" in found.warnings["import.other_sheets"]
    with pytest.raises(NoSuchSheet) as refused:
        look([path], "Missing")
    assert refused.value.code == "import.no_such_sheet"
    assert look([path], "Notes").sheet == "Notes"


def test_macros_are_never_run(tmp_path: Path) -> None:
    plain = workbook(tmp_path / "a.xlsx", payables)
    path = tmp_path / "a.xlsm"
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            target.writestr(entry, source.read(entry))
        target.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0macros")
    found = read_proposed(path)
    assert len(found.lines) == 2
    assert "never run" in found.warnings["import.macros_ignored"]


def ole_with(stream: str) -> bytes:
    """The smallest compound file that names a stream, as encrypted workbooks do."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096,
                          0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)  # fmt: skip
    return header.ljust(512, b"\xff") + stream.encode("utf-16-le").ljust(512, b"\x00")


def test_a_password_is_a_refusal_of_its_own(tmp_path: Path) -> None:
    office = tmp_path / "a.xlsx"
    office.write_bytes(ole_with("EncryptedPackage"))
    opened = tmp_path / "b.ods"
    with zipfile.ZipFile(opened, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", b"\x00\x01")
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    for path in (office, opened):
        for read in (lambda one: look([one]), lambda one: open_reading([one])):
            with pytest.raises(Encrypted) as refused:
                read(path)
            assert refused.value.code == "import.encrypted"
            assert "password" in refused.value.message


def _changed(source: Path, target: Path, old: bytes, new: bytes) -> Path:
    """The workbook with something else in its first sheet."""
    with zipfile.ZipFile(source) as book, zipfile.ZipFile(target, "w") as other:
        for name in book.namelist():
            content = book.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old in content
                content = content.replace(old, new, 1)
            other.writestr(name, content)
    return target


def test_a_cell_in_the_last_corner_takes_no_memory(tmp_path: Path) -> None:
    """Read as a rectangle it would be 17 thousand million cells, and end the server."""
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    path = _changed(
        workbook(tmp_path / "plain.xlsx", payables), tmp_path / "far.xlsx", b"</sheetData>", far
    )
    with pytest.raises(ImportRefused) as refused:
        look([path])
    assert refused.value.code == "import.not_a_table"
    assert "reaches to row 1,048,576" in refused.value.message


def test_a_workbook_with_entities_of_its_own_is_refused(tmp_path: Path) -> None:
    path = _changed(
        workbook(tmp_path / "plain.xlsx", payables), tmp_path / "entity.xlsx", b"</sheetData>",
        b'<row r="3"><c r="A3" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData>',
    )  # fmt: skip
    with pytest.raises(ImportRefused) as refused:
        look([path])
    assert refused.value.code == "import.damaged"


def test_a_damaged_workbook_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", payables)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ImportRefused) as refused:
        look([path])
    assert refused.value.code == "import.damaged"


def test_a_web_page_that_calls_itself_a_workbook(tmp_path: Path) -> None:
    path = write(
        tmp_path / "export.xls",
        ["<html><body><table><tr><th colspan=2>Supplier</th><th rowspan=2>Amount</th></tr>",
         "<tr><th>Name</th><th>Date</th></tr>",
         "<tr><td>Acme<script>x()</script></td><td>31/01/2026</td><td>1,000.50</td></tr>",
         "<tr><td>Birch &amp; Co</td><td>30/01/2026</td><td>(2.00)</td></tr>",
         "</table></body></html>"],
    )  # fmt: skip
    seen = look([path])
    assert (seen.kind, seen.headers) == ("html", ("Supplier Name", "Supplier Date", "Amount"))
    found = read_proposed(path)
    assert found.total() == Decimal("998.50")
    assert [line["vendor"] for line in found.lines] == ["Acme", "Birch & Co"]


def test_in_gzip_and_without_a_profile(tmp_path: Path) -> None:
    plain = workbook(tmp_path / "a.xlsx", payables)
    path = tmp_path / "a.xlsx.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    found = Read(open_reading([path]))
    assert len(found.lines) == 2
    assert "Amount GBP fills amount" in found.warnings["import.assumed"]


def test_unmarked_utf16(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "Vendor\tDate\tAmount\nAcme\t2026-01-31\t5.00\n"
    path.write_bytes(text.encode("utf-16-le"))
    assert read_proposed(path).total() == Decimal(5)
