"""Documents read back: what a person sums in them is what the statement says."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import openpyxl
import pypdf
import pytest
from rich.console import Console

from bursar.connect.reading import open_reading
from bursar.office.people.scope import Scope
from bursar.report.bill_of_it import statements
from bursar.report.costs import costs
from bursar.report.documents.cells import safe
from bursar.report.documents.csv import costs_csv, statement_csv
from bursar.report.documents.focus import statement_focus
from bursar.report.documents.pdf import statement_pdf
from bursar.report.documents.table import statement_table
from bursar.report.documents.xlsx import costs_xlsx, statement_xlsx
from bursar.report.errors import NoStatement
from bursar.report.statement import Statements
from bursar.report.wording import money

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]
ALL = Scope.all()


def stores() -> Statements:
    return statements(ALL, periods=["2026-02"], consumer="Stores", currency="EUR")


def text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_pdf_says_what_the_statement_says() -> None:
    found = stores()
    (told,) = found.statements
    text = text_of(statement_pdf(found))
    for part in ("Stores", "February 2026", told.summary, told.statement_id, told.sha256,
                 told.run_id, "Hand-worked company, version 1", "Page 1 of"):  # fmt: skip
        assert part in text
    assert money(told.document_total, "EUR") in text
    for line in told.lines:
        assert money(line.document_amount, "EUR") in text


def test_pdf_is_tagged_archivable_and_the_same_every_time() -> None:
    content = statement_pdf(stores())
    assert content == statement_pdf(stores())
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert reader.metadata.title == "Bill of IT: Stores, 2026-02"


def test_pdf_of_many_counts_the_pages_of_each() -> None:
    found = statements(ALL, periods=["2026-02"])
    text = text_of(statement_pdf(found))
    assert len(re.findall(r"Page 1 of", text)) == len(found.statements)
    with pytest.raises(NoStatement):
        statement_pdf(Statements.of())


def test_spreadsheet_sums_to_the_document_and_keeps_every_digit() -> None:
    found = stores()
    (told,) = found.statements
    content = io.BytesIO(statement_xlsx(found))
    values = openpyxl.load_workbook(content, data_only=True)["Stores"]
    rows = [row for row in values.iter_rows(min_row=6, values_only=True) if row[1]]
    assert len(rows) == len(told.lines)
    assert sum(Decimal(str(row[3])) for row in rows) == told.document_total
    assert sum(Decimal(row[7]) for row in rows) == told.total
    formulas = openpyxl.load_workbook(content)["Stores"]
    total = next(row for row in formulas.iter_rows(values_only=True) if row[0] == "Total")
    assert total[3] == f"=SUM(D6:D{5 + len(rows)})"
    about = openpyxl.load_workbook(content)["About"]
    assert any(told.sha256 in str(row) for row in about.iter_rows(values_only=True))


def test_csv_has_one_row_per_line_exact() -> None:
    found = statements(ALL, periods=["2026-02"])
    rows = list(csv.DictReader(io.StringIO(statement_csv(found))))
    assert len(rows) == sum(len(s.lines) for s in found.statements)
    for told in found.statements:
        mine = [r for r in rows if r["statement_id"] == told.statement_id]
        assert sum(Decimal(r["amount"]) for r in mine) == told.total
        assert sum(Decimal(r["document_amount"]) for r in mine) == told.document_total


def test_focus_rows_are_read_back_by_our_own_reader_to_the_last_digit(tmp_path: Path) -> None:
    found = statements(ALL, periods=["2026-02"])
    path = tmp_path / "showback.csv"
    path.write_text(statement_focus(ALL, found))
    reading = open_reading([path])
    chunks = list(reading.chunks())
    assert reading.format == "focus"
    assert sum(chunk.rejected.num_rows for chunk in chunks) == 0
    read = [row for chunk in chunks for row in chunk.lines.to_pylist()]
    for told in found.statements:
        mine = [
            row
            for row in read
            if row["x_statementid" if "x_statementid" in row else "x_StatementId"]
            == told.statement_id
        ]
        assert sum(row["effective_cost"] for row in mine) == told.total
        assert {row["billed_cost"] for row in mine} == {Decimal(0)}


def test_costs_as_files_have_the_figures_of_the_page() -> None:
    answer = costs(ALL, by=["cost_pool", "consumer"], periods=["2026-02"])
    rows = list(csv.DictReader(io.StringIO(costs_csv(answer))))
    assert [Decimal(r["amount"]) for r in rows] == [r.amount for r in answer.rows]
    sheet = openpyxl.load_workbook(io.BytesIO(costs_xlsx(answer)))["Costs"]
    told = [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[0]]
    assert [Decimal(row[4]) for row in told] == [r.amount for r in answer.rows]
    assert any("SUMIF" in str(row) for row in sheet.iter_rows(values_only=True))


def test_a_terminal_shows_lines_and_total() -> None:
    console = Console(width=160, file=io.StringIO(), record=True)
    console.print(statement_table(stores()))
    text = console.export_text()
    (told,) = stores().statements
    assert "Total EUR" in text
    assert money(told.document_total, "EUR") in text
    console.print(statement_table(Statements.of()))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_name_becomes_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert safe("plain") == "plain"
    assert safe(None) == ""
