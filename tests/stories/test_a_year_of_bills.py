"""A subscription billed for a year: twelve statements, a restatement, and nothing lost between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.surfaces.cli.conftest import Program, call, program

MONTHS = [f"2025-{number:02d}" for number in range(1, 13)]
HEAD = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName,BillingAccountId\n"
)
MODEL = (
    "name: Even\nconsumers: [A, B, C]\n"
    "steps: [{name: s, to: consumer, rules: [{method: even, targets: [A, B, C]}]}]\n"
)


@pytest.fixture
def bursar(tmp_path: Path) -> Program:
    home = tmp_path / "home"
    call("init", home=home).done()
    model = tmp_path / "model.yaml"
    model.write_text(MODEL)
    call("model", "apply", model, home=home).done()
    return program(home)


def bill(folder: Path, months: Sequence[str], *more: tuple[str, str]) -> Path:
    """100 a month, all in one billing period of a year; `more` are (amount, month)."""
    file = folder / "year.csv"
    rows = [
        f"{amount},{amount},EUR,2025-01-01,2026-01-01,{month}-05,{month}-06,Usage,SaaS,A1\n"
        for amount, month in [*(("100", month) for month in months), *more]
    ]
    file.write_text(HEAD + "".join(rows))
    return file


def documents(told: dict[str, Any]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for statement in told["statements"]:
        found[statement["consumer"]] += Decimal(statement["document_total"])
    return found


def allocated(told: dict[str, Any]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for statement in told["statements"]:
        found[statement["period"]] += Decimal(statement["total"])
    return found


def balance(told: dict[str, Any]) -> dict[str, Decimal]:
    return {row["period"]: Decimal(row["allocated"]) for row in told["balance"]}


def test_a_year_adds_up_before_and_after_it_is_restated(bursar: Program, tmp_path: Path) -> None:
    bursar("import", bill(tmp_path, MONTHS)).done()
    ran = bursar("run", "--json").done().json
    told = bursar("statement", "--json").done().json
    assert balance(ran) == allocated(told) == dict.fromkeys(MONTHS, Decimal(100))
    # A third of 1200.00 each, although no month's 33.33… can be printed.
    assert documents(told) == dict.fromkeys("ABC", Decimal(400))

    # The provider sends the year again, without May and with a cent more in July.
    bursar("import", bill(tmp_path, [m for m in MONTHS if m != "2025-05"], ("0.01", "2025-07")))
    before = bursar("costs", "--by", "consumer", "--json").done().json
    assert before["totals"] == [{"currency": "EUR", "amount": "1200"}]
    assert any("2025-01 to 2025-12: other batches" in note for note in before["notes"])

    ran = bursar("run", "--json").done().json
    told = bursar("statement", "--json").done().json
    assert balance(ran) == allocated(told)
    assert "2025-05" not in allocated(told)
    assert sum(documents(told).values()) == Decimal("1100.01")
    for by in ("consumer", "period", "source", "legal_entity,service_name"):
        after = bursar("costs", "--by", by, "--json").done().json
        assert after["totals"] == [{"currency": "EUR", "amount": "1100.01"}]
        assert not any("other batches" in note for note in after["notes"])
    bursar("verify").done()


def test_people_are_shown_the_latest_period_and_machines_all(
    bursar: Program, tmp_path: Path
) -> None:
    bursar("import", bill(tmp_path, MONTHS[:2])).done()
    bursar("run").done()
    assert "2025-01" not in bursar("statement").done().out
    rows = bursar("statement", "--format", "csv").done().out
    assert "2025-01" in rows
    assert "2025-02" in rows
    told = bursar("statement", "--format", "json", "--period", "2025-02").done().json
    assert {statement["period"] for statement in told["statements"]} == {"2025-02"}
