"""`bursar model …` and `bursar reindex`: the cost model as text."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.connect.workbooks import matrix_sheets, write_book
from tests.surfaces.cli.conftest import Program


def test_a_model_is_checked_applied_shown_and_compared(bursar: Program, model: Path) -> None:
    assert bursar("model", "check", model, "--json").done().json == {
        "version": None,
        "problems": [],
    }
    bursar("model", "show").refused("model.none")
    applied = bursar("model", "apply", model, "--comment", "first", "--json").done().json
    assert (applied["version"], applied["problems"], applied["unchanged"]) == (1, [], False)
    again = bursar("model", "apply", model, "--json").done().json
    assert (again["version"], again["unchanged"]) == (1, True)
    assert bursar("model", "show").done().out == model.read_text()
    shown = bursar("model", "show", "--json").done().json
    assert (shown["version"], shown["comment"], shown["text"]) == (1, "first", model.read_text())
    model.write_text(model.read_text().replace("Online: 60, Corporate: 40", "Online: 100"))
    compared = bursar("model", "diff", model, "--json").done().json
    assert compared["version"] == 1
    assert any(line.startswith("+") and "Online: 100" in line for line in compared["diff"])
    second = bursar("model", "apply", model, "--from", "2026-02", "--json").done().json
    assert (second["version"], second["in_force_from"]) == (2, "2026-02")
    listed = bursar("model", "show", "--versions", "--json").done().json["versions"]
    assert [one["version"] for one in listed] == [2, 1]
    assert "first" in bursar("model", "show", "--versions").done().out
    assert "Online: 60" in bursar("model", "show", "1").done().out
    bursar("model", "show", "7").refused("model.no_such_version")


def test_a_draft_is_saved_listed_shown_and_waits_for_a_person(bursar: Program, model: Path) -> None:
    bursar("model", "apply", model).done()
    model.write_text(model.read_text().replace("Online: 60, Corporate: 40", "Online: 100"))
    saved = bursar("model", "draft", "save", model, "--comment", "all to Online", "--json")
    assert (saved.done().json["draft"], saved.json["against"]) == (1, 1)
    assert saved.json["money"] == {"periods": [], "basis": "effective", "rows": []}
    again = bursar("model", "draft", "save", model, "--draft", "1", "--from", "2026-02").done()
    assert "/model/drafts/1" in again.out
    (listed,) = bursar("model", "draft", "list", "--json").done().json["drafts"]
    assert (listed["standing"], listed["from_period"]) == ("draft", "2026-02")
    assert "draft" in bursar("model", "draft", "list").done().out
    shown = bursar("model", "draft", "show", "1", "--json").done().json
    assert [entry["act"] for entry in shown["history"]] == ["save", "save"]
    assert shown["text"] == model.read_text()
    assert "system: save" in bursar("model", "draft", "show", "1").done().out
    bursar("model", "draft", "publish", "1").refused("model.draft_standing")
    bursar("model", "draft", "show", "9").refused("model.no_draft")
    gone = bursar("model", "draft", "withdraw", "1", "--comment", "later", "--json").done().json
    assert gone["standing"] == "withdrawn"
    bursar("model", "diff", model, "--period", "2026-01").refused("run.no_cost")


def test_what_if_needs_a_run_and_says_what_it_takes(bursar: Program, model: Path) -> None:
    bursar("model", "apply", model).done()
    bursar("what-if", "--period", "2026-01").refused("run.none")
    for wrong in (
        ["--set", "A=1"],
        ["--driver", "d", "--set", "A"],
        ["--driver", "d", "--set", "A=x"],
    ):
        bursar("what-if", "--period", "2026-01", *wrong).refused("cli.bad_options")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("tower: Compute / Servers", "tower: Compute / Servants", "model.unknown_tower"),
        ("Online: 60, Corporate: 40", "Online: 70, Corporate: 40", "model.shares_over_100"),
        ("Online: 60, Corporate: 40", "Online: 50, Corporate: 40", "model.shares_need_residual"),
        ("  - Retail\n", "  - {name: Retail, parent: Online}\n", "model.cycle"),
        ("Corporate: 40", "Nobody: 40", "model.unknown_consumer"),
        ("steps:", "stepps:", "model.unknown_key"),
        ("name: Small firm", "name: [", "model.yaml"),
    ],
)
def test_problems_are_told_with_their_line(
    bursar: Program, model: Path, before: str, after: str, code: str
) -> None:
    text = model.read_text()
    assert before in text
    model.write_text(text.replace(before, after))
    checked = bursar("model", "check", model, "--json")
    assert checked.code == 2
    assert code in {problem["code"] for problem in checked.json["problems"]}
    assert all(problem["where"].startswith("line ") for problem in checked.json["problems"])
    refused = bursar("model", "apply", model, "--json").refused("model.problems")
    assert refused.json["version"] is None
    assert refused.json["problems"] == checked.json["problems"]
    assert refused.json["error"]["code"] == "model.problems"
    assert bursar("model", "show", "--versions", "--json").done().json == {"versions": []}


def test_files_that_are_no_text_are_refused(bursar: Program, tmp_path: Path) -> None:
    bursar("model", "check", tmp_path / "missing.yaml").refused("cli.no_such_file")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    bursar("model", "apply", binary).refused("cli.unreadable_file")
    bursar("model", "diff", tmp_path).refused("cli.unreadable_file")


def test_a_model_from_no_period_is_refused(bursar: Program, model: Path) -> None:
    bursar("model", "apply", model, "--from", "2026-13").refused("model.unknown_period")


def test_batches_from_before_the_model_are_indexed_again(
    bursar: Program, bill: Path, model: Path
) -> None:
    bursar("import", bill).done()
    bursar("model", "apply", model).done()
    told = bursar("reindex", "--json").done().json
    assert told["promoted"] == ["tag.team"]
    assert "tag.team" in bursar("reindex").done().out
    rows = bursar("costs", "--by", "tag.team", "--json").done().json["rows"]
    assert {row["tag.team"] for row in rows} >= {"web-shop", "stores"}


def test_a_workbook_becomes_a_model_without_a_data_folder(firm: Program, tmp_path: Path) -> None:
    book = write_book(tmp_path / "last-year.xlsx", matrix_sheets())
    model, drivers = tmp_path / "model.yaml", tmp_path / "drivers.csv"
    told = firm("model", "learn", book).done().out
    assert "Reproduced to the cent: 435123.54 of 435123.54 (100.00 %)." in told
    assert "Errors in the workbook: none found." in told
    firm("model", "learn", book, "--drivers", drivers).refused("cli.bad_options")
    asked = ("--output", model, "--drivers", drivers, "--period", "2026-01", "--json")
    found = firm("model", "learn", book, *asked).done().json
    assert found["reproduced_percent"] == "100.00"
    assert found["model"] == model.read_text()
    firm("model", "check", model).done()
    firm("import", drivers).done()
    charges = matrix_sheets()
    charges["Charges"][2][3] = 20_000
    wrong = firm("model", "learn", write_book(tmp_path / "w.xlsx", charges)).done().out
    assert "Charges!D3: 20000 is typed" in wrong
    empty = write_book(tmp_path / "empty.xlsx", {"A": [["nothing"]]})
    firm("model", "learn", empty).refused("learn.nothing_numeric")
