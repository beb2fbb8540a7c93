"""`bursar focus`: its exit codes and its JSON."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.connect.test_focus_conformance import file
from tests.surfaces.cli.conftest import Program


def test_a_file_that_conforms_leaves_with_0(bursar: Program, tmp_path: Path) -> None:
    answer = bursar("focus", "check", str(file(tmp_path)), "--version", "1.2", "--json").done().json
    assert answer["version"] == "1.2"
    assert answer["score"]["MUST"]["failed"] == 0
    assert [f for f in answer["failures"] if f["level"].startswith("MUST")] == []
    assert set(answer) >= {"version", "score", "failures", "waived"}


def test_a_file_that_does_not_leaves_with_1_and_says_where(bursar: Program, tmp_path: Path) -> None:
    path = file(tmp_path, {}, {"ChargeCategory": "Rent"})
    answer = bursar("focus", "check", str(path), "--version", "1.2")
    assert answer.code == 1
    assert "MUST ChargeCategory-C-003-M: row 2, ChargeCategory: 'Rent'" in answer.err


def test_what_is_no_file_leaves_with_2(bursar: Program, tmp_path: Path) -> None:
    bursar("focus", "check", str(tmp_path / "none.csv")).refused("import.no_such_file")


def test_the_export_can_be_imported_elsewhere_with_the_same_totals(
    bursar: Program, tmp_path: Path
) -> None:
    home, other = str(tmp_path / "a"), str(tmp_path / "b")
    for folder in (home, other):
        bursar("init", "--home", folder).done()
    bursar("import", str(file(tmp_path)), "--home", home).done()
    out = tmp_path / "ledger.csv.gz"
    done = bursar("focus", "export", "--out", str(out), "--home", home, "--json").done().json
    assert done["totals"] == [{"currency": "EUR", "billed_cost": "12.5", "effective_cost": "12.5"}]
    again = bursar("import", str(out), "--home", other, "--json").done().json
    assert again["batches"][0]["totals"][0]["billed_cost"] == "12.5"
    assert again["batches"][0]["format_version"] == "1.4"


def test_what_was_charged_is_written_with_its_ratios(bursar: Program, tmp_path: Path) -> None:
    ledger = tmp_path / "gl.csv"
    ledger.write_text("posting_date,amount,currency\n2025-03-31,100.00,EUR\n")
    model = tmp_path / "model.yaml"
    model.write_text(
        "name: Thirds\nconsumers: [A, B, C]\n"
        "steps: [{to: consumer, rules: [{method: even, targets: [A, B, C]}]}]\n"
    )
    bursar("import", str(ledger), "--format", "ledger").done()
    bursar("model", "apply", str(model)).done()
    bursar("run").done()
    out = tmp_path / "charges.csv"
    told = bursar("focus", "charges", "--period", "2025-03", "--out", str(out), "--json").json
    assert (told["origins"], told["rows"]) == (1, 3)
    assert told["totals"] == [{"currency": "EUR", "amount": "100"}]
    rows = list(csv.DictReader(out.read_text().splitlines()))
    ratios = [row["x_AllocatedRatio"] for row in rows]
    assert ratios == ["0.3333333333", "0.3333333334", "0.3333333333"]
    bursar("focus", "check", str(out)).done()
    bursar("focus", "charges", "--period", "2025-04", "--out", str(out)).refused("run.none")
