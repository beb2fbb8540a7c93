"""`bursar issued …`: from issue to settlement at the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.surfaces.cli.conftest import Program


def test_issue_accept_dispute_decide_credit_and_show(firm: Program, tmp_path: Path) -> None:
    assert "Nothing was issued yet" in firm("issued", "list").done().out
    made = firm("issued", "issue", "--period", "2026-01", "--json").done().json["numbers"]
    firm("issued", "issue", "--period", "2026-01").refused("statement.nothing_to_issue")
    number = made[0]
    assert number in firm("issued", "list").done().out
    firm("issued", "accept", number).done()
    firm("issued", "accept", number).refused("statement.not_to_answer")
    firm("issued", "dispute", number, "--text", "Too much", "--line", "1").done()
    firm("issued", "answer", number, "--text", "Since when?").done()
    told = firm("issued", "decide", number, "--text", "A cent", "--amount", "0.01", "--json")
    assert told.done().json["standing"] == "accepted"
    firm("issued", "settle", number).refused("statement.showback")
    firm("issued", "credit", number, "--text", "More", "--amount", "99999999").refused(
        "statement.credit_too_large"
    )
    credit = firm("issued", "credit", number, "--text", "All", "--json").done().json
    assert credit["credits"] == number
    shown = firm("issued", "show", number).done().out
    assert "disputed it  Too much" in shown
    for ending in ("pdf", "csv", "json"):
        file = tmp_path / f"{number}.{ending}"
        firm("issued", "show", number, "--out", file).done()
        assert file.stat().st_size > 100
    assert json.loads((tmp_path / f"{number}.json").read_text())["standing"] == "credited"
    firm("issued", "show", "ST-1").refused("statement.no_document")
    firm("issued", "show", number, "--out", tmp_path / "x.doc").refused("report.unknown_kind")
    firm("verify").done()


def test_a_proof_is_checked_without_a_data_folder(firm: Program, tmp_path: Path) -> None:
    made = firm("issued", "issue", "--period", "2026-01", "--json").done().json["numbers"]
    file = tmp_path / "proof.json"
    firm("issued", "proof", made[0], "--out", file).done()
    assert "ok     rounding: as it was issued" in firm("check-statement", file).done().out
    forged = json.loads(file.read_text())
    forged["document"]["amount"] = "0.01"
    file.write_text(json.dumps(forged))
    told = firm("check-statement", file, "--json")
    assert told.code == 1
    assert told.json["ok"] is False
    file.write_text("{")
    firm("check-statement", file).refused("statement.not_a_proof")


def test_services_and_rates_of_a_model_without_them(firm: Program) -> None:
    assert "Nobody charged anybody" in firm("model", "exchange", "--period", "2026-01").done().out
    assert firm("model", "recovery", "--json").done().json == {"recovery": []}
