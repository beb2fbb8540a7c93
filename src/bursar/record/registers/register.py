"""What a register is: the fields of its records, what is refused, what each costs, what is due.

Assets, contracts and positions each define one; entering, history, files, lists, pages, the API
and the commands are built once, over this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bursar.record.registers.fields import Content, Field, Holds, Problem


@dataclass(frozen=True)
class Kept:
    """One record as it stands: content and secret fields are one object here."""

    number: str
    version: int
    content: Mapping[str, Any]

    def ref(self, register: str) -> str:
        """How a derived line names the record that it comes from."""
        return f"{register}:{self.number}@{self.version}"


@dataclass(frozen=True)
class Claim:
    """Money that a record says is paid: an invoice in the ledger may be the same."""

    key: str
    """Tells this claim apart from others of the register, for ever."""
    numbers: tuple[str, ...]
    day: date
    amount: Decimal
    currency: str
    vendor: str = ""
    references: tuple[str, ...] = ()
    """Numbers of invoices and orders that may stand on it."""


Beside = Mapping[str, Sequence[Kept]]
"""Records by the name of their register."""


@dataclass(frozen=True)
class Due:
    """Something that a record asks somebody to do, or to know, on a day."""

    day: date
    what: str
    """Short code, as `renewal` or `warranty_end`."""
    told: str


@dataclass(frozen=True)
class Schedule:
    """A record's months as a table; amounts are texts in the record's currency."""

    columns: tuple[tuple[str, str], ...]
    """Name and title of each column; the first holds the month, YYYY-MM."""
    rows: tuple[Mapping[str, str], ...]
    charted: tuple[str, ...] = ()
    """Columns that the chart draws."""
    facts: tuple[tuple[str, str], ...] = ()
    """Further figures by title, as the book value today."""


def _nothing_due(content: Content, through: date) -> Iterable[Due]:
    return ()


def _its_name(content: Content) -> str:
    return str(content.get("name", ""))


@dataclass(frozen=True)
class Register:
    """One kind of record. Everything here is pure: no database, no clock."""

    name: str
    """In the singular, as `asset`."""
    title: str
    one: str
    fields: tuple[Field, ...]
    check: Callable[[Content], Iterable[Problem]]
    """What is wrong with one record whose fields can all be read."""
    spread: Callable[[Sequence[Kept], str, str], pa.Table] | None = None
    """Cost lines of all records from one month to another, both included; see `period_lines`.
    Without it a record costs nothing by itself."""
    spread_with: Callable[[Beside, str, str], pa.Table] | None = None
    """The same where it takes records of further registers, those in `beside`."""
    beside: tuple[str, ...] = ()
    schedule: Callable[[Content, date], Schedule] | None = None
    """The months of one record, those to come included, as seen on a day."""
    due: Callable[[Content, date], Iterable[Due]] = _nothing_due
    """What is due until a day; from the content without its secret fields."""
    claims: Callable[[Sequence[Kept], date], Iterable[Claim]] | None = None
    """What the records say is paid until a day, for matching with invoices."""
    across: Callable[[Mapping[str, Content]], Iterable[tuple[str, Problem]]] | None = None
    """What is wrong between records, by number; gets all that would stand afterwards."""
    titled: Callable[[Content], str] = _its_name
    prefix: str = "R"
    """Of the numbers that are given where none is told."""
    defaults: tuple[str, str] | None = None
    """Register and field: a new record takes what it does not say from the record of that
    register whose number the field holds, as an asset from its class."""
    numbered: tuple[str, ...] = ()
    """What other products call the number, as `asset tag`."""

    plural: str = ""
    """Where it is not the name with an `s`."""

    @property
    def source(self) -> str:
        """The name in the plural, which is also that of the source of derived lines."""
        return self.plural or f"{self.name}s"

    @property
    def has_cost(self) -> bool:
        """Whether lines are derived from it, alone or with the registers beside it."""
        return self.spread is not None or self.spread_with is not None

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    @property
    def secrets(self) -> frozenset[str]:
        return frozenset(field.name for field in self.fields if field.secret)


DIMENSIONS = (
    Field("legal_entity", "Legal entity", meaning="Company that bears the cost.",
          names=("company", "entity")),
    Field("cost_center", "Cost center", meaning="Accounting owner of the cost.", listed=True,
          names=("costcentre", "kostenstelle", "department")),
    Field("gl_account", "GL account", meaning="Account that the monthly cost is booked on."),
    Field("solution", "Solution", meaning="Solution that it serves."),
    Field("initiative", "Initiative", meaning="Planned project that it belongs to."),
    Field("intent", "Intent", Holds.CHOICE, choices=("run", "grow", "transform")),
    Field("service_name", "Service", meaning="Service as the model's rules know it."),
)  # fmt: skip
"""Fields that every record has: they become columns of its cost lines, under the same names."""

NOTES = Field("notes", "Notes", meaning="Anything worth knowing.", names=("note", "comments"))

EXTRA = Field(
    "extra", "Further columns", Holds.LIST, "What a table said beside the fields, as it was.",
    parts=(Field("name", "Column", required=True), Field("value", "Value", required=True)),
)  # fmt: skip
