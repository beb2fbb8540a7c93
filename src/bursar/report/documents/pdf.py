"""Statements as PDF: tagged PDF/A-3b for the archive, the same bytes whenever it is made.

The time in the file is the moment the run was published, and fonts come with the typesetter, so
that the same statement is the same file on any machine. A system font is used only for letters
that the built-in ones lack.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from bursar.report.charts.bars import statement_bars
from bursar.report.charts.history import history_bars
from bursar.report.charts.svg import chart_svg
from bursar.report.documents.printed import printed
from bursar.report.errors import NoStatement
from bursar.report.statement import Statement, Statements
from bursar.report.wording import compact

TEMPLATE = Path(__file__).with_name("statement.typ")
STANDARDS: list[typst.PDFStandard] = ["a-3b", "ua-1"]


def statement_pdf(found: Statements) -> bytes:
    """One document of these statements, each beginning on a page of its own.

    Raises NoStatement where there is none to print.
    """
    statements = found.statements
    if not statements:
        raise NoStatement("There is no statement to print in this choice of periods and consumers.")
    pages = [_page(number, statement) for number, statement in enumerate(statements)]
    data = {
        "title": _title(statements),
        "author": statements[0].legal_entity_name,
        "statements": pages,
    }
    made = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=STANDARDS,
        timestamp=max(_moment(s) for s in statements),
    )
    assert isinstance(made, bytes)
    return made


def _moment(statement: Statement) -> datetime:
    return datetime.fromisoformat(statement.published_at).replace(microsecond=0)


def _title(statements: Sequence[Statement]) -> str:
    first = statements[0]
    if len(statements) == 1:
        return f"Bill of IT: {first.consumer}, {first.period}"
    return f"Bill of IT, {first.period}: {len(statements)} statements"


def _page(number: int, statement: Statement) -> dict[str, Any]:
    page = printed(statement) | {"number": number}
    page["towers_svg"] = chart_svg(statement_bars(statement, width=230, medium="print"))
    page["towers_told"] = "Bars of the amounts by tower; the table below holds the same figures."
    page["history_svg"] = page["history_told"] = ""
    if len(statement.past) > 1:
        page["history_svg"] = chart_svg(history_bars(statement.past, width=250, medium="print"))
        told = ", ".join(f"{period} {compact(amount)}" for period, amount in statement.past)
        page["history_told"] = f"Statement totals by month: {told}."
    return page
