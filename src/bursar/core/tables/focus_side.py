"""The side tables of FOCUS: contract commitments, invoice details and billing periods.

FOCUS is published under CC BY 4.0 by the FinOps Foundation; only names and facts are taken over,
the meanings are ours. The tables hold no cost of their own: what they say is set against the cost
lines and never added to them.
"""

from __future__ import annotations

import re

import pyarrow as pa

from bursar.core.tables.table import LEDGER, MOMENT, Column, Table

_TYPES = {"text": pa.string(), "json": pa.string(), "decimal": LEDGER, "moment": MOMENT}
_ROW = (
    Column("source_file", pa.string(), "File, within the import, that holds the row.", False),
    Column("source_row", pa.int64(), "Row of the import, from 1, over all its files.", False),
)


def _columns(*facts: tuple[str, str, str]) -> tuple[Column, ...]:
    """FOCUS name, kind with `!` where it is never empty, meaning."""
    made = []
    for focus, kind, meaning in facts:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", focus).lower()
        made.append(Column(name, _TYPES[kind.rstrip("!")], meaning, not kind.endswith("!")))
    return (*made, *_ROW)


CONTRACT_COMMITMENT = Table(
    name="contract_commitment",
    meaning="A promise to a provider to spend or use so much, as his own list states it.",
    writer="record.load",
    columns=_columns(
        ("ContractCommitmentId", "text!", "Identifier of the commitment."),
        ("ContractId", "text", "Contract that the commitment belongs to."),
        ("ContractCommitmentType", "text", "The provider's word for this kind of commitment."),
        ("ContractCommitmentCategory", "text", "Whether money (Spend) or use was promised."),
        ("ContractCommitmentDescription", "text", "The provider's sentence about it."),
        ("ContractCommitmentPeriodStart", "moment!", "First instant of the promise."),
        ("ContractCommitmentPeriodEnd", "moment", "First instant after the promise."),
        ("ContractPeriodStart", "moment", "First instant of the contract."),
        ("ContractPeriodEnd", "moment", "First instant after the contract."),
        ("ContractCommitmentCost", "decimal", "Money that was promised."),
        ("ContractCommitmentQuantity", "decimal", "Quantity that was promised."),
        ("ContractCommitmentUnit", "text", "Unit of that quantity."),
        ("BillingCurrency", "text", "ISO 4217 code of the promised money."),
        ("ContractCommitmentApplicability", "json", "What the commitment may be used for."),
        (
            "ContractCommitmentBenefitCategory",
            "text",
            "Discount, Entitlement, Availability, Other.",
        ),
        ("ContractCommitmentCreated", "moment", "When the commitment was made."),
        ("ContractCommitmentLastUpdated", "moment", "When its record last changed."),
        ("ContractCommitmentDiscountPercentage", "decimal", "Discount that it gives, in percent."),
        ("ContractCommitmentDurationType", "text", "Whether its end is fixed."),
        ("ContractCommitmentFulfillmentInterval", "text", "How often it has to be met."),
        ("ContractCommitmentLifecycleStatus", "text", "From Proposed to Superseded."),
        ("ContractCommitmentModel", "text", "Continuous or Discontinuous."),
        ("ContractCommitmentOfferCategory", "text", "Negotiated or Public."),
        ("ContractCommitmentPaymentInterval", "text", "How often it is paid."),
        ("ContractCommitmentPaymentModel", "text", "No, Partial or All Upfront."),
        (
            "ContractCommitmentPaymentUpfrontPercentage",
            "decimal",
            "Share paid upfront, in percent.",
        ),
        ("InvoiceIssuerName", "text", "Who sends the invoices."),
        ("PricingCurrency", "text", "Money or token in which it is priced."),
        ("PricingCurrencyContractCommitmentCost", "decimal", "Promised cost in that currency."),
        ("ServiceProviderName", "text", "Who offers the services."),
    ),
)

INVOICE_DETAIL = Table(
    name="invoice_detail",
    meaning="One line of a provider's invoice, as his own list of invoices states it.",
    writer="record.load",
    columns=_columns(
        ("InvoiceId", "text!", "Number of the invoice."),
        ("InvoiceDetailId", "text", "Number of its line."),
        ("BilledCost", "decimal!", "What the line charges."),
        ("BillingCurrency", "text!", "ISO 4217 code of the charge."),
        ("BillingAccountId", "text", "Account that the invoice is addressed to."),
        ("BillingPeriodStart", "moment!", "First instant of the invoice's period."),
        ("BillingPeriodEnd", "moment", "First instant after it."),
        ("ChargeCategory", "text", "Usage, Purchase, Tax, Credit or Adjustment."),
        ("InvoiceDetailCreated", "moment", "When the line was made."),
        ("InvoiceDetailLastUpdated", "moment", "When it last changed."),
        ("InvoiceDetailDescription", "text", "The issuer's sentence about it."),
        ("InvoiceDetailGrain", "json", "By which columns the line sums cost and usage."),
        ("InvoiceIssueDate", "moment", "When the invoice was issued."),
        ("InvoiceIssueStatus", "text", "Open, Issued or Voided."),
        ("InvoiceIssuerName", "text", "Who sends the invoice."),
        ("PaymentCurrency", "text", "Currency in which it is paid."),
        ("PaymentCurrencyBilledCost", "decimal", "The charge in that currency."),
        ("PaymentCurrencyInvoiceDetailId", "text", "Number of the line in that currency."),
        ("PaymentDueDate", "moment", "When it has to be paid."),
        ("PaymentTerms", "text", "The terms of payment."),
        ("PurchaseOrderNumber", "text", "Our order that the invoice names."),
        ("ReferenceInvoiceId", "text", "Invoice that this one corrects or follows."),
    ),
)

BILLING_PERIOD = Table(
    name="billing_period",
    meaning="One billing period of a provider, and whether he still changes it.",
    writer="record.load",
    columns=_columns(
        ("BillingPeriodStart", "moment!", "First instant of the period."),
        ("BillingPeriodEnd", "moment", "First instant after it."),
        ("BillingPeriodStatus", "text!", "Open or Closed."),
        ("BillingPeriodCreated", "moment", "When the period was opened."),
        ("BillingPeriodLastUpdated", "moment", "When its record last changed."),
        ("InvoiceIssuerName", "text!", "Who sends its invoices."),
    ),
)

SIDE_TABLES = (CONTRACT_COMMITMENT, INVOICE_DETAIL, BILLING_PERIOD)
