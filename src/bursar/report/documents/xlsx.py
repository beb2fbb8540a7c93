"""Statements and costs as spreadsheets: numbers as numbers, totals as formulas, exact text beside.

A spreadsheet holds 15 digits of a number. The column of exact amounts is therefore text; what a
document prints fits and is a number that can be summed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.money.currency import minor_digits
from bursar.report.conversion import AS_BILLED
from bursar.report.costs import Costs
from bursar.report.documents.cells import safe
from bursar.report.documents.printed import BASIS_TOLD, grouped
from bursar.report.statement import Statement, Statements

ABOUT = "About"


@dataclass(frozen=True)
class _Book:
    """A workbook in the making and the formats that its sheets share."""

    workbook: xlsxwriter.Workbook
    formats: dict[str, Any]

    def money(self, currency: str, *, bold: bool = False) -> Any:
        key = f"{currency}{bold}"
        if key not in self.formats:
            digits = minor_digits(currency)
            pattern = "#,##0" + ("." + "0" * digits if digits else "")
            look = {"num_format": f"{pattern};[Color 52]-{pattern};{pattern}", "bold": bold}
            if bold:
                look |= {"top": 1, "top_color": "#b9bfc4"}
            self.formats[key] = self.workbook.add_format(look)
        return self.formats[key]


@contextmanager
def _book(title: str) -> Iterator[tuple[_Book, io.BytesIO]]:
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    workbook.set_properties({"title": title, "comments": "Made by Bursar"})
    add = workbook.add_format
    formats = {
        "title": add({"bold": True, "font_size": 16}),
        "soft": add({"font_color": "#56606b"}),
        "head": add({"bold": True, "bottom": 1, "bg_color": "#f4f6f8", "text_wrap": True}),
        "head_right": add(
            {"bold": True, "bottom": 1, "bg_color": "#f4f6f8", "align": "right", "text_wrap": True}
        ),
        "bold": add({"bold": True, "top": 1, "top_color": "#b9bfc4"}),
        "share": add({"num_format": "0.0 %"}),
        "exact": add({"align": "right", "font_color": "#56606b"}),
        "wrap": add({"text_wrap": True, "valign": "top"}),
        "label": add({"font_color": "#56606b", "valign": "top"}),
    }
    yield _Book(workbook, formats), content
    workbook.close()


def statement_xlsx(found: Statements) -> bytes:
    """One workbook: a sheet per statement, and a sheet that says what the figures are."""
    with _book("Bill of IT") as (book, content):
        names: set[str] = set()
        for statement in found.statements:
            _statement_sheet(book, statement, names)
        _about_sheet(book, _about(found.statements))
    return content.getvalue()


def costs_xlsx(costs: Costs) -> bytes:
    """The rows of `costs` as a table with one total per currency."""
    with _book("Costs") as (book, content):
        sheet = book.workbook.add_worksheet("Costs")
        header = [*costs.by, "currency", "amount", "exact amount"]
        for column, name in enumerate(header):
            is_amount = column > len(costs.by)
            sheet.write(0, column, name, book.formats["head_right" if is_amount else "head"])
        amounts = len(costs.by) + 1
        for number, row in enumerate(costs.rows, start=1):
            for column, value in enumerate(row.dimensions.values()):
                sheet.write_string(number, column, safe(value))
            sheet.write_string(number, amounts - 1, row.currency)
            sheet.write_number(number, amounts, row.amount, book.money(row.currency))
            exact = exact_text(row.amount)
            sheet.write_string(number, amounts + 1, exact, book.formats["exact"])
        _cost_totals(book, sheet, costs)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(costs.rows), 1), amounts)
        sheet.set_column(0, max(len(costs.by) - 1, 0), 28)
        sheet.set_column(amounts, amounts + 1, 18)
        _about_sheet(book, _about_costs(costs))
    return content.getvalue()


def _cost_totals(book: _Book, sheet: Worksheet, costs: Costs) -> None:
    amounts, last = len(costs.by) + 1, len(costs.rows) + 1
    letter, code = chr(ord("A") + amounts), chr(ord("A") + amounts - 1)
    for number, total in enumerate(costs.totals, start=len(costs.rows) + 2):
        formula = f'=SUMIF({code}2:{code}{last},"{total.currency}",{letter}2:{letter}{last})'
        sheet.write_string(number, amounts - 1, total.currency, book.formats["bold"])
        money = book.money(total.currency, bold=True)
        sheet.write_formula(number, amounts, formula, money, total.amount)
        sheet.write_string(number, amounts + 1, exact_text(total.amount), book.formats["exact"])


def _statement_sheet(book: _Book, statement: Statement, names: set[str]) -> None:
    sheet = book.workbook.add_worksheet(_sheet_name(statement, names))
    formats = book.formats
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, safe(statement.consumer), formats["title"])
    told = f"Bill of IT, {statement.period}, {statement.currency}, {statement.basis} cost"
    sheet.write_string(1, 0, told, formats["soft"])
    sheet.write_string(2, 0, safe(statement.legal_entity_name), formats["soft"])
    head = ["Solution", "Tower", "Cost pool", "Amount", "Share", "Period before", "Change",
            "Exact amount"]  # fmt: skip
    for column, name in enumerate(head):
        sheet.write_string(4, column, name, formats["head" if column < 3 else "head_right"])
    last = _lines(book, sheet, statement)
    _total_row(book, sheet, statement, last)
    sheet.freeze_panes(5, 0)
    sheet.set_column(0, 2, 32)
    sheet.set_column(3, 6, 15)
    sheet.set_column(7, 7, 26)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(4)
    sheet.set_footer(f"&L{statement.statement_id}&RPage &P of &N")


def _lines(book: _Book, sheet: Worksheet, statement: Statement) -> int:
    """Writes the lines by solution; returns the last line's row as the sheet counts it."""
    money, row = book.money(statement.currency), 4
    for _, lines in grouped(statement.lines):
        for line in lines:
            row += 1
            for column, text in enumerate((line.solution, line.tower, line.cost_pool)):
                sheet.write_string(row, column, safe(text))
            sheet.write_number(row, 3, line.document_amount, money)
            sheet.write_number(row, 4, line.share, book.formats["share"])
            _optional(sheet, row, 5, line.previous, money)
            _optional(sheet, row, 6, line.change, money)
            sheet.write_string(row, 7, exact_text(line.amount), book.formats["exact"])
    return row


def _total_row(book: _Book, sheet: Worksheet, statement: Statement, last: int) -> None:
    row, bold = last + 1, book.money(statement.currency, bold=True)
    first = 6
    sheet.write_string(row, 0, "Total", book.formats["bold"])
    for column in (1, 2, 4):
        sheet.write_blank(row, column, None, book.formats["bold"])
    values = {
        "D": statement.document_total,
        "F": exact_sum(x.previous for x in statement.lines if x.previous is not None),
        "G": exact_sum(x.change for x in statement.lines if x.change is not None),
    }
    for letter, value in values.items():
        formula = f"=SUM({letter}{first}:{letter}{max(last + 1, first)})"
        sheet.write_formula(row, ord(letter) - ord("A"), formula, bold, value)
    sheet.write_string(row, 7, exact_text(statement.total), book.formats["exact"])


def _optional(sheet: Worksheet, row: int, column: int, amount: Decimal | None, look: Any) -> None:
    if amount is not None:
        sheet.write_number(row, column, amount, look)


def _sheet_name(statement: Statement, names: set[str]) -> str:
    """A name that a spreadsheet accepts: 31 characters, none of its signs, each once."""
    plain = "".join(c for c in statement.consumer if c not in "[]:*?/\\'") or "Statement"
    wanted, number = plain[:26], 1
    while wanted.lower() in names | {ABOUT.lower(), "history"}:
        number += 1
        wanted = f"{plain[:26]} {number}"
    names.add(wanted.lower())
    return wanted


def _about(statements: Sequence[Statement]) -> list[tuple[str, str]]:
    rows = []
    for s in statements:
        kind = "sum of " + ", ".join(s.below) if s.rollup else s.statement_id
        rows += [
            (f"{s.consumer}, {s.period}", kind),
            ("Total (exact)", f"{exact_text(s.total)} {s.currency}"),
            ("Total (document)", f"{exact_text(s.document_total)} {s.currency}"),
            ("Basis", BASIS_TOLD[s.basis]),
            ("Run", f"{s.run_id}, frozen {s.published_at}"),
            ("Cost model", f"{s.model_name}, version {s.model_version or 'none'}"),
            ("SHA-256", s.sha256),
            ("", ""),
        ]
    told = "Amounts are what the document prints. The exact amount is text with every digit."
    return [*rows, ("How to read", told)]


def _about_costs(costs: Costs) -> list[tuple[str, str]]:
    filters = "; ".join(f"{name} is {value or 'empty'}" for name, value in costs.filters)
    return [
        ("Basis", BASIS_TOLD[costs.basis]),
        ("View", costs.view),
        ("Currency", costs.conversion["words"] if costs.conversion else AS_BILLED.words),
        ("Periods", ", ".join(costs.periods)),
        ("Filters", filters or "none"),
        *(("Note", note) for note in costs.notes),
        ("How to read", "Amounts are shown rounded. The exact amount is text with every digit."),
    ]


def _about_sheet(book: _Book, rows: Sequence[tuple[str, str]]) -> None:
    sheet = book.workbook.add_worksheet(ABOUT)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90)
    for number, (label, text) in enumerate(rows):
        sheet.write_string(number, 0, safe(label), book.formats["label"])
        sheet.write_string(number, 1, safe(text), book.formats["wrap"])
