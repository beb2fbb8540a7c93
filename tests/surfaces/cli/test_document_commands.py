"""`bursar document …`: entered, listed, shown and reversed from the command line.

Rules D1, D4, D7 and D9 of docs/spec/documents.md.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Program

HEAD = ("--date", "2025-03-10", "--currency", "EUR", "--description", "Licences")


def enter(bursar: Program, *words: object) -> dict:
    return bursar("document", "enter", *HEAD, *words, "--json").done().json


def test_a_document_from_options_counts_at_once(bursar: Program, tmp_path: Path) -> None:
    proof = tmp_path / "proof.txt"
    proof.write_text("paid")
    told = enter(
        bursar, "--line", "120.50,gl_account=6200,cost_center=C1", "--line=-0.5", "--attach", proof
    )
    assert (told["number"], told["totals"]) == ("C2025-0001", {"billed": "120"})
    assert [line["gl_account"] for line in told["lines"]] == ["6200", ""]
    assert [file["name"] for file in told["attachments"]] == ["proof.txt"]
    costs = bursar("costs", "--by", "source", "--json").done().json
    assert [(r["source"], r["amount"]) for r in costs["rows"]] == [("documents", "120")]
    listed = bursar("document", "list", "--json").done().json["documents"]
    assert [(d["number"], d["line_count"]) for d in listed] == [("C2025-0001", 2)]
    assert "120.5 " in bursar("document", "show", "C2025-0001").done().out


def test_a_document_from_a_file_and_its_reversal(bursar: Program, tmp_path: Path) -> None:
    file = tmp_path / "doc.json"
    file.write_text(json.dumps({
        "kind": "accrual", "date": "2025-03-31", "currency": "EUR", "description": "Hosting",
        "lines": [{"amount": "70", "tags": {"team": "data"}}],
    }))  # fmt: skip
    once = bursar("document", "enter", "--file", file, "--key", "k1", "--json").done().json
    again = bursar("document", "enter", "--file", file, "--key", "k1", "--json").done().json
    assert (once["taken_back_by"], again["number"]) == (["A2025-0002"], once["number"])
    back = bursar("document", "reverse", "A2025-0001", "--reason", "Invoice came", "--json").done()
    assert back.json["reverses"] == "A2025-0001"
    assert bursar("costs", "--json").done().json["rows"][0]["amount"] == "0"


def test_many_lines_from_a_table(bursar: Program, tmp_path: Path) -> None:
    table = tmp_path / "lines.csv"
    table.write_text("amount,vendor,tags\n1.25,ACME,team=data\n2,,\n")
    told = enter(bursar, "--line", "4", "--lines", table)
    assert [line["amount"] for line in told["lines"]] == ["4", "1.25", "2"]
    assert told["lines"][1]["vendor"] == "ACME"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--line", "1,6200"), "cli.bad_options"),
        (("--line", "1,50"), "cli.bad_options"),
        ((), "record.bad_document"),
        (("--line", "1", "--kind", "reclassification"), "record.document_unbalanced"),
    ],
)
def test_what_is_refused_enters_nothing(bursar: Program, words: tuple[str, ...], code: str) -> None:
    bursar("document", "enter", *HEAD, *words).refused(code)
    assert bursar("document", "list", "--json").done().json == {"documents": []}
