"""Trial balances as cost: every account in on the first day (rules E14 and E15)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bursar.connect.errors import MissingColumns
from bursar.connect.reading import open_reading


def read(path: Path, text: str) -> tuple[list[dict], list[tuple[int, str]]]:
    file = path / "tb.csv"
    file.write_text(text)
    lines: list[dict] = []
    rejected: list[tuple[int, str]] = []
    for chunk in open_reading([file], format="trial-balance").chunks():
        lines += chunk.lines.to_pylist()
        rejected += [(r["row"], r["code"]) for r in chunk.rejected.to_pylist()]
    return lines, rejected


def test_debit_less_credit_is_booked_and_effective(tmp_path: Path) -> None:
    """Rule E14."""
    lines, rejected = read(
        tmp_path,
        "account,account name,period,debit,credit,currency,cost center\n"
        "6810,Cloud,2026-01,12000.00,2000.00,EUR,IT-1\n"
        "8400,Recharges,2026-01,,500.00,EUR,\n",
    )
    assert rejected == []
    told = [
        (x["gl_account"], x["booked_cost"], x["effective_cost"], x["billed_cost"]) for x in lines
    ]
    assert told == [
        ("6810", Decimal(10000), Decimal(10000), None),
        ("8400", Decimal(-500), Decimal(-500), None),
    ]
    assert lines[0]["charge_description"] == "Cloud"
    assert f"{lines[0]['charge_period_end']:%Y-%m-%d}" == "2026-02-01"


def test_a_row_may_state_booked_cost_alone(tmp_path: Path) -> None:
    """Rule E14: as chosen, account by account."""
    lines, _ = read(
        tmp_path, "gl_account,period,balance,currency,basis\n6810,2026-01,10,EUR,booked\n"
    )
    assert (lines[0]["booked_cost"], lines[0]["effective_cost"]) == (Decimal(10), None)


def test_rows_that_say_too_little_or_two_things_are_set_aside(tmp_path: Path) -> None:
    """Rule E15: nothing is guessed."""
    lines, rejected = read(
        tmp_path,
        "account,period,debit,credit,balance,currency\n"
        "6810,2026-01,10,4,6,EUR\n"
        "6811,2026-01,10,4,7,EUR\n"
        "6812,2026-01,,,,EUR\n"
        ",2026-01,1,,,EUR\n"
        "6813,January,1,,,EUR\n",
    )
    assert [x["gl_account"] for x in lines] == ["6810"]
    assert rejected == [
        (2, "import.balance_differs"),
        (3, "import.amount_missing"),
        (4, "import.account_missing"),
        (5, "import.period_invalid"),
        (5, "import.date_missing"),
    ]


def test_a_file_without_balances_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingColumns, match=r"period.*balance"):
        read(tmp_path, "account,currency,debit\n6810,EUR,1\n")
