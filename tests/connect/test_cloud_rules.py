"""Native bills in odd spellings: what is read, what is noted, what is rejected.

Rules I60, I63, I64, I66, I68 and I69 of docs/spec/import.md.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import Result, read, write

from bursar.connect.clouds.conditions import MappingError
from bursar.connect.clouds.mapping import PROVIDERS, cloud_key, mapping_of, parse_mapping
from bursar.connect.errors import ImportRefused

GCP = {
    "billing_account_id": "01AA",
    "service.description": "Compute Engine",
    "sku.description": "N2",
    "usage_start_time": "2026-01-10T00:00:00Z",
    "usage_end_time": "2026-01-10T01:00:00Z",
    "cost": "10",
    "currency": "EUR",
    "usage.amount": "3600",
    "credits": "[]",
    "invoice.month": "202601",
    "cost_type": "regular",
}
AZURE = {
    "SubscriptionGuid": "s-1",
    "UsageDateTime": "2026-01-31",
    "MeterCategory": "Storage",
    "UsageQuantity": "2",
    "PreTaxCost": "3.5",
    "Currency": "EUR",
}
OCI = {
    "lineItem/tenantId": "t",
    "lineItem/intervalUsageStart": "2026-01-10T00:00Z",
    "lineItem/intervalUsageEnd": "2026-01-10T01:00Z",
    "product/service": "COMPUTE",
    "cost/myCost": "1.5",
    "cost/currencyCode": "USD",
}


def one(folder: Path, row: dict[str, str], **cells: str) -> Result:
    return read(write(folder / "bill.csv", [row | cells]))


def test_a_quantity_beyond_the_ledger_is_empty_and_noted(tmp_path: Path) -> None:
    found = one(tmp_path, GCP, **{"usage.amount": "123456789012345678"})
    assert found.rejected == []
    assert found.column("consumed_quantity") == [None]
    assert found.column("usage.amount") == ["123456789012345678"]
    assert "import.quantity_left_empty" in found.warning_codes


def test_a_cost_beyond_the_ledger_rejects_its_row(tmp_path: Path) -> None:
    found = one(tmp_path, GCP, cost="123456789012345678")
    assert found.codes == [(1, "cost", "import.amount_too_large")]


@pytest.mark.parametrize(
    ("text", "billed"),
    [
        ("", "10"),
        ("[]", "10"),
        ('[{"name": "a", "amount": -1.10}, {"name": "b", "amount": "-2"}]', "6.9"),
        ("[{'name': 'a', 'amount': -1e-05, 'id': None}]", "9.99999"),
        ("[{'amount': Decimal('-0.000000000000000000001')}]", "9.999999999999999999999"),
        ("{'amount': -1}", "9"),
    ],
)
def test_credits_in_every_spelling_are_summed_exactly(
    tmp_path: Path, text: str, billed: str
) -> None:
    found = one(tmp_path, GCP, credits=text)
    assert found.column("billed_cost") == [Decimal(billed)]
    assert found.column("contracted_cost") == [Decimal(10)]


@pytest.mark.parametrize("text", ["unknown", "[1]", "[{'amount': 'x'}]", '[{"amount": "1,0"}]'])
def test_unreadable_credits_reject_the_row(tmp_path: Path, text: str) -> None:
    found = one(tmp_path, GCP, credits=text)
    assert found.codes == [(1, "credits", "import.credits_unreadable")]


def test_months_and_billing_periods(tmp_path: Path) -> None:
    line = one(tmp_path, GCP).lines[0]
    assert line["billing_period_start"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert line["billing_period_end"] == datetime(2026, 2, 1, tzinfo=UTC)
    line = one(tmp_path, AZURE).lines[0]
    assert line["billing_period_start"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert line["billing_period_end"] == datetime(2026, 2, 1, tzinfo=UTC)
    assert line["charge_period_end"] == datetime(2026, 2, 1, tzinfo=UTC)


def test_days_with_dots(tmp_path: Path) -> None:
    found = one(tmp_path, AZURE, UsageDateTime="31.01.2026")
    assert found.column("charge_period_start") == [datetime(2026, 1, 31, tzinfo=UTC)]
    found = one(tmp_path, AZURE, UsageDateTime="31.02.2026")
    assert {code for _, _, code in found.codes} >= {"import.date_invalid"}


def test_a_correction_is_one_only_for_a_period_before_the_bill(tmp_path: Path) -> None:
    refund = {"adjustment_info.type": "GENERAL_ADJUSTMENT", "cost_type": "adjustment"}
    before = {"usage_start_time": "2025-12-31T23:00:00Z"}
    assert one(tmp_path, GCP, **refund, **before).column("charge_class") == ["Correction"]
    assert one(tmp_path, GCP, **refund).column("charge_class") == [None]


def test_oracle_has_one_cost(tmp_path: Path) -> None:
    line = one(tmp_path, OCI).lines[0]
    costs = ("billed_cost", "effective_cost", "contracted_cost")
    assert {line[name] for name in costs} == {Decimal("1.5")}
    assert line["cost/myCost"] == "1.5"


def test_a_bill_without_its_money_is_refused_by_name(tmp_path: Path) -> None:
    row = {name: value for name, value in AZURE.items() if name != "Currency"}
    with pytest.raises(ImportRefused) as refusal:
        one(tmp_path, row)
    assert refusal.value.code == "import.missing_columns"
    assert "Azure" in refusal.value.message
    assert "billingCurrency" in refusal.value.message


def test_spellings_and_columns_of_our_names(tmp_path: Path) -> None:
    assert cloud_key("lineItem/UnblendedCost") == cloud_key("line_item_unblended_cost")
    found = one(tmp_path, AZURE, Tags='{"a": "b"}', source="mine")
    assert found.column("tags") == ['{"a": "b"}']
    assert found.column("x_Tags") == ['{"a": "b"}']
    assert found.column("x_source") == ["mine"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_mapping_says_only_what_the_engine_knows(provider: str) -> None:
    mapping = mapping_of(provider)
    filled = {one.name for one in mapping.columns}
    assert filled >= {"billed_cost", "effective_cost", "billing_currency", "charge_category"}


@pytest.mark.parametrize(
    "change",
    [
        {"columns": {"BilledCosts": "cost"}},
        {"columns": {"BilledCost": {"guess": "cost"}}},
        {"columns": {"BilledCost": "price"}},
        {"columns": {"BilledCost": {"when": [{"if": ["cost"], "then": "cost"}]}}},
        {"required": ["currency"]},
    ],
)
def test_a_mistake_in_a_mapping_is_found_when_it_is_loaded(change: dict[str, object]) -> None:
    sound = {
        "provider": "x",
        "title": "a bill",
        "recognised": [["cost"]],
        "required": ["cost"],
        "fields": {"cost": ["cost"]},
        "columns": {"BilledCost": "cost"},
    }
    assert parse_mapping(sound).columns[0].name == "billed_cost"
    with pytest.raises(MappingError):
        parse_mapping(sound | change)
