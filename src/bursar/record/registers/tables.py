"""From a table to entries of a register, and from records back to a table (rule RG7).

A column is known by the field's name, its title, or what other products call it. Amounts and days
are read in the style of their column. Columns that no field takes are kept under `extra`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bursar.connect.cells.cell import Reason
from bursar.connect.cells.days import DAY_FIRST, MONTH_FIRST, day_of
from bursar.connect.cells.styled import POINT, SYMBOLS, is_empty_word, take_apart
from bursar.connect.looks.naming import plain_words
from bursar.connect.profiled.amounts import read_one
from bursar.connect.sheets import SheetTable
from bursar.core.money.amount import exact_text
from bursar.core.money.currency import is_currency
from bursar.record.errors import DateOrderUnclear, NotARegisterTable
from bursar.record.registers.fields import Content, Field, Holds, Problem
from bursar.record.registers.register import EXTRA, Register
from bursar.record.registers.writing import Entry

NUMBER = "number"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
ORDERS = {"day-first": DAY_FIRST, "month-first": MONTH_FIRST}


@dataclass(frozen=True)
class Told:
    """What the person said beside the table."""

    constants: Mapping[str, str]
    """Values of fields that a row does not give itself."""
    dates: str | None = None
    """One of `ORDERS`, where the table's own days leave it open."""
    columns: Mapping[str, str] | None = None
    """Header of the table -> field, where the header says something else."""


@dataclass(frozen=True)
class ReadTable:
    """The entries of a table, those whose cells could not be read, and what was understood how."""

    entries: list[Entry]
    refused: list[tuple[Entry, list[Problem]]]
    used: dict[str, str]
    """Header -> field."""
    kept: list[str]
    """Headers that no field takes; their cells are kept under `extra`."""


def read_table(register: Register, table: SheetTable, told: Told) -> ReadTable:
    """Refusals: record.not_a_register_table, record.date_order_unclear."""
    used = _placed(register, table, told)
    order = _order(register, table, used, told)
    kept = [name for name in table.names if name not in used and table.columns[name].filled]
    found = ReadTable([], [], used, kept)
    for row, cells in zip(table.numbers, table.rows, strict=True):
        texts = dict(zip(table.names, cells, strict=True))
        given: dict[str, Any] = dict(told.constants)
        wrong: list[Problem] = []
        for header, name in used.items():
            field = register.field(name)
            text = _bare(texts[header])
            if text == "" or field is None:
                continue
            value = _value(field, text, table, (header, order))
            if isinstance(value, Reason):
                wrong.append(Problem("record.bad_value", name, f"{header}: {value.message}."))
            elif value != "":
                given[name] = value
        _fill_currency(register, used, texts, given)
        if extra := [{"name": name, "value": _bare(texts[name])} for name in kept if texts[name]]:
            given[EXTRA.name] = extra
        number = next((_bare(texts[h]) for h, name in used.items() if name == NUMBER), "")
        entry = Entry(number, given, row)
        if wrong:
            found.refused.append((entry, wrong))
        else:
            found.entries.append(entry)
    return found


def _bare(text: str) -> str:
    """Without the apostrophe that exports put before what could be a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA else text


def as_rows(
    register: Register, records: Iterable[tuple[str, Content]], *, secrets: bool
) -> tuple[list[str], list[list[str]]]:
    """Header and cells of a table that reads back as the same records."""
    fields = [f for f in register.fields if f is not EXTRA and (secrets or not f.secret)]
    held = list(records)
    extras = list(dict.fromkeys(
        entry["name"] for _, content in held for entry in content.get(EXTRA.name, ())
    ))  # fmt: skip
    rows = []
    for number, content in held:
        more = {entry["name"]: entry["value"] for entry in content.get(EXTRA.name, ())}
        cells = [_cell(content.get(field.name)) for field in fields]
        rows.append([number, *cells, *(more.get(name, "") for name in extras)])
    return [NUMBER, *(field.name for field in fields), *extras], rows


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _placed(register: Register, table: SheetTable, told: Told) -> dict[str, str]:
    """Header -> field; the first header that means a field takes it."""
    names = _names_of(register)
    said = told.columns or {}
    for header, name in said.items():
        if header not in table.names or (name != NUMBER and register.field(name) is None):
            raise NotARegisterTable(
                f"{table.file}: '{header}={name}' names a column or a field that there is not. "
                f"The columns are {', '.join(table.names)}."
            )
    used, taken = dict(said), set(said.values())
    ranked = [
        (rank, at, header, name)
        for at, header in enumerate(table.names)
        if header not in used
        for name, rank in names.get(plain_words(header), {}).items()
    ]
    for _, _, header, name in sorted(ranked):
        if name not in taken and header not in used:
            used[header] = name
            taken.add(name)
    if not taken - {NUMBER, "name", "notes"}:
        shown = ", ".join(field.name for field in register.fields[:12])
        raise NotARegisterTable(
            f"{table.file}: no column is a field of {register.title}. Name the columns after its "
            f"fields ({shown} …), or say which column is which."
        )
    return {header: used[header] for header in table.names if header in used}


def _names_of(register: Register) -> dict[str, dict[str, int]]:
    """Plain header -> fields that it may mean, the best of them with the lowest rank."""
    found: dict[str, dict[str, int]] = {}
    for field in (Field(NUMBER, "Number", names=register.numbered), *register.fields):
        for rank, said in enumerate((field.name, field.title, *field.names)):
            found.setdefault(plain_words(said), {}).setdefault(field.name, rank)
    return found


def _order(register: Register, table: SheetTable, used: Mapping[str, str], told: Told) -> str:
    """How days are written in this table: what one column leaves open, another one tells."""
    if told.dates is not None:
        return ORDERS[told.dates]
    columns = [
        table.columns[header]
        for header, name in used.items()
        if (field := register.field(name)) is not None and field.holds is Holds.DAY
    ]
    dated = [column for column in columns if column.kind == "date" and column.styles]
    open_styles = set(ORDERS.values())
    for column in dated:
        if styles := open_styles & set(column.styles):
            open_styles = styles
    ordered = [column for column in dated if set(column.styles) & set(ORDERS.values())]
    if not ordered or len(open_styles) == 1:
        return next(iter(sorted(open_styles)), DAY_FIRST)
    raise DateOrderUnclear(
        f"{table.file}: '{ordered[0].examples[0]}' in '{ordered[0].name}' may be day or month "
        "first, and no other date tells. Say which: day-first or month-first."
    )


def _value(field: Field, text: str, table: SheetTable, how: tuple[str, str]) -> str | Reason:
    header, order = how
    if field.holds is Holds.DAY:
        if is_empty_word(text):
            return ""
        styles = table.columns[header].styles
        day = day_of(text, order if order in styles or not styles else styles[0])
        if day is None:
            return Reason("record.bad_value", f"'{text[:40]}' is no day")
        return day.isoformat()
    if field.holds in (Holds.MONEY, Holds.NUMBER):
        if is_empty_word(text):
            return ""
        styles = table.columns[header].styles
        style = styles[0] if styles and table.columns[header].kind in _NUMERIC else POINT
        amount = read_one(text, style, None)
        return amount if isinstance(amount, Reason) else exact_text(amount)
    return text


_NUMERIC = ("amount", "number")


def _fill_currency(
    register: Register, used: Mapping[str, str], texts: Mapping[str, str], given: dict[str, Any]
) -> None:
    """A sign before an amount tells the currency where nothing else does."""
    if given.get("currency") or register.field("currency") is None:
        return
    for header, name in used.items():
        field = register.field(name)
        if field is not None and field.holds is Holds.MONEY:
            number = take_apart(texts[header])
            if number is not None and number.sign:
                sign = number.sign
                given["currency"] = sign if is_currency(sign) else SYMBOLS.get(sign, ("",))[0]
                return


def rejected_rows(
    table_rows: Mapping[int, Mapping[str, str]], refused: Sequence[tuple[Entry, list[Problem]]]
) -> list[dict[str, Any]]:
    """Refused rows as they are kept: each problem with its row, code and text, cells once."""
    return [
        {
            "row": entry.row,
            "number": entry.number,
            "problems": [
                {"code": p.code, "field": p.field, "message": p.message} for p in problems
            ],
            "cells": dict(table_rows.get(entry.row, {})),
        }
        for entry, problems in refused
    ]
