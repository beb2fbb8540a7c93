"""`bursar close | reopen | periods | checklist | acknowledge`, as a script sees them."""

from __future__ import annotations

from pathlib import Path

from tests.surfaces.cli.conftest import Program


def test_closing_prints_its_checks_and_leaves_with_1_while_some_are_open(
    bursar: Program, bill: Path
) -> None:
    bursar("import", bill, "--source", "cloud").done()
    bursar("checklist", "2026-01", "--add", "Look at credits", "--due-days", "3").done()
    tried = bursar("close", "2026-01", "--json")
    assert (tried.code, set(tried.json) >= {"period", "state", "checks"}) == (1, True)
    assert (tried.json["state"], tried.json["changed"]) == ("open", False)
    [line] = [check for check in tried.json["checks"] if check["state"] == "open"]
    assert (line["name"], line["due"], line["legal_entity"]) == (
        "Look at credits", "2026-02-03", "main",
    )  # fmt: skip
    assert "Nothing was changed" in bursar("close", "2026-01").err
    bursar("close", "2026-01", "--waive", line["key"]).refused("period.reason_needed")
    done = bursar("checklist", "2026-01", "--done", line["key"], "--json").done().json
    assert "open" not in {check["state"] for check in done["checks"]}
    assert bursar("close", "2026-01", "--json").done().json["state"] == "closed"
    bursar("close", "2026-01").refused("period.already_closed")


def test_a_restatement_after_closing_shows_everywhere(bursar: Program, bill: Path) -> None:
    bursar("import", bill, "--source", "cloud").done()
    bursar("close", "2026-01").done()
    bill.write_text(bill.read_text().replace("20.20", "20.21"))
    told = bursar("import", bill, "--source", "cloud", "--json").done().json
    [held] = told["batches"]
    assert (held["in_force"], held["totals"][0]["billed_cost"]) == (False, "30.34")
    [correction] = told["corrections"]
    assert correction["totals"][0]["billed_cost"] == "0.01"
    assert "held" in bursar("batches").done().out
    rows = bursar("periods", "--json").done().json["periods"]
    assert [(r["period"], r["state"], len(r["corrections"])) for r in rows] == [
        ("2026-02", "open", 1), ("2026-01", "closed", 0),
    ]  # fmt: skip
    assert rows[1]["held_batches"] == [held["batch_id"]]
    assert all(check["ok"] for check in bursar("verify", "--json").done().json["checks"])
    bursar("reopen", "2026-01", "--reason", " ").refused("period.reason_needed")
    bursar("reopen", "2026-01", "--reason", "book it there").done()
    told = bursar("import", bill, "--source", "cloud", "--json").done().json
    assert (told["batches"][0]["in_force"], told["corrections"]) == (True, [])


def test_soft_closing_and_answering(bursar: Program, bill: Path) -> None:
    bill.write_text(bill.read_text().replace("20.20", "twenty"))
    told = bursar("import", bill, "--source", "cloud", "--json").done().json
    token = told["imports"][0]["import_token"]
    said = bursar("acknowledge", token, "--note", "a test row", "--json").done().json
    assert said["note"] == "a test row"
    assert bursar("close", "2026-01", "--soft", "--json").done().json["state"] == "soft_closed"
    bursar("close", "2026-01", "--soft", "--waive", "x").refused("cli.bad_options")
    who = ("olga", "--role", "budget_owner", "--email", "o@example.org", "--password-stdin")
    bursar("user", "add", *who, stdin="apple-tree-41-harbour").done()
    bursar("periods", "--as", "olga").refused("people.not_allowed")
