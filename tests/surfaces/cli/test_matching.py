"""`bursar match …` from files to a figure that counts once."""

from __future__ import annotations

from pathlib import Path

from tests.surfaces.cli.conftest import FOCUS_HEAD, Program, focus_line


def books(folder: Path) -> list[Path]:
    payables = folder / "payables.csv"
    payables.write_text(
        "amount,currency,posting_date,gl_account,cost_center,vendor,document_ref\n"
        "10000.00,EUR,2026-01-31,6810,IT-100,Acme Cloud Ltd,4711\n"
    )
    bill = folder / "acme.csv"
    bill.write_text(FOCUS_HEAD + focus_line("9000.00") + focus_line("990.00", service="Storage"))
    return [payables, bill]


def test_from_files_to_one_figure(bursar: Program, tmp_path: Path) -> None:
    for file in books(tmp_path):
        bursar("import", file).done()
    (group,) = bursar("match", "list", "--json").done().json["groups"]
    assert group["state"] == "proposed"
    assert "is not explained" in bursar("match", "show", group["group_id"]).done().out
    told = bursar("match", "double-counting", "--json").done().json
    assert (told["rows"][0]["suspected"], told["none_suspected"]) == ("9990", False)
    done = bursar("match", "confirm", group["group_id"]).done().out
    assert "Not explained: billed 10, effective 10." in done
    costs = bursar("costs", "--basis", "billed", "--json").done().json
    assert costs["totals"] == [{"currency": "EUR", "amount": "10000"}]
    bursar("match", "reject", group["group_id"], "--comment", "other contract").done()
    costs = bursar("costs", "--basis", "billed", "--json").done().json
    assert costs["totals"] == [{"currency": "EUR", "amount": "19990"}]
    bursar("verify").done()


def test_rules_levels_and_links(bursar: Program, tmp_path: Path) -> None:
    for file in books(tmp_path):
        bursar("import", file).done()
    bursar("match", "propose").done()
    (group,) = bursar("match", "list", "--json").done().json["groups"]
    learned = bursar("match", "learn", group["group_id"], "--percent", "5", "--json").done().json
    assert learned["rules"][0].startswith("Acme Cloud Ltd of payables is Acme Cloud of acme-cloud")
    assert "Acme Cloud Ltd" in bursar("match", "rules").done().out
    bursar("match", "forget", learned["rules"][0]).done()
    bursar("match", "level", "payables", "ledger").done()
    bursar("match", "level", "payables", "nothing").refused("evidence.bad_match")
    bursar("match", "split", group["group_id"], "--member", "2").refused("evidence.bad_match")
    bursar("match", "show", "e0").refused("evidence.unknown_group")
    bursar("match", "link", "--summary", "payables", "--detail", "source=x").refused(
        "evidence.bad_selector"
    )
    assert "Everything is matched." in bursar("match", "list", "--unmatched").done().out
