"""A mapping file: one provider's native bill, declared as data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from bursar.connect.clouds.conditions import Condition, MappingError, parse_condition
from bursar.connect.clouds.expressions import Expression, parse_expression
from bursar.connect.layout import known_column

PROVIDERS = ("aws", "azure", "gcp", "oci")


@dataclass(frozen=True)
class Spelling:
    """One way in which files name a field: a column, or a key within a column of pairs."""

    column: str
    key: str | None = None


@dataclass(frozen=True)
class Filled:
    """One column of ours and what fills it."""

    focus: str
    name: str
    kind: str
    expression: Expression


@dataclass(frozen=True)
class AnotherLine:
    """A second line from one row, where the row says two things at once."""

    condition: Condition
    filled: tuple[Filled, ...]


@dataclass(frozen=True)
class CloudMapping:
    """Everything that one mapping file says."""

    provider: str
    title: str
    recognised: tuple[frozenset[str], ...]
    versions: tuple[tuple[str, frozenset[str]], ...]
    fields: Mapping[str, tuple[Spelling, ...]]
    tag_columns: tuple[tuple[str, str], ...]
    empty_words: frozenset[str]
    required: tuple[tuple[str, ...], ...]
    columns: tuple[Filled, ...]
    also: tuple[AnotherLine, ...]
    views: Mapping[str, re.Pattern[str]]
    notes: tuple[tuple[str, str, Condition], ...]
    raw: Mapping[str, Any]

    def spellings(self) -> dict[str, list[tuple[str, int, Spelling]]]:
        """Column key → the fields that it spells, with their rank among the spellings."""
        found: dict[str, list[tuple[str, int, Spelling]]] = {}
        for field, spelled in self.fields.items():
            for rank, one in enumerate(spelled):
                found.setdefault(cloud_key(one.column), []).append((field, rank, one))
        return found


def cloud_key(header: str) -> str:
    """Spellings that name the same column: only letters and digits matter, not their case."""
    return "".join(sign for sign in header.lower() if sign.isalnum())


@cache
def mapping_of(provider: str) -> CloudMapping:
    """The mapping of a provider; a mistake in it is found here, when it is first used."""
    text = (files(__package__) / f"{provider}.yaml").read_text(encoding="utf-8")
    return parse_mapping(yaml.safe_load(text))


def parse_mapping(raw: Mapping[str, Any]) -> CloudMapping:
    """Checks what a mapping says and makes it ready for use."""
    tables = {
        name: {str(key): value for value, keys in table.items() for key in keys}
        for name, table in raw.get("tables", {}).items()
    }
    fields = {
        field: tuple(_spelling(one) for one in spelled) for field, spelled in raw["fields"].items()
    }
    mapping = CloudMapping(
        provider=raw["provider"],
        title=raw["title"],
        recognised=tuple(frozenset(one) for one in raw["recognised"]),
        versions=tuple(
            (str(name), frozenset(map(cloud_key, keys)))
            for name, keys in raw.get("versions", {}).items()
        ),
        fields=fields,
        tag_columns=tuple(raw.get("tag_columns", {}).items()),
        empty_words=frozenset(str(word).lower() for word in raw.get("empty_words", [])),
        required=tuple(tuple(one) if isinstance(one, list) else (one,) for one in raw["required"]),
        columns=_filled(raw["columns"], tables),
        also=tuple(
            AnotherLine(parse_condition(one["if"]), _filled(one["set"], tables))
            for one in raw.get("also", [])
        ),
        views={name: re.compile(text, re.I) for name, text in raw.get("views", {}).items()},
        notes=tuple(
            (one["code"], one["at"], parse_condition(one["if"])) for one in raw.get("notes", [])
        ),
        raw=raw,
    )
    _check_fields(mapping)
    return mapping


def _spelling(one: Any) -> Spelling:
    if isinstance(one, str):
        return Spelling(one)
    return Spelling(one["in"], one["key"])


def _filled(
    columns: Mapping[str, Any], tables: Mapping[str, Mapping[str, str]]
) -> tuple[Filled, ...]:
    filled = []
    for focus, node in columns.items():
        known = known_column(focus)
        if known is None:
            raise MappingError(f"there is no column {focus}")
        name, kind = known
        if kind == "decimal" and not name.endswith("_cost"):
            kind = "quantity"
        filled.append(Filled(focus, name, kind, parse_expression(node, tables)))
    return tuple(filled)


def _check_fields(mapping: CloudMapping) -> None:
    """Every field that is used is declared, and every declared one is used."""
    lines: Sequence[Filled] = [
        *mapping.columns,
        *(one for another in mapping.also for one in another.filled),
    ]
    used = {field for one in lines for field in one.expression.fields}
    used |= {field for another in mapping.also for field in another.condition.fields}
    used |= {field for _, _, condition in mapping.notes for field in condition.fields}
    used |= {field for group in (*mapping.recognised, *mapping.required) for field in group}
    if used != set(mapping.fields):
        odd = sorted(used ^ set(mapping.fields))
        raise MappingError(f"{mapping.provider}: not both declared and used: {', '.join(odd)}")
