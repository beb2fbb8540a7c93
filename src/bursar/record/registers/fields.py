"""Fields of a record: what each holds, and how a text from outside becomes its exact form.

A record's content is a JSON object of texts and lists, nothing else, so that the same content has
one writing in every database: money and numbers as exact decimals, days as ISO dates, whole
numbers as digits, flags as `yes`. A field that says nothing is absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from bursar.core.money.amount import AmountError, exact_text, parse_amount
from bursar.core.money.currency import is_currency

Content = dict[str, Any]
"""Field name -> text, or a list of such objects."""


class Holds(Enum):
    """What a field holds."""

    TEXT = "text"
    MONEY = "money"
    NUMBER = "number"
    WHOLE = "whole number"
    DAY = "day"
    CURRENCY = "currency"
    CHOICE = "choice"
    FLAG = "yes or no"
    LIST = "list"


@dataclass(frozen=True)
class Problem:
    """What is wrong with one record: a code, the field, and a text that says how to mend it."""

    code: str
    field: str
    message: str


@dataclass(frozen=True)
class Field:
    """One field: its name here, its title on pages, other products' names for it."""

    name: str
    title: str
    holds: Holds = Holds.TEXT
    meaning: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Headers of other products' exports that mean the same, in any case and punctuation."""
    listed: bool = False
    """Whether the list page shows it as a column."""
    secret: bool = False
    """Only a role with `read.salaries` sees it."""
    parts: tuple[Field, ...] = ()
    """Of a list: the fields of each entry."""


_LONGEST = 4_000
_YES = frozenset({"yes", "true", "1", "y", "ja", "oui", "si", "x"})
_NO = frozenset({"no", "false", "0", "n", "nein", "non"})
_WHOLE = re.compile(r"[+-]?\d{1,12}")
EARLIEST, LATEST = date(1980, 1, 1), date(2120, 12, 31)
"""Days outside are slips of the pen: there was no such technology, or there will not be."""


def read_content(
    fields: Sequence[Field], given: Mapping[str, Any], *, inside: str = ""
) -> tuple[Content, list[Problem]]:
    """The content that was meant, and what of it cannot be understood.

    `given` holds texts, numbers, dates or lists of objects by field name; None and "" say nothing.
    """
    content: Content = {}
    problems: list[Problem] = []
    known = {field.name: field for field in fields}
    for name in given:
        if name not in known:
            told = f"There is no field '{name}'. The fields are {', '.join(known)}."
            problems.append(Problem("record.unknown_field", f"{inside}{name}", told))
    for field in fields:
        value = given.get(field.name)
        place = f"{inside}{field.name}"
        if value is None or value in ("", []):
            if field.required:
                told = f"{field.title} is missing. {field.meaning}".strip()
                problems.append(Problem("record.field_missing", place, told))
            continue
        if field.holds is Holds.LIST:
            entries, wrong = _read_list(field, value, place)
            problems += wrong
            if entries:
                content[field.name] = entries
            continue
        try:
            text = read_value(field, value)
        except ValueError as failure:
            problems.append(Problem("record.bad_value", place, f"{field.title}: {failure}"))
            continue
        if text:
            content[field.name] = text
    return content, problems


def _read_list(field: Field, value: Any, place: str) -> tuple[list[Content], list[Problem]]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        shape = ", ".join(part.name for part in field.parts)
        told = f"{field.title}: a list of objects with {shape} is needed."
        return [], [Problem("record.bad_value", place, told)]
    entries: list[Content] = []
    problems: list[Problem] = []
    for number, entry in enumerate(value, start=1):
        inside = f"{place}[{number}]."
        if not isinstance(entry, Mapping):
            told = f"{field.title}, entry {number}: an object is needed."
            problems.append(Problem("record.bad_value", inside[:-1], told))
            continue
        content, wrong = read_content(field.parts, entry, inside=inside)
        entries.append(content)
        problems += wrong
    return entries, problems


def read_value(field: Field, value: Any) -> str:
    """The exact text of one value. ValueError says what was expected."""
    if isinstance(value, float):
        raise ValueError(f"{value!r} is a binary fraction; write the number as text.")
    if isinstance(value, bool):
        value = "yes" if value else "no"
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    if len(text) > _LONGEST:
        raise ValueError(f"the text has {len(text)} signs, {_LONGEST} are the most.")
    return _READERS[field.holds](field, text)


def _text(field: Field, text: str) -> str:
    return " ".join(text.split()) if "\n" not in text else text


def _number(field: Field, text: str) -> str:
    try:
        return exact_text(parse_amount(text))
    except AmountError as refusal:
        raise ValueError(refusal.message) from refusal


def _whole(field: Field, text: str) -> str:
    plain = text.removesuffix(".0")
    if not _WHOLE.fullmatch(plain):
        raise ValueError(f"'{text}' is no whole number.")
    return str(int(plain))


def _day(field: Field, text: str) -> str:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError as failure:
        raise ValueError(f"'{text}' is no day; write it as 2026-11-30.") from failure
    if not EARLIEST <= day <= LATEST:
        raise ValueError(
            f"{day} lies before {EARLIEST.year} or after {LATEST.year}; mend the year."
        )
    return day.isoformat()


def _currency(field: Field, text: str) -> str:
    code = text.upper()
    if not is_currency(code):
        raise ValueError(f"'{text}' is no currency; write its ISO 4217 code, as EUR.")
    return code


def _choice(field: Field, text: str) -> str:
    plain = re.sub(r"[\s-]+", "_", text.strip().lower())
    if plain not in field.choices:
        raise ValueError(f"'{text}' is none of {', '.join(field.choices)}.")
    return plain


def _flag(field: Field, text: str) -> str:
    plain = text.lower()
    if plain in _YES:
        return "yes"
    if plain in _NO:
        return ""
    raise ValueError(f"'{text}' is neither yes nor no.")


_READERS = {
    Holds.TEXT: _text,
    Holds.MONEY: _number,
    Holds.NUMBER: _number,
    Holds.WHOLE: _whole,
    Holds.DAY: _day,
    Holds.CURRENCY: _currency,
    Holds.CHOICE: _choice,
    Holds.FLAG: _flag,
}


def day_in(content: Mapping[str, Any], name: str) -> date | None:
    """The day that a field holds."""
    text = content.get(name)
    return date.fromisoformat(text) if text else None


def money_in(content: Mapping[str, Any], name: str) -> Decimal | None:
    """The exact number that a field holds."""
    text = content.get(name)
    return parse_amount(text) if text else None


def whole_in(content: Mapping[str, Any], name: str) -> int | None:
    """The whole number that a field holds."""
    text = content.get(name)
    return int(text) if text else None
