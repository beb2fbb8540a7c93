"""Our own showback as FOCUS 1.4 rows, so that a business unit can load its bill like any other.

One row per statement line. We are the issuer; the consumer is the billing account, the solution
the service. Showback invoices nothing, so BilledCost is 0; the other three costs are the exact
amount. `x_` columns lead back to statement, run and model. AllocatedMethodDetails stays empty:
its ratios would tell every reader what the others pay.
"""

from __future__ import annotations

import json
from datetime import date, timedelta

from bursar.core.money.amount import exact_text
from bursar.office.people.scope import Scope
from bursar.report.documents.cells import safe
from bursar.report.documents.csv import written
from bursar.report.periods import first_day, last_day
from bursar.report.statement import Statement, StatementLine, Statements

_CATEGORIES = {
    "Compute": ("Compute", "Other (Compute)"),
    "Storage": ("Storage", "Other (Storage)"),
    "Network": ("Networking", "Other (Networking)"),
    "Security": ("Security", "Other (Security)"),
    "Data": ("Databases", "Other (Databases)"),
    "Application / AI Models": (
        "AI and Machine Learning",
        "Other (AI and Machine Learning)",
    ),
    "Application / Development": ("Developer Tools", "Other (Developer Tools)"),
    "Delivery": ("Management and Governance", "Other (Management and Governance)"),
    "Tech Management": ("Management and Governance", "Other (Management and Governance)"),
    "Risk & Compliance": ("Management and Governance", "Data Governance"),
    "End User": ("Compute", "End User Computing"),
}
_OTHER = ("Other", "Other (Other)")


def statement_focus(scope: Scope, found: Statements) -> str:
    """CSV of the Cost and Usage dataset; roll-ups are left out, for they repeat their parts.

    This file is made to travel, so what the scope does not hold is cut a second time here.
    """
    rows = [
        _row(s, line)
        for s in found.statements
        if not s.rollup and scope.holds(s.consumer, last_day(s.period))
        for line in s.lines
    ]
    return written(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])


COLUMNS = (
    "AllocatedMethodDetails", "AllocatedMethodId", "AllocatedResourceId", "AllocatedResourceName",
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingAccountType",
    "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
    "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "ContractedCost", "EffectiveCost", "HostProviderName", "InvoiceIssuerName", "ListCost",
    "PricingQuantity", "PricingUnit", "ServiceCategory", "ServiceName", "ServiceProviderName",
    "ServiceSubcategory", "Tags", "x_Basis", "x_CostPool", "x_LegalEntity", "x_ModelVersion",
    "x_RunId", "x_StatementId", "x_StatementSha256", "x_Tower",
)  # fmt: skip


def _row(statement: Statement, line: StatementLine) -> dict[str, str]:
    amount = exact_text(line.amount)
    start = _moment(first_day(statement.period))
    end = _moment(last_day(statement.period) + timedelta(days=1))
    category, subcategory = _category(line.tower)
    tags = {"consumer": statement.consumer, "cost_pool": line.cost_pool, "tower": line.tower}
    filled = {
        "AllocatedMethodId": f"bursar-model-{statement.model_version or 0}",
        "AllocatedResourceId": safe(line.tower),
        "AllocatedResourceName": safe(line.tower),
        "BilledCost": "0",
        "BillingAccountId": safe(statement.consumer),
        "BillingAccountName": safe(statement.consumer),
        "BillingAccountType": "Consumer",
        "BillingCurrency": statement.currency,
        "BillingPeriodEnd": end,
        "BillingPeriodStart": start,
        "ChargeCategory": "Usage",
        "ChargeDescription": safe(f"{line.solution} on {line.tower}, paid from {line.cost_pool}"),
        "ChargeFrequency": "Recurring",
        "ChargePeriodEnd": end,
        "ChargePeriodStart": start,
        "ContractedCost": amount,
        "EffectiveCost": amount,
        "HostProviderName": safe(statement.legal_entity_name),
        "InvoiceIssuerName": safe(statement.legal_entity_name),
        "ListCost": amount,
        "ServiceCategory": category,
        "ServiceName": safe(line.solution),
        "ServiceProviderName": safe(statement.legal_entity_name),
        "ServiceSubcategory": subcategory,
        "Tags": json.dumps(tags, ensure_ascii=False, sort_keys=True),
        "x_Basis": statement.basis,
        "x_CostPool": safe(line.cost_pool),
        "x_LegalEntity": safe(statement.legal_entity),
        "x_ModelVersion": str(statement.model_version or ""),
        "x_RunId": statement.run_id,
        "x_StatementId": statement.statement_id,
        "x_StatementSha256": statement.sha256,
        "x_Tower": safe(line.tower),
    }
    return dict.fromkeys(COLUMNS, "") | filled


def _category(tower: str) -> tuple[str, str]:
    return _CATEGORIES.get(tower) or _CATEGORIES.get(tower.partition(" / ")[0], _OTHER)


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
