"""What positions, rate cards, standard rates and time sheets are kept with."""

from __future__ import annotations

from bursar.core.calc.labour import PER_YEAR
from bursar.record.registers.fields import Field, Holds
from bursar.record.registers.register import DIMENSIONS, EXTRA, NOTES

KINDS = ("employee", "contractor")
STATES = ("filled", "vacant")
PERS = tuple(PER_YEAR)

POSITION_FIELDS = (
    Field("name", "Title", required=True, listed=True, meaning="Of the position, not of a person.",
          names=("job title", "position", "position title")),
    Field("kind", "Kind", Holds.CHOICE, choices=KINDS, listed=True),
    Field("state", "State", Holds.CHOICE, choices=STATES, listed=True, names=("status",)),
    Field("role", "Role", listed=True, names=("job family", "function")),
    Field("grade", "Grade", listed=True, names=("level", "pay grade", "band")),
    Field("team", "Team", listed=True),
    Field("location", "Location", names=("site", "office")),
    Field("start", "From", Holds.DAY, required=True, names=("start date", "hired", "entry date")),
    Field("end", "Until", Holds.DAY, "Last day.",
          names=("end date", "exit date", "termination date")),
    Field("fte", "FTE", Holds.NUMBER, "Above 0, at most 1; one unless said.", listed=True),
    Field("currency", "Currency", Holds.CURRENCY, required=True),
    Field("capital_percent", "Capitalizable", Holds.NUMBER,
          "Percent of the work that builds assets."),
    Field("vendor", "Vendor", meaning="Of a contractor."),
    Field("rate", "Rate", Holds.MONEY, "Of a contractor, where no rate card holds."),
    Field("rate_per", "Rate per", Holds.CHOICE, choices=("hour", "day")),
    Field("purchase_order", "Purchase order"),
    Field("ceiling", "Ceiling", Holds.MONEY, "What the purchase order allows."),
    Field("assignments", "Assignments", Holds.LIST, "Who the work is for, from a day on.", parts=(
        Field("date", "From", Holds.DAY, required=True),
        Field("solution", "Solution"),
        Field("initiative", "Initiative"),
        Field("percent", "Percent", Holds.NUMBER, required=True),
    )),
    Field("holder", "Holder", secret=True, meaning="Who holds it; never leaves the register.",
          names=("employee", "employee name", "person")),
    Field("salaries", "Salaries", Holds.LIST, secret=True, parts=(
        Field("date", "From", Holds.DAY, required=True),
        Field("yearly", "Yearly", Holds.MONEY, "Of a full position.", required=True),
        Field("oncost_percent", "On-cost", Holds.NUMBER, "Percent on top."),
    )),
    *DIMENSIONS,
    NOTES,
    EXTRA,
)  # fmt: skip
RATE_CARD_FIELDS = (
    Field("name", "Name", required=True, listed=True),
    Field("legal_entity", "Legal entity", listed=True),
    Field("role", "Role", listed=True),
    Field("grade", "Grade", listed=True),
    Field("location", "Location", listed=True),
    Field("start", "From", Holds.DAY, required=True, listed=True, names=("valid from",)),
    Field("end", "Until", Holds.DAY, listed=True, names=("valid to", "valid until")),
    Field("rate", "Rate", Holds.MONEY, required=True, listed=True),
    Field("per", "Per", Holds.CHOICE, choices=PERS, required=True),
    Field("currency", "Currency", Holds.CURRENCY, required=True),
    NOTES,
    EXTRA,
)
STANDARD_RATE_FIELDS = (
    Field("name", "Name", required=True, listed=True),
    Field("legal_entity", "Legal entity", listed=True),
    Field("currency", "Currency", Holds.CURRENCY, required=True),
    Field("group", "Group", Holds.CHOICE, choices=("grade", "role", "all"), required=True),
    Field("value", "Of", listed=True, meaning="The grade or role."),
    Field("rates", "Rates", Holds.LIST, required=True, parts=(
        Field("date", "From", Holds.DAY, required=True),
        Field("yearly", "Yearly cost of a full position", Holds.MONEY, required=True),
    )),
    Field("basis", "Who stood behind them", Holds.LIST, secret=True, parts=(
        Field("issue", "Issue", Holds.WHOLE, required=True),
        Field("told", "Position and pay", required=True),
    )),
    NOTES,
    EXTRA,
)  # fmt: skip
TIME_FIELDS = (
    Field("position", "Position", required=True, listed=True, names=("employee number", "person")),
    Field("date", "Day", Holds.DAY, required=True, listed=True),
    Field("hours", "Hours", Holds.NUMBER, required=True, listed=True),
    Field("solution", "Solution", listed=True),
    Field("initiative", "Initiative", listed=True, names=("project",)),
    NOTES,
    EXTRA,
)
