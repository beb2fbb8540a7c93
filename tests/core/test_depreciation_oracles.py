"""Depreciation against answers that others published, and our own where they differ.

Rules DP4-DP18 of docs/spec/depreciation.md.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bursar.core.calc.depreciation.clock import first_day, last_day, month_of, number_of
from bursar.core.calc.depreciation.macrs import percentages
from bursar.core.calc.depreciation.schedule import Month, as_of, schedule
from bursar.core.calc.depreciation.terms import (
    Change,
    Convention,
    Happened,
    Method,
    Opening,
    Terms,
)

D, F = Decimal, Fraction
JANUARY = date(2024, 1, 1)
CHECKOUT = Path(__file__).resolve().parents[2]


def terms(**told: Any) -> Terms:
    base = {"cost": D(10_000), "in_service_date": JANUARY, "useful_life_months": 60}
    return Terms(**{**base, **told})


def declining(factor: Fraction, **told: Any) -> Terms:
    return terms(method=Method.DECLINING_BALANCE, factor=factor, **told)


def by_year(rows: Iterable[Month]) -> list[Decimal]:
    found: dict[str, Decimal] = {}
    for row in rows:
        found[row.month[:4]] = found.get(row.month[:4], D(0)) + row.depreciation
    return list(found.values())


def charges(told: Terms) -> list[Decimal]:
    return [row.depreciation for row in schedule(told)]


def amounts(*texts: str) -> list[Decimal]:
    return [D(text) for text in texts]


YEARLY = {
    "straight line": (terms(residual_value=D(1000)), ["1800"] * 5),
    "sum of years": (
        terms(residual_value=D(1000), method=Method.SUM_OF_YEARS),
        ["3000", "2400", "1800", "1200", "600"],
    ),
    "200 %": (declining(F(2), residual_value=D(1000)), ["4000", "2400", "1440", "864", "296"]),
    "200 % with switch": (
        declining(F(2), residual_value=D(1000), switch=True),
        ["4000", "2400", "1440", "864", "296"],
    ),
    "200 % to nothing with switch": (
        declining(F(2), switch=True), ["4000", "2400", "1440", "1080", "1080"],
    ),
    "150 % with switch": (
        declining(F(3, 2), switch=True), ["3000", "2100", "1633.33", "1633.34", "1633.33"],
    ),
    "200 % without switch: the last year takes the rest": (
        declining(F(2)), ["4000", "2400", "1440", "864", "1296"],
    ),
    "OCA 12,000": (terms(cost=D(12_000), residual_value=D(2000)), ["2000"] * 5),
    "OCA 1,500": (terms(cost=D(1500), useful_life_months=36), ["500"] * 3),
    "GLPI 30/360": (
        terms(cost=D(100_000), in_service_date=date(2010, 3, 4), convention=Convention.DAYS_360),
        ["16500", "20000", "20000", "20000", "20000", "3500"],
    ),
    "units": (
        terms(
            method=Method.UNITS, units_total=D(1000),
            units={"2024-02": D(100), "2024-11": D(150), "2026-01": D(900)},
        ),
        ["2500", "0", "7500"],
    ),
    "manual": (
        terms(method=Method.MANUAL, manual={"2024-03": D("1.05"), "2025-01": D(9)}),
        ["1.05", "9"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", YEARLY)
def test_years_are_as_published(case: str) -> None:
    """Rules DP10, DP12, DP13, DP15 and DP17."""
    told, expected = YEARLY[case]
    assert by_year(schedule(told)) == amounts(*expected)


def test_years_of_the_shared_schedules(shared_data: Path) -> None:
    """Every schedule that ERPNext, OCA and Tryton assert; where we differ stands in PEERS."""
    cases = json.loads((shared_data / "depreciation" / "schedules_expected.json").read_text())
    for case in cases:
        name = case["id"]
        told = OURS[name](case)
        if name in DIFFERENT:
            assert schedule(told) == schedule(DIFFERENT[name].told), name
            assert sum(charges(told)) == sum(_theirs(case)), name
        elif "expected" in case and isinstance(case["expected"], list):
            for day, _, accumulated in case["expected"]:
                month = as_of(told, _month_end(day))
                assert month is not None, name
                assert month.accumulated == D(str(accumulated)), (name, day)
        elif "expected_amounts" in case:
            assert by_year(schedule(told)) == [D(a) for a in case["expected_amounts"]], name
        elif "expected_first" in case:
            years = by_year(schedule(told))
            found = (years[0], years[-1], sum(years))
            assert found == (case["expected_first"], case["expected_last"], case["total"]), name
        else:
            assert set(charges(told)) == {D(str(case["expected_each"]))}, name
            rows = schedule(told)
            assert (rows[11].book_value, rows[11].accumulated) == (
                D(str(case["after_12_book"])), D(str(case["after_12_accum"])),
            )  # fmt: skip
    assert {case["id"] for case in cases} >= set(DIFFERENT)


def _theirs(case: dict[str, Any]) -> list[Decimal]:
    """What a peer of the shared schedules charges in all."""
    if isinstance(case.get("expected"), list):
        return [D(str(amount)) for _, amount, _ in case["expected"]]
    return [D(str(case["total"] if "total" in case else case["cost"]))]


def _month_end(day: str) -> date:
    """ERPNext closes on a date of its own; a first of January is the December before."""
    found = date.fromisoformat(day)
    if found.day == 1:
        return date.fromordinal(found.toordinal() - 1)
    return last_day(month_of(found))


def _of(case: dict[str, Any], **told: Any) -> Terms:
    life = case.get("months") or 12 * (case.get("years") or case.get("n"))
    start = date.fromisoformat(case.get("in_service", "2019-01-01"))
    return terms(
        cost=D(str(case.get("cost", 1000))), residual_value=D(str(case["salvage"])),
        in_service_date=start, useful_life_months=life, **told,
    )  # fmt: skip


OURS = {
    "erp_sl_full": _of,
    "erp_sl_prorata_days": lambda c: _of(c, convention=Convention.DAYS_OF_YEAR),
    "erp_sl_prorata_months": _of,
    "erp_ddb": lambda c: _of(c, method=Method.DECLINING_BALANCE, factor=F(2)),
    "erp_wdv_full": lambda c: _of(c, method=Method.DECLINING_BALANCE, rate=F(1, 2)),
    "oca_degr_linear_year": lambda c: _of(c, method=Method.DECLINING_THEN_LINEAR, factor=F(2, 5)),
    "oca_linear_limit": lambda c: _of(c, method=Method.LINEAR_ON_COST),
    "oca_linear_year": _of,
    "tryton_24m": _of,
    "tryton_revalue": lambda c: _of(
        c, changes=(Change(date(2019, 4, 1), Happened.IMPROVEMENT, D(100)),)
    ),
}
MEND = "they round each month and mend the last"


@dataclass(frozen=True)
class Differs:
    """A case that a peer charges by a convention that none of ours is: theirs, ours, and why."""

    case: str
    """As the table of the same cases in docs/spec/depreciation.md calls it."""
    told: Terms
    shown: str
    """Months (all of them where empty), or "years"."""
    theirs: list[Decimal]
    ours: list[Decimal]
    why: str
    id: str = ""
    """Of the case in the shared schedules, where it is one of them."""


ERPNEXT_DAILY = Terms(
    cost=D(100_000), in_service_date=date(2020, 1, 1), useful_life_months=24,
    convention=Convention.DAYS_OF_YEAR,
)  # fmt: skip
PEERS = (
    Differs(
        "ERPNext, daily pro rata over 24 months", ERPNEXT_DAILY,
        "2020-01 2020-02 2020-04 2021-01 2021-02 2021-12",
        amounts("4234.97", "3961.75", "4098.36", "4246.58", "3835.62", "4246.56"),
        amounts("4234.97", "3961.75", "4098.36", "4246.58", "3835.61", "4246.58"),
        MEND,
    ),
    Differs(
        "ERPNext, daily pro rata, half-way", ERPNEXT_DAILY, "accumulated 2020-12 2021-12",
        amounts("49999.98", "100000.00"), amounts("50000.00", "100000.00"), MEND,
    ),
    Differs(
        "ERPNext, 500 over 12 months",
        Terms(cost=D(500), in_service_date=date(2023, 1, 31), useful_life_months=12), "",
        amounts(*["41.67"] * 11, "41.63"), amounts(*["41.67", "41.66", "41.67"] * 4), MEND,
    ),
    Differs(
        "OCA, 10,000 over 5 years by month",
        Terms(cost=D(10_000), in_service_date=date(2019, 1, 1), useful_life_months=60),
        "2019-01 2019-02 2019-12",
        amounts("166.67", "166.67", "166.63"), amounts("166.67", "166.66", "166.67"),
        "they round each month and mend the year", id="oca_linear_year",
    ),
    Differs(
        "Tryton, raised from 1,000 to 1,100",
        Terms(
            cost=D(1000), residual_value=D(100), in_service_date=date(2019, 1, 1),
            useful_life_months=24,
            changes=(Change(date(2019, 4, 1), Happened.IMPROVEMENT, D(100)),),
        ),
        "2019-01 2019-03 2019-04 2019-05 2019-06 2020-11 2020-12",
        amounts("37.50", "37.50", "42.26", "42.26", "42.26", "42.26", "42.30"),
        amounts("37.50", "37.50", "42.26", "42.26", "42.27", "42.26", "42.26"),
        MEND, id="tryton_revalue",
    ),
    Differs(
        "ERPNext, double declining over 3 years",
        Terms(
            cost=D(100_000), residual_value=D(10_000), in_service_date=date(2030, 1, 1),
            useful_life_months=36, method=Method.DECLINING_BALANCE, factor=F(2),
        ),
        "years", amounts("66667.00", "22222.11", "1110.89"),
        amounts("66666.67", "22222.22", "1111.11"),
        "they round the rate to 66.667 %", id="erp_ddb",
    ),
    Differs(
        "Tryton, 366 over the 366 days of 2024",
        Terms(cost=D(366), in_service_date=JANUARY, useful_life_months=12,
              convention=Convention.ACTUAL_DAYS),
        "2024-02", amounts("28"), amounts("29"), "they leave 29 February out",
    ),
)  # fmt: skip
DIFFERENT = {peer.id: peer for peer in PEERS if peer.id}


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.case)
def test_ours_beside_theirs(peer: Differs) -> None:
    """Rule DP18: no cent waits for the last month, and all that is to be charged is charged."""
    rows = schedule(peer.told)
    months = {row.month: row for row in rows}
    if peer.shown == "years":
        found = by_year(rows)
    elif peer.shown.startswith("accumulated"):
        found = [months[month].accumulated for month in peer.shown.split()[1:]]
    else:
        found = [months[month].depreciation for month in peer.shown.split() or months]
    assert found == peer.ours
    assert found != peer.theirs
    off = [abs(mine - other) for mine, other in zip(found, peer.theirs, strict=True)]
    assert max(off) <= 1, "a rounding, not another schedule"
    assert rows[-1].book_value == peer.told.residual_value


def test_the_spec_shows_each_case_that_differs() -> None:
    page = (CHECKOUT / "docs" / "spec" / "depreciation.md").read_text(encoding="utf-8")
    told = [line for line in page.splitlines() if line.startswith("| ")]
    for peer in PEERS:
        [line] = [line for line in told if line.startswith(f"| {peer.case} |")]
        assert peer.why in line


def test_the_rounded_rate_gives_their_figures() -> None:
    """Rule DP14: with ERPNext's rate of 66.667 % the charges are ERPNext's."""
    told = terms(
        cost=D(100_000), residual_value=D(10_000), in_service_date=date(2030, 1, 1),
        useful_life_months=36, method=Method.DECLINING_BALANCE, rate=F(66667, 100_000),
    )  # fmt: skip
    assert by_year(schedule(told)) == amounts("66667", "22222.11", "1110.89")


def test_a_capitalized_repair_of_the_first_day() -> None:
    """Rule DP19: 500 and a repair of 100 over 12 months are 50 a month."""
    repaired = terms(
        cost=D(500), in_service_date=date(2023, 1, 31), useful_life_months=12,
        changes=(Change(date(2023, 1, 31), Happened.IMPROVEMENT, D(100)),),
    )  # fmt: skip
    assert charges(repaired) == amounts(*["50.00"] * 12)


def test_one_a_day() -> None:
    """Rule DP7: 1096 over 36 months from 15 January 2020 is one a day, leap days too."""
    rows = schedule(
        terms(cost=D(1096), in_service_date=date(2020, 1, 15), useful_life_months=36,
              convention=Convention.ACTUAL_DAYS)
    )  # fmt: skip
    found = [int(row.depreciation) for row in rows]
    assert found[:6] == [17, 29, 31, 30, 31, 30]
    assert (found[13], found[-1], len(found), sum(found)) == (28, 14, 37, 1096)


@pytest.mark.parametrize("frequency", [1, 3, 6, 12])
@pytest.mark.parametrize("periods", [1, 4])
def test_opening_periods(periods: int, frequency: int) -> None:
    """Rule DP20: every remaining period is charged 1000 whatever was depreciated before."""
    taken = month_of(JANUARY) + periods * frequency
    opening = Opening(first_day(taken), D(1000 * periods))
    told = terms(
        cost=D(13_200), residual_value=D(1200), useful_life_months=12 * frequency, opening=opening
    )
    rows = schedule(told)
    found = [
        sum(row.depreciation for row in rows[place : place + frequency])
        for place in range(0, len(rows), frequency)
    ]
    assert found == [1000] * (12 - periods)
    assert rows[-1].accumulated == 12_000


def test_five_periods_from_the_middle_of_february() -> None:
    """Rule DP7: from 15 February five months end on 14 July, in six calendar months."""
    rows = schedule(
        terms(cost=D(151), in_service_date=date(2020, 2, 15), useful_life_months=5,
              convention=Convention.ACTUAL_DAYS)
    )  # fmt: skip
    assert [row.month for row in rows] == [f"2020-0{month}" for month in range(2, 8)]
    assert [row.depreciation for row in rows] == [15, 31, 30, 31, 30, 14]


def test_a_long_asset_taken_over_is_not_inflated() -> None:
    """Rule DP20, with the figures of ERPNext's open defect 58673."""
    told = terms(
        cost=D(825_000), residual_value=D(41_250), useful_life_months=180,
        in_service_date=date(2023, 1, 1), opening=Opening(date(2024, 2, 1), D("158036.58")),
    )  # fmt: skip
    rows = schedule(told)
    assert (len(rows), sum(row.depreciation for row in rows)) == (167, D("625713.42"))
    assert {int(row.depreciation) for row in rows} == {3746}
    daily = schedule(replace(told, convention=Convention.ACTUAL_DAYS))
    assert (len(daily), sum(row.depreciation for row in daily)) == (167, D("625713.42"))
    a_day = D("625713.42") / (date(2038, 1, 1) - date(2024, 2, 1)).days
    for row in daily:
        days = last_day(number_of(row.month)).day
        assert abs(row.depreciation - a_day * days) < D("0.01")


def test_tryton_with_1500_of_which_500_are_depreciated() -> None:
    """Rules DP20 and DP22."""
    told = terms(
        cost=D(1500), residual_value=D(100), useful_life_months=24,
        opening=Opening(JANUARY, D(500)),
    )  # fmt: skip
    assert charges(told) == amounts(*["37.50"] * 24)
    first = schedule(told)[0]
    assert (first.book_value, first.accumulated) == (D("962.50"), D("537.50"))
    gone = terms(
        cost=D(1500), residual_value=D(100), useful_life_months=24,
        opening=Opening(JANUARY, D(500)), changes=(Change(date(2024, 4, 2), Happened.DISPOSAL),),
    )  # fmt: skip
    rows = schedule(gone)
    assert sum(row.depreciation for row in rows) - sum(row.gain_or_loss for row in rows) == 1000


def test_snipe_it_ends_at_its_floor() -> None:
    for floor in (1000, 2000):
        told = terms(cost=D(4000), residual_value=D(floor), useful_life_months=36)
        found = as_of(told, date(2034, 1, 1))
        assert found is not None
        assert found.book_value == floor


HALF_YEAR = {
    3: "33.33 44.45 14.81 7.41",
    5: "20.00 32.00 19.20 11.52 11.52 5.76",
    7: "14.29 24.49 17.49 12.49 8.93 8.92 8.93 4.46",
    10: "10.00 18.00 14.40 11.52 9.22 7.37 6.55 6.55 6.56 6.55 3.28",
    15: "5.00 9.50 8.55 7.70 6.93 6.23 5.90 5.90 5.91 5.90 5.91 5.90 5.91 5.90 5.91 2.95",
    20: "3.750 7.219 6.677 6.177 5.713 5.285 4.888 4.522 4.462 4.461 4.462 4.461 4.462 4.461 "
    "4.462 4.461 4.462 4.461 4.462 4.461 2.231",
}
MID_QUARTER = {
    (3, 1): "58.33 27.78 12.35 1.54",
    (3, 2): "41.67 38.89 14.14 5.30",
    (3, 3): "25.00 50.00 16.67 8.33",
    (3, 4): "8.33 61.11 20.37 10.19",
    (5, 1): "35.00 26.00 15.60 11.01 11.01 1.38",
    (5, 2): "25.00 30.00 18.00 11.37 11.37 4.26",
    (5, 3): "15.00 34.00 20.40 12.24 11.30 7.06",
    (5, 4): "5.00 38.00 22.80 13.68 10.94 9.58",
    (7, 1): "25.00 21.43 15.31 10.93 8.75 8.74 8.75 1.09",
    (7, 2): "17.85 23.47 16.76 11.97 8.87 8.87 8.87 3.34",
    (7, 3): "10.71 25.51 18.22 13.02 9.30 8.85 8.86 5.53",
    (7, 4): "3.57 27.55 19.68 14.06 10.04 8.73 8.73 7.64",
}


def test_macrs_tables_are_those_of_publication_946() -> None:
    """Rule DP17: derived, equal to what is printed, and each column 100."""
    for years, printed in HALF_YEAR.items():
        assert percentages(years) == tuple(amounts(*printed.split()))
        assert sum(percentages(years)) == 100
    for (years, quarter), printed in MID_QUARTER.items():
        found = percentages(years, F(27, 2) - 3 * quarter)
        assert found == tuple(amounts(*printed.split())), (years, quarter)
        assert sum(found) == 100


def test_macrs_of_the_shared_table(shared_data: Path) -> None:
    path = shared_data / "depreciation" / "macrs_pub946_table_A1_half_year.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 50
    for row in rows:
        found = percentages(int(row["property_years"]))[int(row["year"]) - 1]
        assert found == D(row["percent"]), row


def test_macrs_charges_the_printed_share_each_tax_year() -> None:
    """Rules DP9 and DP17: a server of 12,345.67 in service in August and in November."""
    cost = D("12345.67")
    for convention, month, printed in (
        (Convention.HALF_YEAR, 8, HALF_YEAR[5]),
        (Convention.MID_QUARTER, 11, MID_QUARTER[5, 4]),
    ):
        told = terms(cost=cost, in_service_date=date(2024, month, 20), method=Method.MACRS,
                     convention=convention)  # fmt: skip
        running, expected = D(0), []
        for percent in amounts(*printed.split()):
            before, running = running, running + percent
            expected.append(
                (cost * running / 100).quantize(D("0.01"), "ROUND_HALF_UP")
                - (cost * before / 100).quantize(D("0.01"), "ROUND_HALF_UP")
            )
        assert by_year(schedule(told)) == expected
