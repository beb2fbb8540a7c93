"""The demo: the same company everywhere, built by one command, with a story to find."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from bursar.flow.demo import chance
from bursar.flow.demo.catalogue import clouds
from bursar.flow.demo.charges import usage
from bursar.flow.demo.company import MONTHS, departments
from bursar.flow.demo.estate import resources
from bursar.flow.demo.extras import extra_charges
from bursar.flow.demo.files import sources, write_source

FIRST, LAST = MONTHS[0].code, MONTHS[-1].code


def bursar(home: Path, *words: str, fails: bool = False) -> Any:
    """What a command answers as JSON."""
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment |= {"BURSAR_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bursar.project.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "bursar.cli", *words, "--json"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode != 0) == fails, done.stderr
    return json.loads(done.stdout)


def amounts(home: Path, *words: str, by: str) -> dict[str | None, Decimal]:
    rows = bursar(home, "costs", "--by", by, *words)["rows"]
    return {row[by]: Decimal(row["amount"]) for row in rows}


@pytest.fixture(scope="module")
def built(built_once: Callable[..., Path]) -> tuple[Path, dict[str, Any]]:
    """The whole demo, built once by its command, and what the command answered."""

    def build(folder: Path) -> None:
        answer = bursar(folder / "home", "demo", "--no-serve")
        (folder / "answer.json").write_text(json.dumps(answer))

    folder = built_once("demo", build)
    return folder / "home", json.loads((folder / "answer.json").read_text())


def test_chance_is_the_same_everywhere() -> None:
    assert chance.numbers("a", 2).tolist() == [4192132519135618423, 5914708556773729588]
    assert chance.token("a") == chance.token("a") != chance.token("b")


def test_files_are_the_same_each_time(tmp_path: Path) -> None:
    for source in sources():
        first = write_source(source, tmp_path / "one", months=MONTHS[12:13])
        again = write_source(source, tmp_path / "two", months=MONTHS[12:13])
        assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]


@pytest.mark.parametrize("provider", clouds(), ids=lambda p: p.key)
def test_commitments_are_paid_once(provider: Any) -> None:
    """Over a term, what is billed for commitments equals what is borne for them."""
    owned = resources(provider)
    billed = effective = 0
    for month in MONTHS[:12]:
        lines = usage(provider, owned, month)
        extras = extra_charges(provider, month, lines)
        used = lines.filter(pc.equal(lines["CommitmentDiscountStatus"], "Used"))
        effective += pc.sum(used["EffectiveCost"]).as_py() or 0
        effective += sum(r["EffectiveCost"] for r in extras if "CommitmentDiscountId" in r)
        billed += sum(r["BilledCost"] for r in extras if "CommitmentDiscountId" in r)
    assert billed == effective
    assert (billed > 0) == (provider.key != "kelvin-cloud")


def test_it_has_sign_ins_for_every_role(built: tuple[Path, dict[str, Any]]) -> None:
    _, answer = built
    roles = [account["role"] for account in answer["sign_ins"]]
    assert sorted(roles) == [
        "administrator", "auditor", *["budget_owner"] * 4, "it_finance", "staff_finance",
    ]  # fmt: skip
    assert len({account["username"] for account in answer["sign_ins"]}) == len(roles)


def test_it_holds_some_400000_lines(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    batches = bursar(home, "batches", "--in-force")["batches"]
    costs = [b for b in batches if b["kind"] == "cost_line" and b["format"] != "derived"]
    lines = sum(batch["rows_accepted"] for batch in costs)
    assert 400_000 <= lines <= 430_000
    assert sum(b["rows_rejected"] for b in batches) == 0


def test_it_comes_in_the_forms_that_companies_have(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    batches = bursar(home, "batches", "--in-force")["batches"]
    forms = {(b["source"], b["format"]) for b in batches}
    assert {("aws", "aws"), ("microsoft", "azure"), ("kelvin-cloud", "focus")} <= forms
    assert ("payables", "profile") in forms
    currencies = {total["currency"] for b in batches for total in b["totals"]}
    assert currencies == {"EUR", "USD", "SEK"}


def test_invoices_and_bills_count_once(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    groups = bursar(home, "match", "list")["groups"]
    assert {group["state"] for group in groups} == {"confirmed"}
    assert len(groups) == len(MONTHS) * 4
    told = bursar(home, "match", "double-counting")
    assert {Decimal(row["suspected"]) for row in told["rows"]} == {Decimal(0)}


def test_the_cluster_adds_up_to_its_machines(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    told = bursar(home, "cluster", "report", "--period", LAST)
    parts = {row["part"] for row in told["rows"]}
    assert {"workload", "idle", "platform"} <= parts


def test_september_agrees_with_the_books_and_october_does_not(
    built: tuple[Path, dict[str, Any]],
) -> None:
    home, _ = built
    told = {
        period: bursar(home, "control", "reconcile", "--period", period, "--basis", "billed")
        for period in ("2026-09", LAST)
    }
    unexplained = {
        period: [row["gl_account"] for row in answer["accounts"] if Decimal(row["unexplained"])]
        for period, answer in told.items()
    }
    assert unexplained == {"2026-09": [], LAST: ["6620"]}


def test_registers_hold_the_firm_and_tie_to_the_ledger(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    counts = {
        name: bursar(home, "register", "list", name)["count"]
        for name in ("assets", "contracts", "positions")
    }
    assert counts == {"assets": 904, "contracts": 60, "positions": 180}
    moves = bursar(home, "register", "roll-forward", "--from", "2025-11", "--to", LAST)
    assert moves["difference"] == {"EUR": "0.00"}
    [laptops] = [row for row in moves["rows"] if row["asset_class"] == "Laptops"]
    assert laptops["gain_or_loss"] == "4200.00"
    told = amounts(home, "--period", LAST, by="source")
    assert all(told[name] > 100_000 for name in ("assets", "contracts", "positions"))


def test_the_first_year_is_closed(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    states = {p["period"]: p["state"] for p in bursar(home, "periods")["periods"]}
    assert [states[month.code] for month in MONTHS] == ["closed"] * 12 + ["open"] * 12


def test_native_bills_are_the_bills(built: tuple[Path, dict[str, Any]]) -> None:
    """What the providers' own forms say, to the last digit, is what the charges are in FOCUS."""
    home, _ = built
    for provider in clouds():
        lines = usage(provider, resources(provider), MONTHS[5])
        extras = extra_charges(provider, MONTHS[5], lines)
        [batch] = bursar(home, "batches", "--in-force", "--source", provider.key,
                         "--period", MONTHS[5].code)["batches"]  # fmt: skip
        for column, key in (("BilledCost", "billed_cost"), ("EffectiveCost", "effective_cost")):
            units = (pc.sum(lines[column]).as_py() or 0) + sum(r[column] for r in extras)
            assert Decimal(batch["totals"][0][key]) == Decimal(units).scaleb(-10)


def test_one_currency_shows_everything(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    told = bursar(home, "costs", "--by", "cost_pool", "--period", LAST, "--currency", "reporting")
    assert [total["currency"] for total in told["totals"]] == ["EUR"]
    assert {rate["from"] for rate in told["conversion"]["rates"]} == {"USD", "SEK"}


def test_one_bill_was_restated(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    bills = bursar(home, "batches", "--source", "microsoft", "--period", LAST)["batches"]
    assert sorted(bill["in_force"] for bill in bills) == [False, True]


def test_everything_is_in_order(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    checks = bursar(home, "verify")["checks"]
    assert [check for check in checks if not check["ok"]] == []


def test_every_department_has_a_statement(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    found = bursar(home, "statement", "--period", LAST)["statements"]
    issued = {s["consumer"] for s in found if not s.get("rollup")}
    assert set(departments()) <= issued


def test_most_is_classified_and_the_rest_is_one_supplier(
    built: tuple[Path, dict[str, Any]],
) -> None:
    home, _ = built
    pools = amounts(home, by="cost_pool")
    total = sum(pools.values())
    unclassified = pools["Unclassified"]
    assert Decimal("0.01") < unclassified / total < Decimal("0.03")
    suppliers = amounts(home, "--where", "cost_pool=Unclassified", by="service_provider_name")
    assert suppliers["Kelvin Cloud"] / unclassified > Decimal("0.75")


def test_one_unit_spends_more_and_more(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    euros = ("--where", "currency=EUR")
    before = amounts(home, "--period", "2025-12", *euros, by="consumer")
    now = amounts(home, "--period", LAST, *euros, by="consumer")
    grown = {name: now[name] / before[name] for name in now if name in before}
    assert max(grown, key=lambda name: grown[name]) == "Personalisation"
    assert grown["Personalisation"] > 3


def test_one_price_rose(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    words = ("--where", "service_provider_name=Relata")
    august = amounts(home, "--period", "2025-08", *words, by="service_provider_name")
    september = amounts(home, "--period", "2025-09", *words, by="service_provider_name")
    assert Decimal("1.15") < september["Relata"] / august["Relata"] < Decimal("1.22")


def test_a_department_moved(built: tuple[Path, dict[str, Any]]) -> None:
    home, _ = built
    care = ("statement", "--consumer", "Customer Care", "--as")
    before = bursar(home, *care, "stores", "--period", "2025-10")["statements"]
    assert {s["consumer"] for s in before} == {"Customer Care"}
    after = bursar(home, *care, "online", "--period", "2025-11")["statements"]
    assert {s["consumer"] for s in after} == {"Customer Care"}


def test_the_second_start_finds_it(built: tuple[Path, dict[str, Any]]) -> None:
    home, answer = built
    again = bursar(home, "demo", "--no-serve")
    assert again["built"] is False
    assert again["sign_ins"] == answer["sign_ins"]


def test_it_does_not_mix_with_a_ledger_of_ones_own(tmp_path: Path) -> None:
    home = tmp_path / "own"
    ledger = tmp_path / "costs.csv"
    ledger.write_text("posting_date,amount,currency\n2026-01-31,12.50,EUR\n", encoding="utf-8")
    bursar(home, "init")
    bursar(home, "import", str(ledger))
    answer = bursar(home, "demo", "--no-serve", fails=True)
    assert answer["error"]["code"] == "demo.home_in_use"
