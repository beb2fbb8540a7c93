"""A register as a table that reads back as the same records (rule RG7)."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import xlsxwriter

from bursar.office.people.models import User
from bursar.office.people.permissions import may
from bursar.record.models import RegisterRecord
from bursar.record.registers.queries import SALARIES, visible
from bursar.record.registers.register import Register
from bursar.record.registers.tables import as_rows
from bursar.report.documents.cells import safe
from bursar.report.documents.csv import written

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def register_csv(user: User | None, register: Register, records: Sequence[RegisterRecord]) -> str:
    """CSV with a header of field names; secret fields only for those who may see them."""
    header, rows = _table(user, register, records)
    return written(header, [[_harmless(cell) for cell in row] for row in rows])


def register_xlsx(
    user: User | None, register: Register, records: Sequence[RegisterRecord]
) -> bytes:
    """The same as a workbook of texts, so that no program turns a number into another one."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(register.title[:31])
    header, rows = _table(user, register, records)
    head = book.add_format({"bold": True, "bottom": 1})
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, head)
    for place, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(place, column, cell)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(header), 16)
    book.close()
    return content.getvalue()


def _harmless(cell: str) -> str:
    """Numbers stay numbers; other texts are never taken for a formula."""
    return cell if _NUMBER.fullmatch(cell) else safe(cell)


def _table(
    user: User | None, register: Register, records: Sequence[RegisterRecord]
) -> tuple[list[str], list[list[str]]]:
    told = [(record.number, visible(user, record)) for record in records]
    return as_rows(register, told, secrets=may(user, SALARIES))
