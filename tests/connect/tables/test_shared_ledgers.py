"""Outside ledgers through the profiles that are proposed for them, against their control totals.

The totals were taken over the whole column. Where a file ends in a total of its own, that row is
set aside with its amount, so the lines and what was set aside make the control total together.
Rules R20, R30-R32 and R40 of docs/spec/import.md.
"""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.tables.samples import Read, proposed

from bursar.connect.looking import look
from bursar.connect.looks.asking import questions
from bursar.connect.looks.proposing import propose
from bursar.connect.profile import told
from bursar.connect.reading import open_reading
from bursar.core.money.amount import exact_sum


def controls(shared_data: Path, begin: str) -> list[tuple[Path, int, Decimal | None]]:
    with (shared_data / "ledger" / "CONTROL_TOTALS.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].startswith(f"ledger/{begin}")]
    found = []
    for row in rows:
        stated = re.search(r"=(-?[\d.]+) \(", row["sums"] or "")
        total = Decimal(stated[1]) if stated else None
        found.append((shared_data / row["file"], int(row["data_rows"]), total))
    return found


def amounts_aside(found: Read) -> Decimal:
    """What the totals of the file itself say, as it stands in the rows that were set aside."""
    texts = [one["raw"] for one in found.skipped if one["code"] == "import.total_row"]
    cells = [re.findall(r"-?\d+\.\d+", text)[-1] for text in texts]
    return exact_sum(Decimal(cell) for cell in cells)


@pytest.mark.parametrize(
    ("body", "total"),
    [
        ("cabinetoffice", "1968920730.49"),
        ("manchester", "841664481.85"),
        ("leeds", "474707686.96"),
        ("london", None),
        ("networkrail", None),
        ("calderdale", None),
        ("darlington", None),
        ("tfl", None),
    ],
)
def test_sums_per_file(shared_data: Path, body: str, total: str | None) -> None:
    everything = []
    for path, rows, stated in controls(shared_data, body):
        seen = look([path])
        profile = propose(seen, "GBP")
        assert questions(seen, profile) == [], path.name
        found = Read(open_reading([path], profile=profile))
        whole = found.total() + amounts_aside(found)
        assert stated is None or whole == stated, path.name
        assert len(found.lines) + len(found.rejected) + len(found.skipped) == rows, path.name
        assert found.rejected == [], path.name
        everything.append(whole)
    assert everything
    assert total is None or exact_sum(everything) == Decimal(total)


def test_totals_are_kept_where_somebody_says_so(shared_data: Path) -> None:
    path = shared_data / "ledger" / "leeds__raw__2013-10.csv.gz"
    found = Read(
        open_reading(
            [path], profile=proposed(path, "totals=keep", "period=2013-10", currency="GBP")
        )
    )
    assert found.total() == Decimal("177247667.06")
    assert found.skipped == []


def test_a_budget_of_several_years(shared_data: Path) -> None:
    path = shared_data / "budget" / "boston_fy24_adopted_operating_budget.csv"
    seen = look([path])
    profile = propose(seen, "USD")
    assert [question.code for question in questions(seen, profile)] == ["planned"]
    profile = told(profile, ["settled=planned", "fiscal_year_start=7"])
    assert questions(seen, profile) == []
    found = Read(open_reading([path], profile=profile))
    by_column: dict[str, list[Decimal]] = {}
    for line in found.lines:
        by_column.setdefault(line["x_amount_column"], []).append(line["booked_cost"])
    sums = {name: (exact_sum(values), len(values)) for name, values in by_column.items()}
    assert sums == {
        "FY21 Actual Expense": (Decimal("3595728929.186"), 723),
        "FY22 Actual Expense": (Decimal("3838631715.679"), 759),
        "FY23 Appropriation": (Decimal("4002988854.785739"), 785),
        "FY24 Adopted": (Decimal("4279861717.76650"), 812),
    }
    assert found.rows_read == len(found.lines)
    assert len(found.lines) + len(found.skipped) == 4 * 900
    starts = {line["charge_period_start"].date().isoformat() for line in found.lines}
    assert starts == {"2020-07-01", "2021-07-01", "2022-07-01", "2023-07-01"}


def test_the_budget_of_one_department(shared_data: Path) -> None:
    path = shared_data / "budget" / "boston_fy24_adopted_operating_budget.csv"
    found = Read(open_reading([path], profile=proposed(path, currency="USD")))
    lines = [
        line for line in found.lines
        if line["cost_center"] == "Department of Innovation and Technology"
        and line["x_amount_column"] == "FY24 Adopted"
    ]  # fmt: skip
    assert exact_sum(line["booked_cost"] for line in lines) == Decimal("44529524.4264")
    assert {line["x_scenario"] for line in lines} == {"plan"}
