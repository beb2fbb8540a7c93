"""Every outside native bill: its control total to the last digit, or refused for this reason.

Rules I24 and I60 of docs/spec/import.md.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import Result, read

from bursar.connect.errors import ImportRefused
from bursar.core.money.amount import exact_sum

LOADED = {
    "EA_ActualCost_Small.csv": ("azure", "8.5450077867419368"),
    "aws_cur_anonymous.csv.gz": ("aws", "1.68230869740"),
    "azure_ea_anonymous.csv": ("azure", "1.26136926505726"),
    "koku_aws_2022-07-01-alt-columns.csv": ("aws", "0"),
    "koku_aws_2023-06-01-not-final.csv": ("aws", "30"),
    "koku_azure_azure_camelCased.csv": ("azure", "0.00011016"),
    "koku_azure_costreport_a243c6f2-199f-4074-9a2c-40e671cf1584.csv": ("azure", "0.00011016"),
    "koku_gcp_2022-08-01_5.csv": ("gcp", "0.000012"),
    "opencost_azure_Enterprise.csv": ("azure", "0"),
    "opencost_azure_EnterpriseCamel.csv": ("azure", "0.012"),
    "opencost_azure_PayAsYouGo.csv": ("azure", "0.075"),
    "nise_aws_cur_2026-09-01_03.csv.gz": ("aws", "175522.620560007712854641344"),
    "nise_azure_a.csv.gz": ("azure", "37.8108573735337827896"),
    "nise_gcp_202609.csv.gz": ("gcp", "36.33618451286831999280"),
    "ocp_on_aws__April-2019-None.csv.gz": ("aws", "799.5650564915658910112467"),
}
"""File name → the format that it is recognised as, and its native cost column's sum."""

REFUSED = {
    "EA_NoRows.csv": ("import.no_rows", "no row"),
    # Neither the file nor its name says in which money the costs are.
    "opencost_azure_MissingBrackets.csv": ("import.missing_columns", "billingCurrency"),
    "opencost_azure_VirtualMachine.csv": ("import.missing_columns", "billingCurrency"),
}
"""File name → the code of the refusal, and what it must say."""

REJECTED = {
    # "MC" stands in the currency column of all its five rows.
    "koku_azure_azure_version_2.csv": {"import.currency_unknown": 5},
    # A header of 131 names over 19 lines of 130 cells.
    "koku_test_cur.csv": {"import.torn_line": 19},
    # Its one row has a date and nothing else.
    "opencost_azure_BOM.csv": {"import.amount_missing": 1, "import.currency_unknown": 1},
}
"""File name → the reasons by which every one of its rows is set aside."""


def controls(shared_data: Path) -> dict[str, tuple[Path, dict[str, str]]]:
    with (shared_data / "billing" / "CONTROL_TOTALS.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        Path(row["file"]).name: (shared_data / row["file"], row)
        for row in rows
        if "ocp__" not in row["file"] and "my-ocp-cluster" not in row["file"]
    }


def billed(found: Result) -> Decimal:
    return exact_sum(value for value in found.column("billed_cost") if value is not None)


def test_every_file_is_accounted_for(shared_data: Path) -> None:
    assert {*LOADED, *REFUSED, *REJECTED} == set(controls(shared_data))


@pytest.mark.parametrize("name", LOADED)
def test_control_totals(shared_data: Path, name: str) -> None:
    path, control = controls(shared_data)[name]
    format_, total = LOADED[name]
    found = read(path)
    assert found.reading.format == format_
    assert found.rejected == []
    assert len(found.lines) == int(control["data_rows"])
    assert billed(found) == Decimal(total)
    stated = re.match(r"[^=]+=(\S+) \(n=", control["sums"])
    if stated is not None:
        assert billed(found) == Decimal(stated[1])


@pytest.mark.parametrize("name", REFUSED)
def test_refused(shared_data: Path, name: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        read(controls(shared_data)[name][0])
    code, said = REFUSED[name]
    assert refusal.value.code == code
    assert said in refusal.value.message


@pytest.mark.parametrize("name", REJECTED)
def test_rejected_to_the_last_row(shared_data: Path, name: str) -> None:
    found = read(controls(shared_data)[name][0])
    assert found.lines == []
    assert Counter(code for _, _, code in found.codes) == REJECTED[name]


def test_effective_cost_of_what_savings_plans_cover(shared_data: Path) -> None:
    """Three hours at 10 on demand, which the plan covers for 0.1 each."""
    found = read(controls(shared_data)["koku_aws_2023-06-01-not-final.csv"][0])
    assert exact_sum(found.column("effective_cost")) == Decimal("0.3")  # type: ignore[arg-type]
    assert set(found.column("commitment_discount_status")) == {"Used"}
