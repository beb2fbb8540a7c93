"""What a profile still needs from a person, and what it takes for granted."""

from __future__ import annotations

from collections.abc import Sequence

from bursar.connect.cells.days import DAY_FIRST, ISO, MONTH_FIRST, SERIAL
from bursar.connect.looking import Look, LookedColumn, Question, doubt
from bursar.connect.profile import DATES, Profile


def questions(look: Look, profile: Profile) -> list[Question]:
    """Everything that the file does not say and the profile does not settle; none: it can be read.

    What somebody has `told` the profile is settled and not asked again.
    """
    asked = [*_amount(look, profile), *_date(look, profile), *_currency(profile)]
    for use in profile.columns:
        column = look.column(use.header)
        question = doubt(column) if column is not None else None
        if column is None or question is None:
            continue
        days = question.code == "date_style" and use.target in DATES
        if (days and _open_date(look)) or (not days and not _style_known_elsewhere(look, column)):
            asked.append(question)
    return [q for q in asked if q.code not in profile.settled]


def _open_date(look: Look) -> bool:
    """Other columns of the same file with certain days speak for this one."""
    return not any(
        c.kind == "date" and c.certain and c.style in ("d/m/y", "m/d/y") for c in look.columns
    )


def _style_known_elsewhere(look: Look, asked: LookedColumn) -> bool:
    return asked.kind != "amount" or any(
        c.kind == "amount" and c.certain and c.styles and c is not asked for c in look.columns
    )


def _amount(look: Look, profile: Profile) -> list[Question]:
    roles = {use.target for use in profile.columns}
    if profile.matrix:
        planned = [column.header for column in profile.matrix if column.scenario == "plan"]
        if not planned:
            return []
        said = f"{', '.join(planned)} look like plans, not like money that was spent"
        return [Question("planned", said, None, ("settled=planned",))]
    if roles & {"amount", "net", "gross", "debit", "credit"}:
        return []
    money = [column.name for column in look.columns if column.kind == "amount"]
    answers = tuple(f"amount={name}" for name in money) or ("amount=",)
    said = f"which column holds the amount: {', '.join(money) or 'none looks like one'}"
    return [Question("amount", said, None, answers)]


def _date(look: Look, profile: Profile) -> list[Question]:
    filled = {use.target for use in profile.columns}
    if filled & {"posting_date", "period"} or profile.matrix or profile.period_from_name:
        return []
    if profile.constant("period"):
        return []
    return [
        Question(
            "period",
            "no column holds a date or a period",
            None,
            ("period=YYYY-MM", "posting_date="),
        )
    ]


def _currency(profile: Profile) -> list[Question]:
    if profile.fills("currency") or profile.constant("currency"):
        return []
    return [Question("currency", "the file does not say its currency", None, ("currency=",))]


def assumptions(look: Look, profile: Profile) -> list[str]:
    """What reading with this profile takes for granted, one sentence each."""
    said = [f"{use.header} fills {use.target}" for use in profile.columns]
    for column in profile.matrix:
        said.append(f"{column.header} is the amount of {column.period}")
    said += [f"{key} is {value} for every row" for key, value in profile.constants]
    if profile.period_from_name:
        said.append("the period is taken from the file's name")
    if any(look.column(u.header) and look.column(u.header).kind == "date"  # type: ignore[union-attr]
           for u in profile.columns):  # fmt: skip
        said.append(f"dates are read as {_DATES_SAID[profile.date_style]}")
    if profile.number_style != "1,234.56":
        said.append(f"numbers are read as {profile.number_style}")
    return said


_DATES_SAID = {
    ISO: "they say themselves, such as 2026-03-31 or 31.03.2026",
    DAY_FIRST: "day/month/year",
    MONTH_FIRST: "month/day/year",
    SERIAL: "the day numbers of a spreadsheet",
}


def needed(seen: Look, asked: Sequence[Question]) -> str:
    """What a refusal says that asks: what is open, and how to answer."""
    answers = " ".join(f"--say '{question.answers[0]}'" for question in asked if question.answers)
    open_points = "; ".join(question.message for question in asked)
    return (
        f"{seen.files[0]}: {open_points}. See it with `bursar look`, then say it: "
        f"bursar import {seen.files[0]} {answers}; or choose --profile"
    )
