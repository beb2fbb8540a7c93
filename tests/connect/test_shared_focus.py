"""Every outside FOCUS file: its control totals to the last digit, or refused for this reason.

Rules I9 and I24 of docs/spec/import.md.
"""

from __future__ import annotations

import contextlib
import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import Result, read

from bursar.connect.errors import ImportRefused
from bursar.core.money.amount import exact_sum

MISSING = "import.missing_columns"
LACKS_BILLING_CURRENCY = "BillingCurrency"
NO_COSTS = "ChargePeriodStart"
NO_DATES = "no column holds a date or a period"
"""A table with one amount might be a list of payables, and nobody has said of when."""

REFUSED = {
    # Lists and mapping tables: they hold no costs.
    "aws_category_mapping.csv": NO_COSTS,
    "azure_category_mapping.csv": NO_COSTS,
    "gcp_category_mapping.csv": NO_COSTS,
    "aws-cur.csv": NO_COSTS,
    "aws.csv": NO_COSTS,
    "azure.csv": NO_COSTS,
    "gcp.csv": NO_COSTS,
    "oci.csv": NO_COSTS,
    "PricingUnits.csv": NO_COSTS,
    "Regions.csv": NO_COSTS,
    "Services.csv": NO_COSTS,
    "currency_codes.csv": NO_COSTS,
    # Samples made to fail, and a version before 1.0.
    "all_fail.csv": NO_COSTS,
    "billedCostTest.csv": NO_COSTS,
    "listUnitPriceTest.csv": NO_DATES,
    "multiple_failure_example_namespaced.csv": NO_COSTS,
    "multiple_failure_examples.csv": NO_COSTS,
    "all_pass_0.5.csv": "FOCUS 0.5",
}
"""File name → what the refusal must say; excerpts of the specification without a currency
follow by their names' beginning."""

WITHOUT_CURRENCY = ("commitment_discount_flexibility__", "commitment_discount_scenarios__")

REJECTED = {
    # Amounts such as "$10,000.00 ": a currency sign and grouping signs, in every row.
    "saas_examples__simple_agreements__simple_saas_agreements_a1.csv": 1,
    "saas_examples__simple_agreements__simple_saas_agreements_a2.csv": 1,
    "saas_examples__simple_agreements__simple_saas_agreements_c.csv": 3,
}

COSTS = {"BilledCost": "billed_cost", "EffectiveCost": "effective_cost",
         "ListCost": "list_cost", "ContractedCost": "contracted_cost"}  # fmt: skip


def controls(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "focus" / "CONTROL_TOTALS.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def assert_totals(found: Result, control: dict[str, str]) -> None:
    stated = re.findall(r"(\w+)=(\S+) \(n=(\d+)", control["sums"])
    assert len(found.lines) == int(control["data_rows"])
    for name, total, count in stated:
        values = [value for value in found.column(COSTS[name]) if value is not None]
        assert exact_sum(values) == Decimal(total), name
        assert len(values) == int(count), name


def test_every_file_is_accounted_for(shared_data: Path) -> None:
    loaded = 0
    for control in controls(shared_data):
        path = shared_data / control["file"]
        said = REFUSED.get(path.name)
        if path.name.startswith(WITHOUT_CURRENCY):
            said = LACKS_BILLING_CURRENCY
        if said is not None:
            with pytest.raises(ImportRefused) as refusal:
                read(path)
            code = "import.profile_needed" if said == NO_DATES else MISSING
            assert refusal.value.code == code, path.name
            assert said in refusal.value.message, path.name
            continue
        found = read(path)
        if found.reading.format == "focus-commitments":
            assert len(found.lines) == int(control["data_rows"])
            continue
        if path.name in REJECTED:
            assert found.lines == []
            assert {one["row"] for one in found.rejected} == set(range(1, REJECTED[path.name] + 1))
            assert {code for _, _, code in found.codes} == {"import.amount_not_a_number"}
            continue
        assert found.rejected == [], path.name
        assert_totals(found, control)
        loaded += 1
    assert loaded >= 8


@pytest.mark.parametrize(
    ("name", "version"),
    [("focus_1.0_sample_real_open.csv", "1.0"),
     ("focus_1.3/focus_1.3_costandusage_azure_excerpt.csv", "1.3"),
     ("spec_examples_1.2dev/saas_examples__virtual_currency_pricing_model_a1.csv", "1.2")],
)  # fmt: skip
def test_versions(shared_data: Path, name: str, version: str) -> None:
    assert read(shared_data / "focus" / name).reading.format_version == version


def test_no_outside_file_breaks_the_reader(shared_data: Path) -> None:
    for topic in ("messy", "budget", "fx", "assets"):
        for path in sorted((shared_data / topic).rglob("*")):
            if path.is_file() and path.stat().st_size < 5_000_000:
                found = None
                with contextlib.suppress(ImportRefused):
                    found = read(path)
                assert found is None or found.lines, path.name
