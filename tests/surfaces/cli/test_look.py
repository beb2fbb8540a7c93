"""`bursar look`: what a file is, what is proposed, and what somebody must say."""

from __future__ import annotations

from pathlib import Path

from tests.surfaces.cli.conftest import Program


def payables(folder: Path) -> Path:
    path = folder / "payables.csv"
    path.write_text(
        "Report of payables\n\nSupplier;Date;Net Amount;Note\nAcme;03/04/2026;1.234,50;x\n"
        "Birch;05/06/2026;7,00;y\n",
        encoding="utf-8",
    )
    return path


def test_it_tells_what_the_file_is_and_what_is_open(bursar: Program, tmp_path: Path) -> None:
    answer = bursar("look", str(payables(tmp_path)), "--json").done().json
    assert (answer["kind"], answer["delimiter"], answer["header_row"]) == ("text", ";", 3)
    assert answer["rows"][0] == ["Acme", "03/04/2026", "1.234,50", "x"]
    assert {use["header"]: use["target"] for use in answer["profile"]["columns"]} == {
        "Supplier": "vendor", "Date": "posting_date", "Net Amount": "net",
    }  # fmt: skip
    assert [q["code"] for q in answer["questions"]] == ["currency", "date_style"]
    assert answer["profile"]["number_style"] == "1.234,56"


def test_what_is_said_is_not_asked_again(bursar: Program, tmp_path: Path) -> None:
    said = ("--say", "date_style=d/m/y", "--say", "currency=EUR")
    answer = bursar("look", str(payables(tmp_path)), *said, "--json").done().json
    assert answer["questions"] == []
    assert answer["profile"]["date_style"] == "d/m/y"
    text = bursar("look", str(payables(tmp_path)), *said).done().out
    assert "header in row 3" in text
    assert "Nothing is open" in text


def test_a_file_of_a_known_format_is_said_to_be_read_as_that(
    bursar: Program, tmp_path: Path
) -> None:
    """An import would not read it as proposed, so the proposal does not pretend that."""
    path = tmp_path / "ledger.csv"
    path.write_text("posting_date,vendor,amount,currency\n2026-01-31,Acme,7.00,EUR\n")
    text = bursar("look", str(path)).done().out
    assert "reads it as ledger 1" in text
    assert "Nothing is open" not in text
    assert bursar("look", str(path), "--json").done().json["read_as"] == "ledger 1"
    assert bursar("look", str(payables(tmp_path)), "--json").done().json["read_as"] == "profile"


def test_people_see_how_to_answer(bursar: Program, tmp_path: Path) -> None:
    text = bursar("look", str(payables(tmp_path)), "--currency", "EUR").done().out
    assert "--say 'date_style=d/m/y' or --say 'date_style=m/d/y'" in text


def test_what_is_no_table_is_refused(bursar: Program, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 ...")
    bursar("look", str(path)).refused("import.not_a_table")


def test_an_import_takes_the_currency_of_the_main_company_and_says_so(
    bursar: Program, tmp_path: Path
) -> None:
    home = str(tmp_path / "home")
    bursar("init", "--home", home).done()
    path = tmp_path / "payables 2026.csv"
    path.write_text("Supplier,Date,Net Amount\nAcme,31/01/2026,(12.50)\nTotal,,-12.50\n")
    answer = bursar("import", str(path), "--home", home, "--json").done().json
    [batch] = answer["batches"]
    assert batch["totals"][0]["billed_cost"] == "-12.5"
    assert (batch["rows_read"], batch["rows_rejected"]) == (1, 0)
    codes = {warning["code"] for warning in answer["warnings"]}
    assert {"import.assumed", "import.total_row"} <= codes
    path.write_text("Supplier,Date,Net Amount\nAcme,03/04/2026,12.50\n")
    bursar("import", str(path), "--home", home).refused("import.profile_needed")
    said = bursar("import", str(path), "--say", "date_style=d/m/y", "--home", home, "--json")
    [batch] = said.done().json["batches"]
    assert batch["period"] == "2026-04"
    bursar("import", str(path), "--say", "currency=GBP", "--home", home).refused(
        "import.profile_needed"
    )
