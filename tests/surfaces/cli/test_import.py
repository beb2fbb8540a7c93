"""`bursar import | batches | verify | sweep`: what files do to the ledger."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from tests.surfaces.cli.conftest import CHECKOUT, FOCUS_HEAD, Program, focus_line

BATCH_KEYS = {
    "batch_id",
    "file",
    "source",
    "format",
    "format_version",
    "period",
    "rows_read",
    "rows_accepted",
    "rows_rejected",
    "superseded_batch_id",
    "totals",
}
TOTAL_KEYS = {
    "currency",
    "billed_cost",
    "effective_cost",
    "list_cost",
    "contracted_cost",
    "booked_cost",
}


def test_an_import_prints_every_key(bursar: Program, bill: Path) -> None:
    told = bursar("import", bill, "--json").done().json
    (batch,) = told["batches"]
    assert set(batch) >= BATCH_KEYS
    assert set(batch["totals"][0]) >= TOTAL_KEYS
    assert batch["totals"][0]["billed_cost"] == "30.33"
    assert (batch["period"], batch["rows_read"], batch["rows_rejected"]) == ("2026-01", 3, 0)
    assert batch["superseded_batch_id"] is None
    assert told["rejected"] == []
    assert told["unchanged"] is False


def test_again_nothing_changes_and_a_restatement_replaces(bursar: Program, bill: Path) -> None:
    first = bursar("import", bill, "--json").done().json
    again = bursar("import", bill, "--json").done().json
    assert again["unchanged"] is True
    assert again["batches"][0]["batch_id"] == first["batches"][0]["batch_id"]
    assert "nothing changed" in bursar("import", bill).done().out
    bill.write_text(bill.read_text().replace("20.20", "20.21"))
    third = bursar("import", bill, "--json").done().json
    assert third["batches"][0]["superseded_batch_id"] == first["batches"][0]["batch_id"]
    assert third["batches"][0]["totals"][0]["billed_cost"] == "30.34"
    shown = bursar("batches", "--json").done().json["batches"]
    assert sorted(batch["in_force"] for batch in shown) == [False, True]
    assert len(bursar("batches", "--in-force", "--json").done().json["batches"]) == 1
    table = bursar("batches").done().out
    assert "replaced" in table
    assert "in force" in table
    assert "no such batch" in bursar("batches", "--period", "2031-01").done().out
    bursar("verify").done()


def test_rejected_rows_are_told_and_strict_says_so(bursar: Program, tmp_path: Path) -> None:
    file = tmp_path / "torn.csv"
    file.write_text(FOCUS_HEAD + focus_line("1.5") + focus_line("(5.00)") + focus_line("NaN"))
    answer = bursar("import", file, "--json").done().json
    assert answer["batches"][0]["rows_rejected"] == 2
    assert answer["batches"][0]["totals"][0]["billed_cost"] == "1.5"
    assert {row["row"] for row in answer["rejected"]} == {2, 3}
    for row in answer["rejected"]:
        assert set(row) >= {"file", "row", "column", "code", "message"}
    other = tmp_path / "torn2.csv"
    other.write_text(file.read_text() + focus_line("2"))
    strict = bursar("import", other, "--strict")
    assert strict.code == 1
    assert "--strict" in strict.err
    assert "rejected row 2" in strict.err


def test_a_folder_is_one_import_of_its_parts(bursar: Program, tmp_path: Path) -> None:
    folder = tmp_path / "january"
    folder.mkdir()
    (folder / "part-1.csv").write_text(FOCUS_HEAD + focus_line("1.10"))
    (folder / "part-2.csv.gz").write_bytes(
        gzip.compress((FOCUS_HEAD + focus_line("2.20")).encode())
    )
    told = bursar("import", folder, "--json").done().json
    assert [batch["totals"][0]["billed_cost"] for batch in told["batches"]] == ["3.3"]


def test_several_files_are_several_imports(bursar: Program, bill: Path, tmp_path: Path) -> None:
    other = tmp_path / "february.csv"
    other.write_text(FOCUS_HEAD + focus_line("5", month="2026-02"))
    told = bursar("import", bill, other, "--json").done().json
    assert [batch["period"] for batch in told["batches"]] == ["2026-01", "2026-02"]
    assert len(told["imports"]) == 2
    mixed = bursar("import", other, tmp_path / "missing.csv", "--json")
    assert mixed.code == 2
    assert mixed.json["refused"][0]["code"] == "import.no_such_file"


def test_unreadable_files_are_refused_and_leave_nothing(bursar: Program, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    bursar("import", empty).refused("import.empty_file")
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(gzip.compress((FOCUS_HEAD + focus_line("1") * 500).encode())[:200])
    bursar("import", torn).refused("import.truncated")
    wrong = tmp_path / "list.csv"
    wrong.write_text("a,b\n1,2\n")
    told = bursar("import", wrong, "--json").refused("import.missing_columns").json
    assert "BilledCost" in told["error"]["message"]
    assert bursar("batches", "--json").done().json == {"batches": []}
    assert all(check["ok"] for check in bursar("verify", "--json").done().json["checks"])


def test_verify_finds_orphans_and_damage(bursar: Program, bill: Path, fresh_home: Path) -> None:
    bursar("import", bill).done()
    orphan = fresh_home / "lake" / "cost_line" / "2026-01" / "b00" / "lines.parquet"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"left behind")
    # An orphan harms no figure: it is named, and verify stays clean.
    checks = bursar("verify", "--json").done().json["checks"]
    assert any("b00" in check["detail"] for check in checks)
    assert bursar("sweep", "--json").done().json["removed"] == []
    dry = bursar("sweep", "--grace-minutes", 0, "--dry-run", "--json").done().json
    assert [gone["path"] for gone in dry["removed"]] == ["cost_line/2026-01/b00/lines.parquet"]
    assert orphan.exists()
    assert "1 orphan files removed" in bursar("sweep", "--grace-minutes", 0).done().out
    bursar("verify").done()
    (damaged,) = (fresh_home / "lake" / "cost_line").rglob("lines.parquet")
    os.truncate(damaged, damaged.stat().st_size - 1)
    assert "FAILED" in bursar("verify").out
    assert bursar("verify").code == 1


def test_the_journal_is_checked(bursar: Program, bill: Path, fresh_home: Path) -> None:
    import sqlite3
    from contextlib import closing

    bursar("import", bill).done()
    with closing(sqlite3.connect(fresh_home / "bursar.sqlite3")) as database, database:
        database.execute("DROP TRIGGER journal_entry_no_update")
        database.execute("UPDATE journal_entry SET actor = 'somebody' WHERE seq = 2")
    failed = bursar("verify", "--json")
    assert failed.code == 1
    (chain,) = [check for check in failed.json["checks"] if check["name"] == "journal chain"]
    assert "Entry 2" in chain["detail"]


def test_undo_takes_an_import_back(bursar: Program, bill: Path) -> None:
    token = bursar("import", bill, "--json").done().json["imports"][0]["import_token"]
    bursar("undo", token, "--reason", " ").refused("record.reason_needed")
    told = bursar("undo", token, "--reason", "wrong month", "--json").done().json
    assert [batch["period"] for batch in told["withdrawn"]] == ["2026-01"]
    assert told["restored"] == []
    assert bursar("batches", "--in-force", "--json").done().json["batches"] == []
    bursar("undo", token, "--reason", "again").refused("import.not_undoable")
    bursar("verify").done()


def test_invoices_that_stand_twice_are_told(bursar: Program, tmp_path: Path) -> None:
    head = "posting_date,amount,currency,vendor,document\n"
    (tmp_path / "erp.csv").write_text(head + "2026-01-05,9.5,EUR,ACME,7\n")
    (tmp_path / "card.csv").write_text(head + "2026-01-09,9.5,EUR,acme,07\n")
    bursar("import", tmp_path / "erp.csv").done()
    assert "look like invoices" in bursar("import", tmp_path / "card.csv").done().err
    found = bursar("duplicates", "--json").done().json
    assert found["totals"] == [{"currency": "EUR", "basis": "billed", "amount": "9.5"}]
    assert "another_batch" in bursar("duplicates").done().out


def test_two_files_of_one_export_fill_a_basis_each(bursar: Program) -> None:
    folder = CHECKOUT / "tests" / "golden" / "clouds" / "azure"
    files = [str(folder / name) for name in ("actual.csv", "amortized.csv")]
    told = bursar("import", *files, "--together", "--json").done().json
    assert [one["file"] for one in told["imports"]] == ["actual.csv and 1 more"]
    [total] = [total for batch in told["batches"] for total in batch["totals"]]
    assert (total["billed_cost"], total["effective_cost"]) == ("74.81", "81.01")
