"""From an asset's fields to the terms of its books, and what of them contradicts itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bursar.core.calc.depreciation.terms import (
    Change,
    Contradiction,
    Convention,
    Happened,
    Method,
    Opening,
    Terms,
    contradictions,
)
from bursar.core.money.currency import minor_digits
from bursar.core.money.rounding import round_half_up
from bursar.record.assets.fields import TRANSFER
from bursar.record.registers.fields import Content, Problem, day_in, money_in, whole_in

MAIN = "main"
_IN_ALL_BOOKS = (Happened.IMPROVEMENT, Happened.DISPOSAL)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_RULES = (
    "method", "useful_life_months", "convention", "factor", "rate", "switch", "monthly",
    "property_years", "fiscal_start_month", "residual_value",
)  # fmt: skip


def in_service(content: Mapping[str, Any]) -> date | None:
    """The day from which it is used; the day of purchase where none is told."""
    return day_in(content, "in_service_date") or day_in(content, "purchase_date")


def terms_of(content: Mapping[str, Any], book: str = MAIN) -> Terms | None:
    """The terms of one book; None where the asset does not depreciate in it (rule AS2)."""
    told = content if book == MAIN else _book(content, book)
    start, cost = in_service(content), money_in(content, "purchase_cost")
    if told is None or start is None or not cost:
        return None
    method = told.get("method") or (Method.STRAIGHT_LINE if told.get("useful_life_months") else "")
    if method in ("", "none"):
        return None
    digits = minor_digits(content["currency"])
    fiscal = whole_in(told, "fiscal_start_month")
    return Terms(
        cost=cost,
        in_service_date=start,
        useful_life_months=whole_in(told, "useful_life_months") or 0,
        method=Method(method),
        convention=Convention(told.get("convention") or Convention.FULL_MONTH),
        residual_value=_residual(content, told, cost, digits),
        factor=_fraction(told, "factor"),
        rate=_fraction(told, "rate"),
        switch=bool(told.get("switch")),
        monthly=bool(told.get("monthly")),
        fiscal_start_month=1 if fiscal is None else fiscal,
        units=_by_month(content, "units", "units"),
        units_total=money_in(content, "units_total"),
        manual=_by_month(content, "manual", "amount"),
        property_years=whole_in(told, "property_years"),
        opening=_opening(content) if book == MAIN else None,
        changes=tuple(_changes(content, book)),
        digits=digits,
    )


def books_of(content: Mapping[str, Any]) -> list[str]:
    """The names of its books, the main one first."""
    return [MAIN, *(entry["book"] for entry in content.get("books", ()))]


def check_asset(content: Content) -> Iterator[Problem]:
    """What contradicts itself in an asset (rule AS1)."""
    bought, start = day_in(content, "purchase_date"), day_in(content, "in_service_date")
    cost = money_in(content, "purchase_cost")
    if cost is not None and cost < 0:
        yield Problem("asset.bad_terms", "purchase_cost", "A cost is zero or more.")
    if bought and start and start < bought:
        told = f"In service on {start}, before it was bought on {bought}; mend one of the days."
        yield Problem("asset.in_service_before_purchase", "in_service_date", told)
    for number, change in enumerate(content.get("changes", ()), start=1):
        day = day_in(change, "date")
        if bought and day and day < bought:
            told = (
                f"The {change['kind']} of {day} lies before the purchase on {bought}; mend one of "
                "the days."
            )
            yield Problem("asset.change_before_purchase", f"changes[{number}].date", told)
    yield from _bad_months(content)
    if whole_in(content, "useful_life_months") == 0:
        told = "A useful life of 0 months spreads nothing; give at least 1, or leave it empty."
        yield Problem("asset.bad_terms", "useful_life_months", told)
        return
    names = books_of(content)
    for book in names:
        if names.count(book) > 1:
            told = f"There are two books '{book}'; give each its own name."
            yield Problem("asset.bad_terms", "books", told)
        terms = terms_of(content, book)
        for wrong in contradictions(terms) if terms is not None else ():
            yield _problem(wrong, book)
    if terms_of(content) is None and content.get("residual_value"):
        residual = money_in(content, "residual_value")
        if cost is not None and residual is not None and residual > cost:
            told = f"The residual value {residual} is above the cost {cost}; lower it."
            yield Problem("asset.bad_terms", "residual_value", told)


def _problem(wrong: Contradiction, book: str) -> Problem:
    place = {"cost": "purchase_cost", "opening": "opening_accumulated"}.get(wrong.term, wrong.term)
    return Problem(
        "asset.bad_terms", place if book == MAIN else f"books[{book}].{place}", wrong.told
    )


def _bad_months(content: Content) -> Iterator[Problem]:
    for name in ("units", "manual"):
        months = [entry.get("month", "") for entry in content.get(name, ())]
        for month in months:
            if not _MONTH.fullmatch(month) or months.count(month) > 1:
                told = f"'{month}' is no month, or stands twice; write each once as 2026-11."
                yield Problem("asset.bad_terms", name, told)
                break


def _book(content: Mapping[str, Any], book: str) -> Mapping[str, Any] | None:
    for entry in content.get("books", ()):
        if entry.get("book") == book:
            inherited = {n: content[n] for n in ("residual_percent",) if n in content}
            return {**inherited, **{n: entry[n] for n in _RULES if n in entry}}
    return None


def _residual(
    content: Mapping[str, Any], told: Mapping[str, Any], cost: Decimal, digits: int
) -> Decimal:
    amount = money_in(told, "residual_value")
    percent = money_in(content, "residual_percent")
    if amount is None and percent is not None:
        return round_half_up(Fraction(cost) * Fraction(percent) / 100, digits)
    return amount or Decimal(0)


def _fraction(told: Mapping[str, Any], name: str) -> Fraction | None:
    value = money_in(told, name)
    return Fraction(value) if value is not None else None


def _by_month(content: Mapping[str, Any], name: str, part: str) -> dict[str, Decimal]:
    found = {}
    for entry in content.get(name, ()):
        value = money_in(entry, part)
        if value is not None:
            found[str(entry.get("month", ""))] = value
    return found


def _opening(content: Mapping[str, Any]) -> Opening | None:
    day, before = day_in(content, "opening_date"), money_in(content, "opening_accumulated")
    if day is None and before is None:
        return None
    start = in_service(content)
    return Opening(day or start or date.min, before or Decimal(0))


def _changes(content: Mapping[str, Any], book: str) -> Iterator[Change]:
    """Other books see what came in and what went, not how the main one judges what is left."""
    for entry in content.get("changes", ()):
        day = day_in(entry, "date")
        kind = entry.get("kind")
        if kind in (None, TRANSFER) or day is None or (book != MAIN and kind not in _IN_ALL_BOOKS):
            continue
        percent = money_in(entry, "percent")
        yield Change(
            day, Happened(entry["kind"]),
            amount=money_in(entry, "amount"),
            months=whole_in(entry, "months"),
            share=Fraction(percent) / 100 if percent is not None else None,
            proceeds=money_in(entry, "proceeds") or Decimal(0),
        )  # fmt: skip
