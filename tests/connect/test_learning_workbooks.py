"""Chargeback workbooks of several shapes, learned and proved: rules LM1-LM24 of learning.md."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from tests.connect.workbooks import (
    CONSUMERS,
    COSTS,
    F,
    Rows,
    Written,
    divided,
    exact,
    list_sheets,
    matrix_sheets,
    step_down_sheets,
    write_book,
)

from bursar.allocate.language.model import CostModel
from bursar.allocate.learning import LearnedModel, learn_model
from bursar.allocate.model_text import parse_model
from bursar.connect.errors import Damaged, NotATable, WorkbookTooLarge
from bursar.core.calc.learning.errors import NoResults, NotCalculated, NothingNumeric

SHARES = {"Network": (50, 30, 20), "Mail": (10, 20, 70), "ERP": (33.3, 33.3, 33.4)}


def learned(path: Path, sheets: dict[str, list[list[Written]]]) -> LearnedModel:
    return learn_model(write_book(path / "book.xlsx", sheets))


def model_of(found: LearnedModel) -> CostModel:
    parsed = parse_model(found.text)
    assert parsed.model is not None, parsed.problems
    return parsed.model


def rules(found: LearnedModel) -> dict[str, str]:
    return {p.learned.pool.name: p.way.says for p in found.pools if p.way}


def said(found: LearnedModel) -> set[tuple[str, str]]:
    return {(f.code, str(f.place)) for f in found.learned.findings}


def test_pools_by_consumers_with_a_sheet_of_drivers(tmp_path: Path) -> None:
    """Rules LM1, LM4-LM9, LM14-LM16 and LM19."""
    found = learned(tmp_path, matrix_sheets())
    assert found.shape == "flat"
    assert rules(found) == {
        "Workplace": "by Headcount",
        "Network": "by Ports",
        "ERP": "by Hours",
        "Licences": "evenly over everybody",
        "Audit": "all to Retail",
    }
    assert found.reproduced == found.charged
    assert abs(found.charged - sum(exact(cost) for cost in COSTS.values())) < Fraction(1, 10**9)
    assert said(found) == set()
    model = model_of(found)
    assert [rule.method for rule in model.steps[0].rules][-2:] == ["even", "direct"]
    quantities = {(d, to): q for d, _, to, q in found.drivers}
    assert quantities["Hours", "Retail"] == Decimal("400.5")
    (audit,) = (p for p in found.pools if p.learned.pool.name == "Audit")
    assert len(audit.learned.explanations) > 1


def test_a_long_list_with_shares(tmp_path: Path) -> None:
    """Rules LM8, LM14 and LM21."""
    found = learned(tmp_path, list_sheets(SHARES))
    assert rules(found) == {pool: f"by the shares {pool}" for pool in SHARES}
    assert found.reproduced == found.charged
    assert said(found) == set()
    (rule, *_) = model_of(found).steps[0].rules
    assert rule.method == "fixed"


def test_support_pools_charge_services_first(tmp_path: Path) -> None:
    """Rules LM9-LM12 and LM19: sums of the charges are not taken for costs."""
    found = learned(tmp_path, step_down_sheets())
    assert found.shape == "levels"
    assert found.learned.flows.order[:2] == ("Service desk", "IT management")
    assert found.reproduced == found.charged
    assert rules(found)["IT management"] == "by Staff"
    assert [step.to for step in model_of(found).steps][-1] == "consumer"
    # A second path: what consumers pay is what all five pools cost.
    paid = sum(
        Fraction(f.amount)
        for row in (found.learned.flows.charged[s] for s in ("Mail", "Files", "Portal"))
        for f in row.values()
    )
    assert abs(paid - Fraction("115346.17")) < Fraction(1, 100)


def test_planted_errors_are_named_with_their_cells(tmp_path: Path) -> None:
    """Rules LM20, LM22, LM23 and LM24."""
    sheets = matrix_sheets()
    costs, drivers, charges = sheets["Costs"], sheets["Drivers"], sheets["Charges"]
    charges[2][3] = 20_000  # Network for Online is typed over its formula
    costs[8] = ["Total", None, F("SUM(C4:C7)", 428_123)]  # leaves out Audit
    drivers[2][5] = 57  # a total that is typed
    drivers[3][1] = "1,234.50"  # a number as text
    drivers.append(["Broken", F("1/0", "#DIV/0!"), 1, 2, 3])
    found = learned(tmp_path, sheets)
    assert {
        ("learn.hard_coded", "Charges!D3"),
        ("learn.short_range", "Costs!C9"),
        ("learn.typed_total", "Drivers!F3"),
        ("learn.number_as_text", "Drivers!B4"),
        ("learn.lost_money", "Charges!B3"),
    } <= said(found)
    assert ("learn.hard_coded", "Charges!C3") not in said(found)
    assert found.reproduced < found.charged
    lost = next(f for f in found.learned.findings if f.code == "learn.lost_money")
    paid = (
        sum(divided(COSTS["Network"], (12, 9, 31, 5)))
        - divided(COSTS["Network"], (12, 9, 31, 5))[2]
    )
    assert f"{float(abs(paid + 20_000 - Fraction('48123.45'))):.2f} lost" in lost.message


def test_shares_of_103_percent(tmp_path: Path) -> None:
    """Rules LM17, LM21 and LM22."""
    found = learned(tmp_path, list_sheets({**SHARES, "Network": (50, 30, 23)}))
    assert said(found) == {
        ("learn.shares_not_100", "Shares!D2"),
        ("learn.lost_money", "Charges!C2"),
    }
    (network,) = (p for p in found.pools if p.learned.pool.name == "Network")
    assert network.way is not None
    assert network.way.ratio == Fraction(103, 100)
    assert network.reproduced == 0
    assert found.reproduced == found.charged - 10_300


def test_a_pool_that_nothing_explains_stays_open(tmp_path: Path) -> None:
    """Rules LM18 and LM19."""
    rows: Rows = [
        ["Pool", "Cost", *CONSUMERS],
        ["Known", 1_000, 100, 200, 300, 400],
        ["Odd", 1_000, Decimal("123.45").__float__(), 200.01, 300.5, 376.04],
    ]
    found = learn_model(write_book(tmp_path / "book.xlsx", {"All": rows}))
    known, odd = found.pools
    assert known.way is not None
    assert known.way.kind in ("read_off", "fixed", "weighted")
    assert odd.way is None or odd.way.kind != "direct"
    assert parse_model(found.text).model is not None


@pytest.mark.parametrize("seed", range(8))
def test_any_weights_are_found_again(tmp_path: Path, seed: int) -> None:
    """Rules LM14-LM16 and LM19: made from random drivers, learned, reproduced to the last cent."""
    chance = random.Random(seed)
    names = [f"Unit {n}" for n in range(chance.randint(2, 9))]
    pools = [f"Pool {n}" for n in range(chance.randint(2, 8))]
    lines = [[chance.randint(1, 999) for _ in names] for _ in pools]
    amounts = [chance.randint(10**5, 10**8) / 100 for _ in pools]
    drivers: list[Sequence[Written]] = [["Driver", *names]]
    drivers += [[f"Driver {at}", *line] for at, line in enumerate(lines)]
    charges: list[Sequence[Written]] = [["Pool", *names]]
    for at, pool in enumerate(pools):
        made = divided(amounts[at], lines[at])
        row = at + 2
        cells = [
            F(f"Costs!$B${row}*Drivers!{c}{row}/SUM(Drivers!$B{row}:$J{row})", part)
            for c, part in zip("BCDEFGHIJ", made, strict=False)
        ]
        charges.append([pool, *cells])
    costs: Rows = [["Pool", "Cost"], *([p, a] for p, a in zip(pools, amounts, strict=True))]
    found = learn_model(
        write_book(tmp_path / "b.xlsx", {"Costs": costs, "Drivers": drivers, "Charges": charges})
    )
    assert found.reproduced == found.charged
    assert {p.learned.pool.name for p in found.pools} == set(pools)
    assert all(p.way and p.way.kind in ("weighted", "fixed", "direct", "even") for p in found.pools)


def test_a_workbook_with_too_many_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bursar.connect.grids.formulas.MOST_CELLS", 20)
    with pytest.raises(WorkbookTooLarge) as refused:
        learned(tmp_path, matrix_sheets())
    assert refused.value.code == "import.workbook_too_large"


def test_refusals(tmp_path: Path) -> None:
    """Rules LM2 and LM13."""
    with pytest.raises(NothingNumeric):
        learned(tmp_path, {"A": [["Pool", "Cost"], ["Mail", "1 000"]]})
    with pytest.raises(NoResults, match="rows of cost pools with a column for each consumer"):
        learned(tmp_path, {"A": [["Pool", "Cost"], ["Mail", 17], ["Files", 30]]})
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["Pool", "Retail", "Stores"], ["Mail", "=1+1", "=2+2"], ["Files", "=A1", 3]):
        book.active.append(row)
    book.save(tmp_path / "raw.xlsx")
    with pytest.raises(NotCalculated, match="never calculated"):
        learn_model(tmp_path / "raw.xlsx")
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises((Damaged, NotATable)):
        learn_model(tmp_path / "x.xlsx")
