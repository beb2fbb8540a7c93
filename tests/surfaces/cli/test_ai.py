"""`bursar ai …`: from a gateway's log and a bill to cost per consumer."""

from __future__ import annotations

import json
from pathlib import Path

from tests.connect.samples import write
from tests.stages.record.test_ai_use import asked, line
from tests.surfaces.cli.conftest import Program


def test_a_log_from_its_file_to_its_report(bursar: Program, tmp_path: Path) -> None:
    assert "No log of AI use" in bursar("ai", "list").done().out
    bursar("ai", "set", "gateway").refused("record.unknown_ai_feed")
    path = tmp_path / "gateway.jsonl"
    rows = [asked("eve", "gpt-5", (300, 0)), asked("bob", "gpt-5", (100, 0))]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    bursar("import", path, write(tmp_path / "openai.csv", [line("4", "gpt-5 input")])).done()
    (log,) = bursar("ai", "list", "--json").done().json["logs"]
    assert log["state"] == "proposed"
    assert "Nothing is split" in bursar("ai", "report").done().out
    bursar("ai", "assign", "Retail").refused("cli.bad_options")
    bursar("ai", "price", "gpt*", "input").refused("cli.bad_options")
    bursar("ai", "price", "gpt*", "words=1").refused("record.bad_ai_setting")
    bursar("ai", "price", "gpt*", "input=1.25", "output=10").done()
    bursar("ai", "assign", "--principal", "eve", "Retail").done()
    told = bursar("ai", "set", "gateway", "--json").done().json
    assert told["state"] == "active"
    found = bursar("ai", "report", "--by", "consumer", "--json").done().json
    told = ("consumer", "amount", "tokens", "per_million_tokens")
    assert [tuple(row[name] for name in told) for row in found["rows"]] == [
        ("Retail", "3", 300, "10000"),
        (None, "1", 100, "10000"),
    ]  # fmt: skip
    assert found["holds"] is True
    by_name = bursar("ai", "report", "--by", "principal", "--json").done().json["rows"]
    assert [r["name"] for r in by_name] == ["eve", "bob"]
    assert "Retail" in bursar("ai", "report", "--by", "consumer").done().out
    bursar("ai", "report", "--by", "colour").refused("report.unknown_dimension")
    bursar("ai", "set", "gateway", "--off").done()
    assert bursar("ai", "report", "--json").done().json["rows"] == []
    bursar("verify").done()
