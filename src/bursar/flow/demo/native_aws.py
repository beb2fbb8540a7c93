"""The month of a cloud bill as AWS's own cost and usage report would have it.

A commitment shows as that report shows it: covered use at its ordinary price, a negation beside
it, and one recurring fee that knows how much of it was used.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.flow.demo import chance
from bursar.flow.demo.catalogue import Provider
from bursar.flow.demo.company import CURRENCY, Month
from bursar.flow.demo.focus_file import text_column

_CODES = {
    "Amazon Elastic Compute Cloud": "AmazonEC2",
    "Amazon Elastic Kubernetes Service": "AmazonEKS",
    "AWS Lambda": "AWSLambda",
    "Amazon Relational Database Service": "AmazonRDS",
    "Amazon Redshift": "AmazonRedshift",
    "Amazon Simple Storage Service": "AmazonS3",
    "Amazon Elastic Block Store": "AmazonEC2",
    "Amazon CloudFront": "AmazonCloudFront",
    "Amazon Virtual Private Cloud": "AmazonVPC",
    "Amazon CloudWatch": "AmazonCloudWatch",
    "Amazon SageMaker": "AmazonSageMaker",
    "Amazon GuardDuty": "AmazonGuardDuty",
    "Amazon Simple Queue Service": "AWSQueueService",
    "Support": "AWSSupportBusiness",
}
"""Product codes by the service's name."""
_FAMILIES = {
    "Instance group": "Compute Instance", "GPU instance group": "Compute Instance",
    "Volume": "Storage", "Bucket": "Storage", "Database": "Database Instance",
    "Function": "Serverless", "Cluster": "Compute", "Gateway": "NAT Gateway",
}  # fmt: skip
_INSTANCES = {"Instance group": "m7i.2xlarge", "GPU instance group": "g6.4xlarge"}
_USAGE_KINDS = {"Instance group": "BoxUsage", "GPU instance group": "BoxUsage:g6"}
_TAGS = ("app", "team", "env", "cost_center")
_PLAN = "arn:aws:savingsplans::410022719004:savingsplan/"
Columns = dict[str, Any]


def native_aws(provider: Provider, month: Month, bill: pa.Table) -> pa.Table:
    """The report's rows from the month's bill in FOCUS columns."""
    category, status = bill["ChargeCategory"], bill["CommitmentDiscountStatus"]
    used = pc.equal(status, "Used")
    plain = pc.and_(pc.is_null(status), pc.invert(pc.is_valid(bill["CommitmentDiscountId"])))
    covered = bill.filter(used)
    parts = [
        _rows(provider, month, bill.filter(pc.and_(plain, pc.equal(category, "Usage"))), "Usage"),
        _rows(provider, month, covered, "SavingsPlanCoveredUsage"),
        _rows(provider, month, covered, "SavingsPlanNegation"),
        _rows(provider, month, _fee(bill, covered), "SavingsPlanRecurringFee"),
    ]
    kinds = {"Purchase": "Fee", "Credit": "Credit", "Tax": "Tax"}
    for focus, native in kinds.items():
        rows = bill.filter(pc.and_(plain, pc.equal(category, focus)))
        parts.append(_rows(provider, month, rows, native))
    return _with_used_commitment(pa.concat_tables(parts))


def _fee(bill: pa.Table, covered: pa.Table) -> pa.Table:
    """The purchase of the commitment, one row."""
    bought = pc.and_(
        pc.equal(bill["ChargeCategory"], "Purchase"), pc.is_valid(bill["CommitmentDiscountId"])
    )
    fee = bill.filter(bought)
    assert fee.num_rows == min(covered.num_rows, 1)
    return fee


def _rows(provider: Provider, month: Month, lines: pa.Table, kind: str) -> pa.Table:
    count = lines.num_rows
    contracted, price = lines["ContractedCost"], lines["ContractedUnitPrice"]
    unblended = lines["BilledCost"] if kind != "SavingsPlanCoveredUsage" else contracted
    if kind == "SavingsPlanNegation":
        unblended = pc.negate(contracted)
    is_use = kind in ("Usage", "SavingsPlanCoveredUsage")
    kinds = lines["ResourceType"].to_pylist()
    columns: Columns = {
        "identity/LineItemId": _ids(month, kind, count),
        "bill/InvoiceId": lines["InvoiceId"],
        "bill/BillingEntity": "AWS",
        "bill/BillType": "Anniversary",
        "bill/PayerAccountId": provider.account,
        "bill/BillingPeriodStartDate": lines["BillingPeriodStart"],
        "bill/BillingPeriodEndDate": lines["BillingPeriodEnd"],
        "lineItem/UsageAccountId": pc.coalesce(lines["SubAccountId"], pa.scalar(provider.account)),
        "lineItem/LineItemType": kind,
        "lineItem/UsageStartDate": lines["ChargePeriodStart"],
        "lineItem/UsageEndDate": lines["ChargePeriodEnd"],
        "lineItem/ProductCode": [_CODES.get(name, "") for name in lines["ServiceName"].to_pylist()],
        "lineItem/UsageType": [_USAGE_KINDS.get(k, k) for k in kinds],
        "lineItem/Operation": kind,
        "lineItem/ResourceId": lines["ResourceId"],
        "lineItem/UsageAmount": lines["PricingQuantity"] if is_use else None,
        "lineItem/CurrencyCode": CURRENCY,
        "lineItem/UnblendedRate": price if is_use else None,
        "lineItem/UnblendedCost": unblended,
        "lineItem/LineItemDescription": lines["ChargeDescription"],
        "lineItem/LegalEntity": provider.issuer,
        "lineItem/TaxType": "Levy" if kind == "Tax" else None,
        "product/ProductName": lines["ServiceName"],
        "product/productFamily": [_FAMILIES.get(k) for k in kinds],
        "product/region": lines["RegionId"],
        "product/instanceType": [_INSTANCES.get(k) for k in kinds],
        "product/sku": lines["SkuId"],
        "pricing/unit": lines["PricingUnit"],
        "pricing/term": "OnDemand" if is_use else None,
        "pricing/publicOnDemandCost": lines["ListCost"] if is_use else None,
        "pricing/publicOnDemandRate": lines["ListUnitPrice"] if is_use else None,
        **_plan(lines, kind),
        **_tags(lines),
    }
    return pa.table({name: text_column(values, count) for name, values in columns.items()})


def _plan(lines: pa.Table, kind: str) -> Columns:
    """What the report says of the savings plan behind a row."""
    fee = kind == "SavingsPlanRecurringFee"
    arns = [_PLAN + name if name else None for name in lines["CommitmentDiscountId"].to_pylist()]
    effective = lines["EffectiveCost"] if kind == "SavingsPlanCoveredUsage" else None
    bought = lines["BilledCost"] if fee else None
    return {
        "savingsPlan/SavingsPlanARN": arns,
        "savingsPlan/OfferingType": "ComputeSavingsPlans" if any(arns) else None,
        "savingsPlan/SavingsPlanEffectiveCost": effective,
        "savingsPlan/TotalCommitmentToDate": bought,
        "savingsPlan/RecurringCommitmentForBillingPeriod": bought,
        "savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod": "0" if fee else None,
        "savingsPlan/UsedCommitment": None,
    }


def _with_used_commitment(report: pa.Table) -> pa.Table:
    """The fee's row learns how much of the commitment the month used."""
    name = "savingsPlan/UsedCommitment"
    costs = report["savingsPlan/SavingsPlanEffectiveCost"].to_pylist()
    used = sum((Decimal(cost) for cost in costs if cost), Decimal(0))
    is_fee = pc.equal(report["lineItem/LineItemType"], "SavingsPlanRecurringFee")
    column = pc.if_else(is_fee, pa.scalar(str(used)), pa.scalar(None, pa.string()))
    return report.set_column(report.column_names.index(name), name, column)


def _tags(lines: pa.Table) -> Columns:
    parsed = [json.loads(text) if text else {} for text in lines["Tags"].to_pylist()]
    return {f"resourceTags/user:{key}": [tags.get(key) for tags in parsed] for key in _TAGS}


def _ids(month: Month, kind: str, count: int) -> list[str]:
    return [chance.token(f"{month.code}/{kind}/{number}", digits=26) for number in range(count)]
