"""FOCUS conformance: the rules as data, each function, waivers, and samples of the standard."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bursar.connect.conformance.checking import Conformance, check, read_waivers
from bursar.connect.conformance.rules import read_model, rule_set
from bursar.connect.errors import BadRuleModel, BadWaivers, UnknownFocusVersion

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "focus"
WHOLE = {
    "BilledCost": "12.50",
    "BillingAccountId": "111",
    "BillingAccountName": "Main",
    "BillingCurrency": "EUR",
    "BillingPeriodEnd": "2026-02-01T00:00:00Z",
    "BillingPeriodStart": "2026-01-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeDescription": "Hours of a machine",
    "ChargePeriodEnd": "2026-01-02T00:00:00Z",
    "ChargePeriodStart": "2026-01-01T00:00:00Z",
    "ContractedCost": "12.50",
    "EffectiveCost": "12.50",
    "InvoiceIssuerName": "Nimbus",
    "ListCost": "12.50",
    "PricingQuantity": "5",
    "PricingUnit": "Hours",
    "ProviderName": "Nimbus",
    "PublisherName": "Nimbus",
    "ServiceCategory": "Compute",
    "ServiceName": "Machines",
    "ListUnitPrice": "2.50",
    "ContractedUnitPrice": "2.50",
    "Tags": '{"team": "web"}',
}


def file(folder: Path, *rows: Mapping[str, str | None]) -> Path:
    """A file whose rows differ from `WHOLE` where they say so; None takes a column out."""
    path = folder / "bill.csv"
    full = [{**WHOLE, **row} for row in (rows or ({},))]
    names = [
        name for name in dict.fromkeys(n for r in full for n in r) if full[0][name] is not None
    ]
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(full)
    return path


def failed(found: Conformance) -> set[str]:
    return {failure.rule for failure in found.failures if failure.level.startswith("MUST")}


def test_a_whole_file_conforms(tmp_path: Path) -> None:
    found = check([file(tmp_path)], version="1.2")
    assert failed(found) == set()
    assert found.is_conformant
    assert found.score["MUST"].ratio == "1.0000"
    assert found.rows == 1


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"BilledCost": None}, "CostAndUsage-D-006-M"),
        ({"BilledCost": "$12.50"}, "BilledCost-C-001-M"),
        ({"BilledCost": ""}, "BilledCost-C-003-M"),
        ({"BillingCurrency": "eur"}, "BillingCurrency-C-006-M"),
        ({"ChargePeriodStart": "2026-01-01 00:00:00"}, "ChargePeriodStart-C-002-M"),
        ({"ChargePeriodStart": "yesterday"}, "ChargePeriodStart-C-001-M"),
        ({"ChargeCategory": "Rent"}, "ChargeCategory-C-003-M"),
        ({"ListUnitPrice": "-1"}, "ListUnitPrice-C-008-M"),
        ({"ListUnitPrice": "2.60"}, "ListCost-C-009-C"),
        ({"Tags": '{"team": {"name": "web"}}'}, "Tags-C-001-M"),
        ({"Tags": "team=web"}, "Tags-C-001-M"),
    ],
)
def test_each_kind_of_rule_can_fail(
    tmp_path: Path, change: dict[str, str | None], rule: str
) -> None:
    found = check([file(tmp_path, change)], version="1.2")
    assert rule in failed(found)
    assert not found.is_conformant


def test_a_failure_says_where_and_how_often(tmp_path: Path) -> None:
    rows = [{}, {"ChargeCategory": "Rent"}, {"ChargeCategory": "rent"}]
    found = check([file(tmp_path, *rows)], version="1.2")
    [failure] = [f for f in found.failures if f.rule == "ChargeCategory-C-003-M"]
    assert failure.rows == 2
    assert failure.example == {"row": 2, "column": "ChargeCategory", "value": "Rent"}


def test_a_service_has_one_category_over_the_whole_file(tmp_path: Path) -> None:
    found = check([file(tmp_path, {}, {"ServiceCategory": "Storage"})], version="1.2")
    [failure] = [f for f in found.failures if f.rule == "ServiceName-C-005-C"]
    assert failure.example["value"] == "Machines → Compute, Storage"


def test_zero_is_a_number_however_it_is_written(tmp_path: Path) -> None:
    row = {"ChargeCategory": "Purchase", "EffectiveCost": "0.00", "PricingCategory": "Standard"}
    found = check([file(tmp_path, row)], version="1.2")
    assert "EffectiveCost-C-005-C" not in failed(found) | {f.rule for f in found.waived}


def test_columns_that_depend_on_the_provider_may_be_absent_until_somebody_says_otherwise(
    tmp_path: Path,
) -> None:
    path = file(tmp_path)
    regions = {"CostAndUsage-D-014-C", "CostAndUsage-D-015-C"}
    assert not regions & failed(check([path], version="1.2"))
    said = check([path], version="1.2", supports=["REGION_SUPPORTED"])
    assert any(f.example["value"] == "no such column" for f in said.failures)
    assert {"RegionId", "RegionName"} <= {f.example["column"] for f in said.failures}


def test_the_version_is_told_from_the_columns(tmp_path: Path) -> None:
    assert check([file(tmp_path)]).version == "1.0"
    newer = {"ServiceProviderName": "Nimbus", "HostProviderName": "Nimbus", "ProviderName": None,
             "PublisherName": None}  # fmt: skip
    found = check([file(tmp_path, newer)])
    assert found.version == "1.4"
    assert failed(found) == set()


def test_parquet_is_checked_with_its_types(tmp_path: Path) -> None:
    table = pa.table({name: [value or None] for name, value in WHOLE.items()})
    path = tmp_path / "bill.parquet"
    pq.write_table(table, path)
    assert failed(check([path], version="1.2")) == set()
    floats = table.set_column(
        table.column_names.index("ServiceName"), "ServiceName", pa.array([1.5])
    )
    pq.write_table(floats, path)
    assert "ServiceName-C-001-M" in failed(check([path], version="1.2"))


def test_waivers_have_a_reason_and_are_listed(tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("- {rule: ChargeCategory-C-003-M, reason: a test, reference: none}\n")
    found = check([file(tmp_path, {"ChargeCategory": "Rent"})], version="1.2", waivers=waivers)
    assert [(f.rule, f.reason) for f in found.waived] == [
        ("ChargeCategory-C-003-M", "a test (none)")
    ]
    assert found.is_conformant
    waivers.write_text("- reason: nothing\n")
    with pytest.raises(BadWaivers) as refused:
        read_waivers(waivers)
    assert refused.value.code == "focus.bad_waivers"


def test_what_cannot_be_checked_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownFocusVersion) as unknown:
        check([file(tmp_path)], version="2.0")
    assert unknown.value.code == "focus.unknown_version"
    with pytest.raises(BadRuleModel) as bad:
        check([file(tmp_path)], model=file(tmp_path))
    assert bad.value.code == "focus.bad_model"


def test_a_model_in_a_file_runs_as_it_is(tmp_path: Path) -> None:
    rule = {
        "Function": "Validation", "Reference": "ServiceName", "Type": "Static",
        "ValidationCriteria": {
            "Keyword": "MUST",
            "Requirement": {"CheckFunction": "CheckValue", "ColumnName": "ServiceName",
                            "Value": "Machines"},
            "Condition": {},
        },
    }  # fmt: skip
    path = tmp_path / "model-9.json.gz"
    content = {"Details": {"FOCUSVersion": "9.0"}, "ModelRules": {"ServiceName-C-001-M": rule}}
    path.write_bytes(gzip.compress(json.dumps(content).encode()))
    found = check([file(tmp_path, {}, {"ServiceName": "Discs"})], model=path)
    assert (found.version, failed(found)) == ("9.0", {"ServiceName-C-001-M"})


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the checkout")
def test_the_rules_here_are_those_of_the_official_model() -> None:
    official = read_model(SHARED / "validator" / "model-1.2.json.gz")
    assert official.version == "1.2"
    assert official.rules == rule_set("1.2").rules
    assert len(official.rules) > 470


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not beside the checkout")
def test_the_official_sample_fails_where_a_reader_sees_it_fail() -> None:
    """Counted a second time by the csv module: datetimes without T, words in small letters."""
    path = SHARED / "focus_1.0_sample_real_open.csv"
    with path.open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    blank = sum("T" not in row["ChargePeriodStart"] for row in rows)
    small = sum(row["ChargeFrequency"] == "Usage-based" for row in rows)
    found = {failure.rule: failure.rows for failure in check([path]).failures}
    assert found["ChargePeriodStart-C-002-M"] == blank == 600
    assert found["ChargeFrequency-C-003-M"] == small > 0
