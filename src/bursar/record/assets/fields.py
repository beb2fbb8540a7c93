"""What an asset is kept with, and its class, from which new assets take what they do not say."""

from __future__ import annotations

from bursar.core.calc.depreciation.terms import Convention, Happened, Method
from bursar.record.registers.fields import Field, Holds
from bursar.record.registers.register import DIMENSIONS, EXTRA, NOTES

METHODS = (*(method.value for method in Method), "none")
CONVENTIONS = tuple(convention.value for convention in Convention)
STATES = ("ordered", "in_stock", "in_use", "in_repair", "retired", "lost")
TRANSFER = "transfer"
CHANGES = (*(kind.value for kind in Happened), TRANSFER)

_RULES = (
    Field("method", "Depreciation method", Holds.CHOICE, choices=METHODS,
          meaning="Straight line where a useful life is given and nothing else is said."),
    Field("useful_life_months", "Useful life", Holds.WHOLE, "Months of use.",
          names=("life months", "depreciation months", "useful life"), listed=True),
    Field("convention", "Convention", Holds.CHOICE, choices=CONVENTIONS,
          meaning="How the first and last period count; a full month unless said."),
    Field("factor", "Declining factor", Holds.NUMBER,
          "Of declining balance: 2 for 200 %, 1.5 for 150 %."),
    Field("rate", "Yearly rate", Holds.NUMBER,
          "Of a declining balance with its own rate (written-down value): 0.5 for 50 %."),
    Field("property_years", "MACRS years", Holds.WHOLE, "3, 5, 7, 10, 15 or 20."),
    Field("fiscal_start_month", "Fiscal year begins", Holds.WHOLE,
          "Month, 1 to 12, for half-year, mid-quarter and MACRS; January unless said."),
    Field("monthly", "Declines by month", Holds.FLAG,
          "Of a declining balance: on each month's book value rather than each year's."),
    Field("switch", "Switch to straight line", Holds.FLAG,
          "Of declining balance: once straight line over the rest charges more."),
)  # fmt: skip
"""How a book depreciates: of a class, of an asset, of its further books."""

CLASS_FIELDS = (
    Field("name", "Name", required=True, listed=True),
    *_RULES,
    Field("residual_percent", "Residual value", Holds.NUMBER, "Percent of the cost."),
    Field("gl_account", "Depreciation account"),
    Field("purchase_account", "Purchase account"),
    Field("service_name", "Service"),
    NOTES,
    EXTRA,
)

ASSET_FIELDS = (
    Field("name", "Name", required=True, listed=True, names=("asset name", "description")),
    Field("asset_class", "Class", meaning="Number of an asset class; any other text is kept.",
          listed=True, names=("category", "class", "asset category")),
    Field("status", "Status", Holds.CHOICE, choices=STATES, listed=True, names=("state",)),
    Field("model", "Model"),
    Field("model_number", "Model number", names=("model no",)),
    Field("manufacturer", "Manufacturer"),
    Field("serial", "Serial number", names=("serial", "serial no")),
    Field("location", "Location", listed=True, names=("default location", "site")),
    Field("owner", "Owner", meaning="Who answers for it; a role or a team rather than a name."),
    Field("assigned_to", "Assigned to", meaning="Account it was given to.",
          names=("checked out to username", "assigned user", "username")),
    Field("vendor", "Vendor", names=("supplier",)),
    Field("purchase_order", "Purchase order", names=("order number", "po", "po number")),
    Field("invoice", "Invoice", names=("invoice number",)),
    Field("purchase_date", "Purchased", Holds.DAY, listed=True, names=("bought", "date acquired")),
    Field("in_service_date", "In service", Holds.DAY,
          "Day from which it is used; the day of purchase unless said.",
          names=("in service date", "in use since", "capitalization date")),
    Field("purchase_cost", "Cost", Holds.MONEY, "What it cost, without recoverable VAT.",
          listed=True, names=("cost", "price", "acquisition value")),
    Field("currency", "Currency", Holds.CURRENCY, required=True),
    *_RULES,
    Field("residual_value", "Residual value", Holds.MONEY, names=("salvage value", "salvage")),
    Field("residual_percent", "Residual value in percent", Holds.NUMBER,
          "Of the cost, where no amount is given."),
    Field("opening_date", "Taken over on", Holds.DAY,
          "First day whose depreciation Bursar computes; before it the opening balance stands."),
    Field("opening_accumulated", "Depreciated before", Holds.MONEY,
          "Accumulated depreciation on the day of taking over."),
    Field("units_total", "Units in all", Holds.NUMBER, "Of units of production."),
    Field("units", "Units by month", Holds.LIST, parts=(
        Field("month", "Month", required=True),
        Field("units", "Units", Holds.NUMBER, required=True),
    )),
    Field("manual", "Amounts by month", Holds.LIST, parts=(
        Field("month", "Month", required=True),
        Field("amount", "Amount", Holds.MONEY, required=True),
    )),
    Field("changes", "Changes", Holds.LIST, "What happened to it since.", parts=(
        Field("date", "Date", Holds.DAY, required=True),
        Field("kind", "Kind", Holds.CHOICE, choices=CHANGES, required=True),
        Field("amount", "Amount", Holds.MONEY,
              "Added cost, impairment, new residual value, or cost disposed of."),
        Field("percent", "Percent", Holds.NUMBER, "Share disposed of; all of it unless said."),
        Field("months", "Months", Holds.WHOLE, "New useful life, from the in-service date."),
        Field("proceeds", "Proceeds", Holds.MONEY, "What a disposal brought."),
        Field("cost_center", "Cost center", meaning="Of a transfer: who bears it from then on."),
        Field("location", "Location", meaning="Of a transfer."),
        Field("owner", "Owner", meaning="Of a transfer."),
        Field("note", "Note"),
    )),
    Field("books", "Further books", Holds.LIST, "As tax; the fields above are the main book.",
          parts=(Field("book", "Book", required=True), *_RULES,
                 Field("residual_value", "Residual value", Holds.MONEY))),
    Field("warranty_end", "Warranty ends", Holds.DAY, names=("warranty expires", "warranty date")),
    Field("end_of_life", "End of life", Holds.DAY, names=("asset eol date", "eol date", "eol")),
    Field("last_seen", "Last seen", Holds.DAY, "When something last heard of it.",
          names=("last audit", "last check in", "last inventory")),
    *DIMENSIONS,
    NOTES,
    EXTRA,
)  # fmt: skip
