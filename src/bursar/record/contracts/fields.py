"""What a contract is kept with."""

from __future__ import annotations

from bursar.core.calc.amortization import Amortization
from bursar.core.calc.contracts import Remainder, Renewal
from bursar.core.calc.leases import Standard
from bursar.record.registers.fields import Field, Holds
from bursar.record.registers.register import DIMENSIONS, EXTRA, NOTES

KINDS = (
    "licence", "subscription", "maintenance", "support", "service", "cloud_commitment", "lease",
    "other",
)  # fmt: skip
PERIODS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12, "term": 0}
ADVANCE, ARREARS = "advance", "arrears"

CONTRACT_FIELDS = (
    Field("name", "Name", required=True, listed=True,
          names=("item name", "contract name", "product", "license name", "software")),
    Field("kind", "Kind", Holds.CHOICE, choices=KINDS, listed=True),
    Field("vendor", "Vendor", listed=True, names=("supplier", "publisher")),
    Field("manufacturer", "Manufacturer"),
    Field("reference", "Vendor's number",
          names=("contract number", "serial number", "product key")),
    Field("purchase_order", "Purchase order", names=("po", "po number")),
    Field("owner", "Owner", meaning="Who answers for it; a role or a team rather than a name."),
    Field("signed", "Signed", Holds.DAY, "The term begins then where nothing else is said.",
          names=("purchase date", "signature date", "order date")),
    Field("start", "Starts", Holds.DAY, listed=True, names=("start date", "begin", "valid from")),
    Field("end", "Ends", Holds.DAY, "Last day of the term; without one it runs on.", listed=True,
          names=("end date", "expiration date", "expires", "valid until")),
    Field("amount", "Amount", Holds.MONEY, "Of all units, for the time in 'priced per'.",
          listed=True, names=("purchase cost", "cost", "total", "price", "contract value")),
    Field("unit_price", "Price of one unit", Holds.MONEY, "Where no amount is given."),
    Field("quantity", "Quantity", Holds.NUMBER, "Seats, units, devices; one unless said.",
          listed=True, names=("seats", "licences", "licenses", "users")),
    Field("currency", "Currency", Holds.CURRENCY, required=True),
    Field("priced_per", "Priced per", Holds.CHOICE, choices=tuple(PERIODS),
          meaning="The whole term for an amount, a year for a unit's price, unless said."),
    Field("paid_per", "Paid per", Holds.CHOICE, choices=tuple(PERIODS),
          meaning="As priced unless said."),
    Field("paid_in", "Paid in", Holds.CHOICE, choices=(ADVANCE, ARREARS)),
    Field("payments", "Payments", Holds.LIST, "Where the plan names its days.", parts=(
        Field("date", "Date", Holds.DAY, required=True),
        Field("amount", "Amount", Holds.MONEY, required=True),
    )),
    Field("steps", "Price steps", Holds.LIST, "Another price or quantity from a day on.", parts=(
        Field("date", "Date", Holds.DAY, required=True),
        Field("amount", "Amount", Holds.MONEY, "Of all units."),
        Field("unit_price", "Price of one unit", Holds.MONEY),
        Field("quantity", "Quantity", Holds.NUMBER),
        Field("percent", "Percent more", Holds.NUMBER),
    )),
    Field("index_percent", "Yearly indexation", Holds.NUMBER, "Percent on each anniversary."),
    Field("index_from", "Indexed from", Holds.DAY),
    Field("amortization", "Amortization", Holds.CHOICE, "How months share what is paid.",
          choices=tuple(way.value for way in Amortization)),
    Field("over_the_term", "Evenly over the term", Holds.FLAG,
          "Straight over the whole term, whatever its steps."),
    Field("renewal", "Renewal", Holds.CHOICE, choices=tuple(r.value for r in Renewal)),
    Field("renewal_months", "Renewed for", Holds.WHOLE, "Months; twelve unless said."),
    Field("notice_months", "Notice", Holds.WHOLE, "Months before the end."),
    Field("notice_days", "Notice, days", Holds.WHOLE, "Days before the end, beside the months."),
    Field("cancelled", "Cancelled to", Holds.DAY, "Last day of service.",
          names=("termination date",)),
    Field("remainder", "Remainder", Holds.CHOICE, "What was paid for days after a cancellation.",
          choices=tuple(r.value for r in Remainder)),
    Field("use", "Seats used", Holds.LIST, "As counted; the last count holds.", parts=(
        Field("date", "Date", Holds.DAY, required=True),
        Field("used", "Used", Holds.WHOLE, required=True),
    )),
    Field("lease_standard", "Lease standard", Holds.CHOICE,
          "Of a lease; without one its payments are simply spread.",
          choices=tuple(s.value for s in Standard)),
    Field("lease_rate", "Lease rate", Holds.NUMBER, "Nominal yearly rate, as 0.06."),
    Field("low_value", "Low value", Holds.FLAG),
    Field("direct_costs", "Initial direct costs", Holds.MONEY),
    *DIMENSIONS,
    NOTES,
    EXTRA,
)  # fmt: skip
