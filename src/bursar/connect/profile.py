"""A profile: how one kind of file is read, and what each of its columns fills.

A profile is plain data. `propose` makes one from a look at a file, people correct it, `record`
stores it by name and recognises it by the header's signature, `open_reading` reads with it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from bursar.connect.cells.days import DATE_STYLES
from bursar.connect.cells.styled import NUMBER_STYLES
from bursar.connect.errors import BadProfile
from bursar.connect.layout import key_of
from bursar.core.tables.cost_line import OWN_COLUMNS
from bursar.core.tables.focus_columns import FOCUS
from bursar.core.tables.table import LEDGER

AMOUNTS = ("amount", "net", "vat", "gross", "debit", "credit")
DATES = ("posting_date", "period", "service_start", "service_end")
WORDS = ("currency", "basis", "charge_category", "treatment", "intent", "sign")
TEXTS = tuple(
    [column.name for column in OWN_COLUMNS if column.type != LEDGER
     and column.name not in ("treatment", "intent", "record_ref", "evidence_group")]
    + [column.name for column in FOCUS if column.kind == "text"
       and column.name not in ("billing_currency", "charge_category")]
)  # fmt: skip
NUMBERS = ("consumed_quantity", "pricing_quantity", "energy_kwh")
TARGETS = (*AMOUNTS, *DATES, *WORDS, *TEXTS, *NUMBERS)
"""What a column of a file may fill; a column that fills none is kept as text under its name."""

CONSTANTS = ("currency", "basis", "period", "charge_category", "treatment", "intent", *TEXTS)
"""What may be the same for every row of a file that does not say it itself."""

CREDIT_WORDS = ("c", "cr", "credit", "h", "haben", "k", "haber", "abono", "crédit", "avoir", "-")
"""Words of an indicator column that turn the amount round; any other word leaves it."""

_CHOICES: Mapping[str, Sequence[str]] = {
    "number_style": NUMBER_STYLES,
    "date_style": DATE_STYLES,
    "sign": ("as_is", "negate"),
    "totals": ("skip", "keep"),
}


@dataclass(frozen=True)
class ColumnUse:
    """One column of the file and what it fills; a style of its own where it differs."""

    header: str
    target: str
    style: str | None = None


@dataclass(frozen=True)
class MatrixColumn:
    """One of several amount columns: every row gives one line for each of them."""

    header: str
    period: str
    basis: str | None = None
    scenario: str | None = None


@dataclass(frozen=True)
class Profile:
    """How a file is read. What is None is seen from the file itself each time.

    `header_row` is the row of the (last) header row as a person counts, from 1; 0 means that
    the file has none. `header_rows` is how many rows make the header.
    """

    name: str = ""
    columns: tuple[ColumnUse, ...] = ()
    constants: tuple[tuple[str, str], ...] = ()
    matrix: tuple[MatrixColumn, ...] = ()
    number_style: str = NUMBER_STYLES[0]
    date_style: str = DATE_STYLES[0]
    sign: str = "as_is"
    credit_words: tuple[str, ...] = CREDIT_WORDS
    totals: str = "skip"
    period_from_name: bool = False
    fiscal_year_start: int = 1
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    header_rows: int = 1
    signature: str = ""
    settled: tuple[str, ...] = ()
    """Codes of questions that a person has answered: they are not asked again."""

    def to_json(self) -> dict[str, Any]:
        """Plain data for JSON; `from_json` gives the same profile back."""
        data = asdict(self)
        data["columns"] = [asdict(use) for use in self.columns]
        data["matrix"] = [asdict(column) for column in self.matrix]
        data["constants"] = dict(self.constants)
        data["credit_words"] = list(self.credit_words)
        data["settled"] = list(self.settled)
        return data

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Profile:
        """A profile from its JSON. Refusals: import.profile_invalid."""
        known = {field.name for field in fields(Profile)}
        if unknown := sorted(set(data) - known):
            raise BadProfile(
                f"a profile has no '{unknown[0]}'; it may say {', '.join(sorted(known))}"
            )
        try:
            made = {key: value for key, value in data.items() if key not in _MADE}
            made |= {key: make(data[key]) for key, make in _MADE.items() if key in data}
            return checked(Profile(**made))
        except (TypeError, AttributeError, ValueError) as failure:
            raise BadProfile(f"the profile cannot be read ({failure}); write it anew") from failure

    def fills(self, target: str) -> str | None:
        """The header that fills a target, if any."""
        return next((use.header for use in self.columns if use.target == target), None)

    def constant(self, target: str) -> str | None:
        """The value that stands for every row, if any."""
        return dict(self.constants).get(target)

    def with_column(self, header: str, target: str | None) -> Profile:
        """The same profile with one column filling this target, or none."""
        kept = [u for u in self.columns if u.header != header and u.target != target]
        added = [] if target is None else [ColumnUse(header, target)]
        return checked(replace(self, columns=(*kept, *added)))

    def with_constant(self, target: str, value: str | None) -> Profile:
        """The same profile with one constant set, or taken away."""
        kept = [(key, old) for key, old in self.constants if key != target]
        added = [] if value is None else [(target, value)]
        return checked(replace(self, constants=(*kept, *added)))


_MADE: Mapping[str, Callable[[Any], Any]] = {
    "columns": lambda rows: tuple(ColumnUse(**row) for row in rows),
    "matrix": lambda rows: tuple(MatrixColumn(**row) for row in rows),
    "constants": lambda found: tuple((str(k), str(v)) for k, v in dict(found).items()),
    "credit_words": lambda words: tuple(str(word) for word in words),
    "settled": lambda codes: tuple(str(code) for code in codes),
}


def told(profile: Profile, sayings: Iterable[str]) -> Profile:
    """The profile with what somebody says: `currency=GBP`, `date_style=d/m/y`, `amount=Net`.

    The word before the sign is a setting of the profile, a constant, or a target with the header
    that fills it; a value that is no header of a target that may be constant is a constant.
    Refusals: import.profile_invalid.
    """
    for saying in sayings:
        key, sign, value = (part.strip() for part in saying.partition("="))
        if not sign or not key or not value:
            raise BadProfile(f"'{saying}' says nothing; write it as currency=GBP or amount=Net")
        profile = _say(profile, key, value)
        if key in ("date_style", "number_style", "settled"):
            code = value if key == "settled" else key
            profile = replace(profile, settled=(*profile.settled, code))
    return checked(profile)


def _say(profile: Profile, key: str, value: str) -> Profile:
    if key == "settled":
        return profile
    if key in _CHOICES or key in ("encoding", "delimiter", "sheet", "name"):
        return _set(profile, key, "\t" if value == "tab" else value)
    if key in ("header_row", "header_rows", "fiscal_year_start"):
        if not value.isdigit():
            raise BadProfile(f"{key}={value}: write a whole number")
        return _set(profile, key, int(value))
    if key == "period_from_name" or (key, value) == ("period", "name"):
        return _set(profile, "period_from_name", value.lower() in ("1", "yes", "true", "name"))
    return _fill(profile, key, value)


def _set(profile: Profile, key: str, value: str | int) -> Profile:
    return replace(profile, **{key: value})  # type: ignore[arg-type]


def _fill(profile: Profile, key: str, value: str) -> Profile:
    """A target from a column, or from one value for every row."""
    constant = key.removeprefix("constant.")
    is_value = constant != key or (
        key in ("currency", "basis", "period") and not _names_column(profile, value)
    )
    if is_value and constant in CONSTANTS:
        bare = profile.with_column(profile.fills(constant) or "", None)
        return bare.with_constant(constant, value)
    if key in TARGETS:
        return profile.with_constant(key, None).with_column(value, key)
    raise BadProfile(
        f"a profile has no '{key}'; say one of {', '.join((*_CHOICES, *AMOUNTS, *DATES))}, "
        "currency, basis, sheet, header_row, or a column of the ledger"
    )


def _names_column(profile: Profile, value: str) -> bool:
    known = {key_of(use.header) for use in profile.columns}
    looks_constant = re.fullmatch(r"[A-Z]{3}|\d{4}-\d{2}|billed|effective|booked", value)
    return key_of(value) in known or looks_constant is None


def checked(profile: Profile) -> Profile:
    """The profile itself where it makes sense. Refusals: import.profile_invalid."""
    for key, choices in _CHOICES.items():
        if getattr(profile, key) not in choices:
            raise BadProfile(
                f"{key} is '{getattr(profile, key)}'; choose one of {', '.join(choices)}"
            )
    for use in profile.columns:
        if use.target not in TARGETS:
            raise BadProfile(f"column {use.header} fills '{use.target}', which the ledger lacks")
        if use.style is not None and use.style not in (*NUMBER_STYLES, *DATE_STYLES):
            raise BadProfile(f"column {use.header} has no style '{use.style}'")
    for key, _ in profile.constants:
        if key not in CONSTANTS:
            raise BadProfile(f"'{key}' cannot be the same for every row")
    if not 1 <= profile.fiscal_year_start <= 12:
        raise BadProfile("fiscal_year_start is a month from 1 to 12")
    targets = [use.target for use in profile.columns]
    twice = sorted({target for target in targets if targets.count(target) > 1})
    if twice:
        raise BadProfile(f"two columns fill {twice[0]}; choose one")
    return profile


def signature_of(headers: Sequence[str]) -> str:
    """What tells files of one kind apart from others: their column names, in order."""
    keys = [key_of(header) for header in headers]
    return hashlib.sha256("\x1f".join(keys).encode()).hexdigest()[:16]
