"""The form of a record: from its fields to what is drawn, and from what was sent to its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from bursar.record.registers.fields import Content, Field, Holds, Problem
from bursar.record.registers.register import EXTRA, Register

EMPTY_ROWS = 2
MOST_ROWS = 500
_INPUTS = {Holds.DAY: "date", Holds.FLAG: "checkbox"}


@dataclass(frozen=True)
class Drawn:
    """One input: what it is called, what it holds, and what was wrong with it."""

    name: str
    field: Field
    value: str
    problems: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return _INPUTS.get(self.field.holds, "select" if self.field.choices else "text")


@dataclass(frozen=True)
class DrawnList:
    """A list inside a record: its rows of inputs, some of them empty to be filled."""

    field: Field
    rows: tuple[tuple[Drawn, ...], ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """Everything that a person may fill in, and problems that belong to no one input."""

    inputs: tuple[Drawn, ...]
    lists: tuple[DrawnList, ...]
    others: tuple[str, ...] = ()


def form_of(
    register: Register,
    content: Mapping[str, Any],
    *,
    secrets: bool,
    problems: Sequence[Problem] = (),
) -> Form:
    """`secrets`: whether this person may see and set the secret fields."""
    wrong: dict[str, list[str]] = {}
    for problem in problems:
        wrong.setdefault(_top(problem.field), []).append(problem.message)
    fields = [f for f in register.fields if f is not EXTRA and (secrets or not f.secret)]
    inputs = tuple(
        Drawn(f.name, f, str(content.get(f.name, "")), tuple(wrong.pop(f.name, ())))
        for f in fields
        if f.holds is not Holds.LIST
    )
    lists = tuple(
        DrawnList(f, _rows(f, content.get(f.name) or ()), tuple(wrong.pop(f.name, ())))
        for f in fields
        if f.holds is Holds.LIST
    )
    others = tuple(message for messages in wrong.values() for message in messages)
    return Form(inputs, lists, others)


def sent_content(register: Register, sent: QueryDict, *, secrets: bool) -> dict[str, Any]:
    """What the form says, field by field; a field that it empties is ""."""
    given: dict[str, Any] = {}
    for field in register.fields:
        if field is EXTRA or (field.secret and not secrets):
            continue
        if field.holds is Holds.LIST:
            given[field.name] = _sent_rows(field, sent) or ""
        elif field.holds is Holds.FLAG:
            given[field.name] = "yes" if field.name in sent else ""
        elif field.name in sent:
            given[field.name] = str(sent[field.name]).strip()
    return given


def changed(content: Content, given: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was sent, what differs from the record as it is shown."""
    return {name: value for name, value in given.items() if (content.get(name) or "") != value}


def _rows(field: Field, entries: Sequence[Mapping[str, Any]]) -> tuple[tuple[Drawn, ...], ...]:
    held = [*entries, *({} for _ in range(EMPTY_ROWS))]
    return tuple(
        tuple(
            Drawn(f"{field.name}.{number}.{part.name}", part, str(entry.get(part.name, "")))
            for part in field.parts
        )
        for number, entry in enumerate(held)
    )


def _sent_rows(field: Field, sent: QueryDict) -> list[dict[str, str]]:
    rows = []
    for number in range(MOST_ROWS):
        names = [f"{field.name}.{number}.{part.name}" for part in field.parts]
        if not any(name in sent for name in names):
            break
        row = {
            part.name: text
            for part, name in zip(field.parts, names, strict=True)
            if (text := str(sent.get(name, "")).strip())
        }
        if row:
            rows.append(row)
    return rows


def _top(place: str) -> str:
    return place.split("[", maxsplit=1)[0].split(".", maxsplit=1)[0]
