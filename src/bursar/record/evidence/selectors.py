"""Selectors: columns and values that find an evidence's lines in force (rule E5).

A selector names no line and no batch, so that an evidence keeps its lines when a file is restated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.table import MOMENT
from bursar.lake.questions import Condition
from bursar.record.evidence.errors import BadSelector

Selector = dict[str, str | None]

_MOMENTS = frozenset(c.name for c in COST_LINE.columns if c.type == MOMENT)
_TEXTS = frozenset(
    c.name for c in COST_LINE.columns if c.name != "dim_id" and str(c.type) == "string"
)
ALIASES = {
    "account": "gl_account",
    "document": "document_ref",
    "invoice": "invoice_id",
    "period": "posting_period",
    "entity": "legal_entity",
}


def as_text(selector: Mapping[str, str | None]) -> str:
    """The selector as one text that tells it apart."""
    return json.dumps(dict(selector), sort_keys=True, ensure_ascii=False)


def conditions(selector: Mapping[str, str | None]) -> list[Condition]:
    """The selector as conditions on lines."""
    return [_condition(column, value) for column, value in sorted(selector.items())]


def _condition(column: str, value: str | None) -> Condition:
    if value is None:
        return Condition(column, "missing", True)
    return Condition(column, "=", moment(value) if column in _MOMENTS else value)


def moment(text: str) -> datetime:
    """The first instant of a day written YYYY-MM-DD."""
    day = date.fromisoformat(text[:10])
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def day_text(value: Any) -> str | None:
    """A column's value as a selector holds it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).date().isoformat()
    return None if value is None else str(value)


def parse_selector(text: str) -> Selector:
    """A selector as people write it: `source=payables,document=4711`.

    Refusals: evidence.bad_selector.
    """
    selector: Selector = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, sign, value = part.partition("=")
        column = ALIASES.get(name.strip(), name.strip())
        if not sign or column not in _TEXTS | _MOMENTS:
            raise BadSelector(
                f"'{part}' names no lines. Write column=value pairs with commas between, such as "
                "source=payables,document_ref=4711; columns are those of cost lines."
            )
        if column in _MOMENTS:
            _check_day(part, value.strip())
        selector[column] = value.strip() or None
    if not selector.get("source"):
        raise BadSelector(
            f"'{text}' names no source. Begin with source=NAME; see `bursar batches`."
        )
    return selector


def _check_day(part: str, value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise BadSelector(f"'{part}' is no day. Write it as YYYY-MM-DD.") from None


def may_overlap(one: Mapping[str, str | None], other: Mapping[str, str | None]) -> bool:
    """Whether some line could meet both: no column that both name asks for two values."""
    return all(other[column] == value for column, value in one.items() if column in other)
