"""A firm whose fiscal year is neither the calendar's nor of months.

Rule L13 of docs/spec/ledger.md.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import Program, call, program

HEAD = "posting_date,amount,currency,legal_entity\n"


@pytest.fixture
def bursar(tmp_path: Path) -> Program:
    call("init", home=tmp_path / "home").done()
    return program(tmp_path / "home")


def ledger(folder: Path, rows: str) -> Path:
    file = folder / "gl.csv"
    file.write_text(HEAD + rows)
    return file


def test_cost_is_posted_and_charged_by_weeks(bursar: Program, tmp_path: Path) -> None:
    bursar("entity", "set", "main", "--start-month", "7", "--calendar", "4-4-5").done()
    (main,) = bursar("entity", "list", "--json").done().json["entities"]
    assert (main["fiscal_start_month"], main["calendar_pattern"]) == (7, "4-4-5")
    rows = "2025-07-27,10,EUR,main\n2025-07-28,20,EUR,main\n2025-08-31,0.005,EUR,main\n"
    bursar("import", ledger(tmp_path, rows)).done()
    ran = bursar("run", "--json").done().json
    found = {row["period"]: Decimal(row["cost_in"]) for row in ran["balance"]}
    # The year begins on Monday 30 June 2025; four weeks later begins the second period.
    assert found == {"FY2026-P01": Decimal(10), "FY2026-P02": Decimal(20),
                     "FY2026-P03": Decimal("0.005")}  # fmt: skip
    told = bursar("costs", "--by", "period", "--json").done().json
    assert {row["period"] for row in told["rows"]} == set(found)
    bursar("run", "--period", "2025-07").refused("run.unknown_period")
    bursar("verify").done()


def test_a_calendar_stands_once_cost_is_posted_by_it(bursar: Program, tmp_path: Path) -> None:
    bursar("entity", "set", "NORD", "--currency", "CHF", "--start-month", "4").done()
    bursar("entity", "set", "main", "--calendar", "4-4-5").refused("record.calendar_in_use")
    bursar("import", ledger(tmp_path, "2025-07-27,10,EUR,NORD\n")).done()
    bursar("entity", "set", "NORD", "--start-month", "7").refused("record.calendar_in_use")
    bursar("entity", "set", "NORD", "--name", "North Ltd", "--start-month", "4").done()
    acts = bursar("journal", "--act", "record.set_entity", "--json").done().json["entries"]
    assert len(acts) == 2
    bursar("entity", "set", "main", "--name", "Main company").done()
    again = bursar("journal", "--act", "record.set_entity", "--json").done().json["entries"]
    assert len(again) == 2, "what changes nothing is no act"


@pytest.mark.parametrize(
    "wrong",
    [["--currency", "XXX"], ["--start-month", "13"], ["--calendar", "weeks"], ["--name", " "]],
)
def test_what_is_no_entity_is_refused(bursar: Program, wrong: list[str]) -> None:
    bursar("entity", "set", "main", *wrong).refused("record.bad_entity")
