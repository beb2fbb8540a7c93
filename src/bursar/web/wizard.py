"""The import wizard's form: a profile as select boxes, and what a person chose as a profile.

The whole state is in the form: the profile that the boxes started from travels as text in a
hidden field, so that what has no box (amount columns by month, words of credits) is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bursar.connect.cells.days import DATE_STYLES
from bursar.connect.cells.styled import NUMBER_STYLES
from bursar.connect.errors import BadProfile, ImportRefused
from bursar.connect.looking import Look, Question, look
from bursar.connect.looks.asking import questions
from bursar.connect.looks.proposing import propose
from bursar.connect.profile import ColumnUse, Profile, checked
from bursar.web.wizard_words import CONSTANTS, Choice, column_words, target_groups

_ENCODINGS = ("utf-8", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16", "cp850", "mac-roman")
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_DATES = {
    "y-m-d": "in one way only: 2026-03-31, 31.03.2026, 31 March 2026",
    "d/m/y": "day first: 31/03/2026",
    "m/d/y": "month first: 03/31/2026",
    "serial": "a spreadsheet's day number: 46112",
}
_SIGNS = {"as_is": "as it stands: costs are positive", "negate": "turned round: costs are negative"}
_TOTALS = {"skip": "leave out rows that are totals", "keep": "count them like other rows"}
ASKED = ("date_style", "number_style", "planned")
"""Questions that are answered by sending the form with what it shows."""


@dataclass(frozen=True)
class Field:
    """One box above the mapping; without choices it is a box to write in."""

    name: str
    label: str
    value: str
    hint: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class ColumnRow:
    """One column of the file: sample values, what it fills, and why that was proposed."""

    position: int
    header: str
    examples: tuple[str, ...]
    target: str
    why: str


@dataclass(frozen=True)
class Wizard:
    """What the page shows: the look, the profile in the making, and what is still open."""

    look: Look
    profile: Profile
    open: tuple[Question, ...]
    problem: str = ""
    sound: Profile | None = None
    """What the form goes on from where the profile on show makes no sense."""

    @property
    def base(self) -> str:
        return json.dumps((self.sound or self.profile).to_json(), ensure_ascii=False)

    @property
    def settings(self) -> list[Field]:
        seen, profile = self.look, self.profile
        fields = []
        if len(seen.sheets) > 1:
            sheets = tuple((s.name, s.name + (" (hidden)" if s.hidden else ""))
                           for s in seen.sheets)  # fmt: skip
            fields.append(Field("sheet", "Sheet", profile.sheet or seen.sheet or "", "", sheets))
        row = profile.header_row if profile.header_row is not None else seen.header_row
        fields.append(Field("header_row", "Header in row", str(row),
                            "As the file counts, from 1; 0 where there is none."))  # fmt: skip
        if seen.kind == "text":
            fields += self._of_text()
        fields += [
            Field("number_style", "Numbers are written", profile.number_style, "",
                  tuple((style, style) for style in NUMBER_STYLES)),
            Field("date_style", "Dates are written", profile.date_style, "",
                  tuple((style, _DATES[style]) for style in DATE_STYLES)),
            Field("sign", "Amounts count", profile.sign, "", tuple(_SIGNS.items())),
            Field("totals", "Totals in the file", profile.totals, "", tuple(_TOTALS.items())),
        ]  # fmt: skip
        return fields

    def _of_text(self) -> list[Field]:
        encoding = self.profile.encoding or self.look.encoding or "utf-8"
        delimiter = self.profile.delimiter or self.look.delimiter or ","
        encodings = list(dict.fromkeys([encoding, *_ENCODINGS]))
        delimiters = {**_DELIMITERS, delimiter: _DELIMITERS.get(delimiter, delimiter)}
        names = tuple((_named(sign), words) for sign, words in delimiters.items())
        return [
            Field("encoding", "Encoding", encoding, "",
                  tuple((name, name) for name in encodings)),
            Field("delimiter", "Columns are separated by", _named(delimiter), "", names),
        ]  # fmt: skip

    @property
    def columns(self) -> list[ColumnRow]:
        fills = {use.header: use.target for use in self.profile.columns}
        return [
            ColumnRow(c.position, c.name, c.examples, fills.get(c.name, ""), column_words(c))
            for c in self.look.columns
        ]

    @property
    def targets(self) -> list[tuple[str, tuple[Choice, ...]]]:
        return target_groups()

    @property
    def constants(self) -> list[Field]:
        """What may be the same for all rows; where a column says it, that column counts."""
        said = dict(self.profile.constants)
        filled = {use.target: use.header for use in self.profile.columns}
        return [
            Field(
                f"constant-{key}",
                label,
                said.get(key, ""),
                f"Column {filled[key]} says it." if key in filled else hint,
                choices,
            )
            for key, label, hint, choices in CONSTANTS
        ]


def first_wizard(paths: Sequence[Path], stored: Profile | None) -> Wizard:
    """How the wizard opens: with the profile that fits the file, or with the proposal.

    A currency that the file does not say is asked, never taken from elsewhere.

    Refusals: those of `look`.
    """
    if stored is not None:
        seen = look(paths, profile=stored)
        return Wizard(seen, stored, tuple(questions(seen, stored)))
    seen = look(paths)
    profile = propose(seen)
    return Wizard(seen, profile, tuple(questions(seen, profile)))


def sent_wizard(paths: Sequence[Path], form: Mapping[str, str]) -> Wizard:
    """What the form says. Where it moved the header, its columns are proposed anew.

    Refusals: import.profile_invalid for a form that was not ours, and those of `look`.
    """
    try:
        base = Profile.from_json(json.loads(form.get("base", "{}")))
    except json.JSONDecodeError as broken:
        raise BadProfile("The form lost its state. Open the page of the file again.") from broken
    how = _with_settings(base, form)
    problem = ""
    try:
        seen = look(paths, profile=how)
    except ImportRefused as refusal:
        # A sheet or row that is not there: the page says so beside the boxes as they were.
        how, problem = base, refusal.message
        seen = look(paths, profile=base)
    if seen.signature != form.get("signature"):
        proposed = propose(seen)
        profile = replace(
            proposed, sheet=how.sheet, header_row=how.header_row, encoding=how.encoding,
            delimiter=how.delimiter,
        )  # fmt: skip
        return Wizard(seen, profile, tuple(questions(seen, profile)), problem)
    profile = _with_columns(how, seen, form)
    try:
        checked(profile)
    except BadProfile as refusal:
        return Wizard(seen, profile, (), refusal.message, sound=base)
    return Wizard(seen, profile, tuple(questions(seen, profile)), problem)


def _with_settings(base: Profile, form: Mapping[str, str]) -> Profile:
    row = form.get("header_row", "").strip()
    delimiter = form.get("delimiter", "")
    return replace(
        base,
        sheet=form.get("sheet") or base.sheet,
        header_row=int(row) if row.isdecimal() and len(row) < 7 else base.header_row,
        encoding=form.get("encoding") or base.encoding,
        delimiter=next((s for s in _DELIMITERS if _named(s) == delimiter), base.delimiter),
        number_style=form.get("number_style", base.number_style),
        date_style=form.get("date_style", base.date_style),
        sign=form.get("sign", base.sign),
        totals=form.get("totals", base.totals),
        settled=tuple(dict.fromkeys([*base.settled, *ASKED])),
    )


def _with_columns(how: Profile, seen: Look, form: Mapping[str, str]) -> Profile:
    styles = {(use.header, use.target): use.style for use in how.columns}
    uses = []
    for column in seen.columns:
        target = form.get(f"use-{column.position}", "")
        if target:
            # A box for the whole file was changed by hand: no column keeps another style.
            style = styles.get((column.name, target))
            uses.append(ColumnUse(column.name, target, style))
    boxes = {key for key, *_ in CONSTANTS}
    constants = [(key, value) for key, value in how.constants if key not in boxes]
    filled = {use.target for use in uses}
    for key, *_ in CONSTANTS:
        value = form.get(f"constant-{key}", "").strip()
        if value and key not in filled:
            constants.append((key, value.upper() if key == "currency" else value))
    return replace(
        how, columns=tuple(uses), constants=tuple(constants), signature=seen.signature,
        header_rows=seen.header_rows or 1,
        period_from_name=how.period_from_name and not filled & {"posting_date", "period"}
        and "period" not in dict(constants),
    )  # fmt: skip


def _named(delimiter: str) -> str:
    """A tab cannot stand in a form's value for sure."""
    return "tab" if delimiter == "\t" else delimiter
