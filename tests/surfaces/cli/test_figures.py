"""`bursar run | costs | statement | trace`: the same exact money in every shape, within scope."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from tests.surfaces.cli.conftest import FOCUS_HEAD, Program, focus_line

# 10.10: Online 60 %, Corporate 40 %; 20.20: Stores; 0.03 has no tag.
ONLINE, CORPORATE, STORES, UNALLOCATED = "6.06", "4.04", "20.2", "0.03"
TERMS = ("allocated", "retained", "unallocated", "recovery_gap", "rounding")


def test_a_run_prints_its_steps_and_its_whole_balance(
    bursar: Program, bill: Path, model: Path
) -> None:
    bursar("run").refused("run.no_cost")
    assert "Nothing was run yet" in bursar("statement").done().out
    said = bursar("statement", "--consumer", "Online").refused("report.unknown_consumer")
    assert "nothing was run yet" in said.err
    bursar("import", bill).done()
    plain = bursar("run", "--json").done().json
    (row,) = plain["balance"]
    assert (row["cost_in"], row["allocated"], row["unallocated"]) == ("30.33", "0", "30.33")
    bursar("model", "apply", model).done()
    bursar("reindex").done()
    dry = bursar("run", "--dry-run", "--json").done().json
    assert dry["difference"]
    table = bursar("run", "--dry-run").done().out
    assert "nothing was published" in table
    told = bursar("run", "--json").done().json
    assert told["run_id"] != plain["run_id"]
    for step in told["steps"]:
        assert set(step) >= {"name", "rows_in", "rows_out", "seconds"}
    (row,) = told["balance"]
    assert (row["period"], row["currency"], row["basis"]) == ("2026-01", "EUR", "effective")
    assert row["allocated"] == "30.3"
    assert row["unallocated"] == UNALLOCATED
    into = Decimal(row["cost_in"]) + Decimal(row["markup"])
    assert into == sum(Decimal(row[term]) for term in TERMS)
    assert "Unchanged" in bursar("run").done().out
    bursar("verify").done()


def test_words_that_a_run_does_not_know(firm: Program) -> None:
    firm("run", "--basis", "guessed").refused("run.unknown_basis")
    firm("run", "--scenario", "dream").refused("run.unknown_scenario")
    firm("run", "--engine", "abacus").refused("run.unknown_engine")
    firm("run", "--period", "2026-13").refused("run.unknown_period")
    firm("run", "--period", "2031-01").refused("run.no_cost")


def test_costs_by_a_dimension_of_two_names_shows_its_values(firm: Program) -> None:
    told = firm("costs", "--by", "posting_period,currency").done().out
    assert re.search(r"^2026-01 +EUR +", told, re.MULTILINE)


def test_costs_by_any_dimension(firm: Program) -> None:
    told = firm("costs", "--by", "consumer,solution", "--json").done().json
    assert told["basis"] == "effective"
    found = {(row["consumer"], row["solution"]): row["amount"] for row in told["rows"]}
    assert found == {
        ("Stores", "Tills"): STORES,
        ("Online", "Webshop"): ONLINE,
        ("Corporate", "Webshop"): CORPORATE,
        ("Unallocated", "No solution"): UNALLOCATED,
    }
    assert told["totals"] == [{"currency": "EUR", "amount": "30.33"}]
    table = firm("costs", "--by", "consumer", "--where", "solution=Webshop").done().out
    assert "Total EUR 10.1" in table
    assert "Stores" not in table


def test_costs_refuses_what_it_does_not_know(firm: Program) -> None:
    firm("costs", "--by", "colour").refused("report.unknown_dimension")
    firm("costs", "--basis", "guessed").refused("report.unknown_basis")
    firm("costs", "--where", "solution").refused("cli.bad_options")


def test_statements_sum_to_what_was_allocated(firm: Program) -> None:
    told = firm("statement", "--json").done().json
    totals = {one["consumer"]: one["total"] for one in told["statements"]}
    assert totals == {"Online": ONLINE, "Corporate": CORPORATE, "Stores": STORES}
    for one in told["statements"]:
        assert set(one) >= {"statement_id", "consumer", "period", "currency", "total", "lines"}
        lines = sum(Decimal(line["amount"]) for line in one["lines"])
        assert lines == Decimal(one["total"])
        for line in one["lines"]:
            assert set(line) >= {"solution", "tower", "cost_pool", "amount"}
    assert firm("statement", "--format", "json").done().json == told


def test_statements_as_documents(firm: Program, tmp_path: Path) -> None:
    table = firm("statement", "--consumer", "Online").done().out
    assert "6.06" in table
    rows = list(csv.DictReader(io.StringIO(firm("statement", "--format", "csv").done().out)))
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal("30.3")
    for format, magic in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("focus", b"")):
        out = tmp_path / f"statement.{format}"
        firm("statement", "--format", format, "--out", out).done()
        assert out.read_bytes().startswith(magic)
        assert out.stat().st_size > 500
    out = tmp_path / "statement.json"
    firm("statement", "--format", "json", "--out", out).done()
    assert len(json.loads(out.read_text())["statements"]) == 3
    firm("statement", "--format", "stone").refused("cli.unknown_format")
    nowhere = firm("statement", "--format", "csv", "--out", tmp_path / "no" / "x.csv")
    assert (nowhere.code, "Traceback" in nowhere.err) == (2, False)


def test_a_statement_that_was_never_run_is_refused(firm: Program) -> None:
    firm("statement", "--period", "2031-01").refused("report.not_run")
    firm("statement", "--consumer", "Nobody").refused("report.unknown_consumer")


def test_trace_both_ways(firm: Program) -> None:
    traced = firm("trace", "--period", "2026-01", "--consumer", "Online", "--json").done().json
    assert (traced["amount"], traced["currency"]) == (ONLINE, "EUR")
    assert sum(Decimal(source["amount"]) for source in traced["sources"]) == Decimal(ONLINE)
    for source in traced["sources"]:
        assert set(source) >= {"source", "batch_id", "dimension", "amount"}
    assert traced["path"]
    batch = traced["sources"][0]["batch_id"]
    line = firm("trace", "--line", f"{batch}-1", "--json").done().json
    assert line["amount"] == "10.1"
    paid = {payer["consumer"]: payer["amount"] for payer in line["payers"]}
    assert paid == {"Online": ONLINE, "Corporate": CORPORATE}
    assert sum(Decimal(source["amount"]) for source in line["sources"]) == Decimal("10.1")
    text = firm("trace", "--line", f"{batch}-1").done().out
    assert "Paid by" in text
    assert "Came from" in firm("trace", "--period", "2026-01", "--consumer", "Online").done().out


def test_trace_refuses_half_questions(firm: Program) -> None:
    firm("trace", "--period", "2026-01").refused("cli.bad_options")
    firm("trace", "--line", "b0-1", "--consumer", "Online").refused("cli.bad_options")
    assert firm("trace", "--line", "b0-1").code == 2
    assert firm("trace", "--period", "2031-01", "--consumer", "Online").code == 2


def test_a_budget_owner_sees_her_subtree_only(firm: Program) -> None:
    told = firm("statement", "--as", "bob", "--json").done().json
    assert {one["consumer"] for one in told["statements"]} == {"Online", "Stores"}
    costs = firm("costs", "--by", "consumer", "--as", "bob", "--json").done()
    assert {row["consumer"] for row in costs.json["rows"]} == {"Online", "Stores"}
    assert costs.json["totals"] == [{"currency": "EUR", "amount": "26.26"}]
    assert "Corporate" not in costs.out
    for format in ("csv", "focus", "table"):
        shown = firm("statement", "--as", "bob", "--format", format).done().out
        assert "Online" in shown
        assert "Corporate" not in shown
    traced = firm(
        "trace", "--period", "2026-01", "--consumer", "Online", "--as", "bob", "--json"
    ).done()
    assert traced.json["amount"] == ONLINE
    assert "Corporate" not in traced.out
    for words in (
        ["statement", "--consumer", "Corporate"],
        ["trace", "--period", "2026-01", "--consumer", "Corporate"],
        ["costs", "--by", "consumer", "--where", "consumer=Corporate"],
        ["batches"],
        ["journal"],
        ["verify"],
        ["model", "show"],
    ):
        answer = firm(*words, "--as", "bob", "--json")
        assert CORPORATE not in answer.out
        assert answer.code == 2 or answer.json["rows"] == []


def test_an_auditor_sees_everything(firm: Program) -> None:
    told = firm("statement", "--as", "ann", "--json").done().json
    assert len(told["statements"]) == 3
    for words in (["batches"], ["journal"], ["model", "show"], ["verify"]):
        firm(*words, "--as", "ann").done()
    firm("costs", "--as", "nobody").refused("people.unknown_user")


def test_a_backup_brings_the_same_figures(firm: Program, tmp_path: Path) -> None:
    file, home = tmp_path / "saved.tar.gz", tmp_path / "restored"
    before = firm("statement", "--json").done().json
    firm("backup", file).done()
    firm("restore", file, home=home).done()
    assert firm("statement", "--json", home=home).done().json == before
    firm("verify", home=home).done()


def test_currencies_are_never_added(bursar: Program, tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text(FOCUS_HEAD + focus_line("1.5") + focus_line("2.5").replace(",EUR,", ",USD,"))
    bursar("import", file).done()
    bursar("run").done()
    told = bursar("costs", "--json").done().json
    assert told["totals"] == [
        {"currency": "EUR", "amount": "1.5"},
        {"currency": "USD", "amount": "2.5"},
    ] or sorted(total["currency"] for total in told["totals"]) == ["EUR", "USD"]


def test_bytes_do_not_go_to_a_terminal(prepared_firm: Path) -> None:
    screen, terminal = os.openpty()
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "bursar.cli", "statement", "--format", "xlsx"],
            env={**os.environ, "BURSAR_HOME": str(prepared_firm)}
            | {"DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "bursar.project.settings"},
            stdout=terminal,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(terminal)
        os.close(screen)
    assert asked.returncode == 2
    assert "cli.out_needed: " in asked.stderr


def test_a_file_that_cannot_be_written_is_refused(firm: Program, tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "bill.csv"
    said = firm("statement", "--format", "csv", "--out", out).refused("cli.not_written")
    assert f"{out} cannot be written" in said.err
    assert not out.parent.exists()


def test_services_tell_what_they_cost(firm: Program) -> None:
    told = firm("services", "--period", "2026-01", "--json").done().json
    assert told["period"] == "2026-01"
    listed = firm("services", "--period", "2026-01").done()
    assert all(row["service"] in listed.out for row in told["services"])
    firm("services", "--period", "2026-01", "--basis", "cash").refused("report.unknown_basis")


def test_why_a_statement_changed(firm: Program, tmp_path: Path) -> None:
    firm("why", "--consumer", "Online", "--period", "2026-01").refused("report.not_run")
    file = tmp_path / "acme-2026-02.csv"
    file.write_text(FOCUS_HEAD + focus_line("20.20", month="2026-02", tags='{"team": "web-shop"}'))
    firm("import", file).done()
    firm("run").done()
    (told,) = (
        firm("why", "--consumer", "Online", "--period", "2026-02", "--json").done().json["changes"]
    )
    assert told["difference"] == "6.06"  # 60 % of 10.10 more
    assert told["parts"] == [{"kind": "price", "amount": "6.06"}]
    said = firm("why", "--consumer", "Online", "--period", "2026-02").done().out
    fair = ("fair", "--consumer", "Online", "--period", "2026-02")
    (judged,) = firm(*fair, "--json").done().json["statements"]
    assert judged["consumer"] == "Online"
    assert judged["charges"][0]["sentence"] in firm(*fair).done().out
    assert "6.06 EUR more than in January 2026: +6.06 because its cost changed." in said
