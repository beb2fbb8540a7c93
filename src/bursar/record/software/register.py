"""The register of software projects: what is capitalized, and why (rules CS1-CS4).

A project's cost comes as invoices and labour; the record lists it by activity. What its policy
capitalizes is taken back from the months of its invoices once these are matched, and amortized
from the day on which the software is ready.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bursar.core.calc.capitalization import (
    CRITERIA,
    Activity,
    Judged,
    Policy,
    Project,
    Spent,
    capitalized,
    judge,
)
from bursar.core.calc.depreciation.clock import last_day, month_of
from bursar.core.calc.depreciation.schedule import schedule
from bursar.core.calc.depreciation.terms import Terms
from bursar.core.money.amount import exact_text
from bursar.core.money.currency import minor_digits
from bursar.record.registers.fields import (
    Content,
    Field,
    Holds,
    Problem,
    day_in,
    money_in,
    whole_in,
)
from bursar.record.registers.period_lines import Amounts, cost_lines
from bursar.record.registers.register import (
    DIMENSIONS,
    EXTRA,
    NOTES,
    Claim,
    Due,
    Kept,
    Register,
    Schedule,
)

AMORTIZATION = "amortization"
_DAYS = ("funding_committed", "completion_probable", "preliminary_ended", "ready")
_COLUMNS = (
    ("month", "Month"), ("capitalized", "Capitalized"), ("expensed", "Expensed"),
    ("amortization", "Amortization"), ("book_value", "Book value"),
)  # fmt: skip

FIELDS = (
    Field("name", "Name", required=True, listed=True),
    Field("policy", "Policy", Holds.CHOICE, required=True, listed=True,
          choices=tuple(policy.value for policy in Policy)),
    Field("owner", "Owner", meaning="Who answers for it; a role or a team."),
    Field("currency", "Currency", Holds.CURRENCY, required=True),
    Field("funding_committed", "Funding committed", Holds.DAY, "Authorised by management."),
    Field("completion_probable", "Completion probable", Holds.DAY,
          "And that it will be used as intended."),
    Field("preliminary_ended", "Preliminary stage ended", Holds.DAY, "For the policy by stages."),
    Field("ready", "Ready for use", Holds.DAY, listed=True),
    Field("criteria", "Criteria of IAS 38.57", Holds.LIST, "Met from a day on.", parts=(
        Field("criterion", "Criterion", Holds.CHOICE, choices=CRITERIA, required=True),
        Field("date", "Met from", Holds.DAY, required=True),
    )),
    Field("spent", "Cost", Holds.LIST, "By activity.", parts=(
        Field("date", "Date", Holds.DAY, required=True),
        Field("activity", "Activity", Holds.CHOICE, required=True,
              choices=tuple(activity.value for activity in Activity)),
        Field("amount", "Amount", Holds.MONEY, required=True),
        Field("vendor", "Vendor"),
        Field("invoice", "Invoice"),
    )),
    Field("useful_life_months", "Useful life", Holds.WHOLE, "Months from the day it is ready.",
          listed=True),
    *DIMENSIONS,
    NOTES,
    EXTRA,
)  # fmt: skip


def judged(content: Mapping[str, Any]) -> list[Judged]:
    """Each amount, whether it is capitalized, and why."""
    days = {name: day_in(content, name) for name in _DAYS}
    met = tuple(
        (entry["criterion"], day)
        for entry in content.get("criteria", ())
        if (day := day_in(entry, "date")) is not None
    )
    return judge(Policy(content["policy"]), Project(**days, criteria=met), _spent(content))


def check_project(content: Content) -> Iterator[Problem]:
    """What contradicts itself (rule CS1)."""
    if whole_in(content, "useful_life_months") == 0:
        told = "A useful life of 0 months spreads nothing; give at least 1, or leave it empty."
        yield Problem("software.bad_terms", "useful_life_months", told)
    names = [entry["criterion"] for entry in content.get("criteria", ())]
    if len(set(names)) < len(names):
        told = "A criterion stands twice; say once from when it is met."
        yield Problem("software.bad_terms", "criteria", told)
    for number, spent in enumerate(_spent(content), start=1):
        if spent.amount <= 0:
            told = f"An amount of {spent.amount} was not spent; give more than zero."
            yield Problem("software.bad_terms", f"spent[{number}].amount", told)
    ended, ready = day_in(content, "preliminary_ended"), day_in(content, "ready")
    if ended and ready and ready < ended:
        told = f"Ready on {ready}, before the preliminary stage ended on {ended}; mend a day."
        yield Problem("software.bad_terms", "ready", told)


def project_schedule(content: Content, day: date) -> Schedule:
    """What was capitalized, expensed and amortized by month, and why, amount by amount."""
    digits = minor_digits(content["currency"])
    found = judged(content)
    months: dict[str, dict[str, Decimal]] = {}
    for one in found:
        row = months.setdefault(f"{one.spent.day:%Y-%m}", {})
        name = "capitalized" if one.capitalized else "expensed"
        row[name] = row.get(name, Decimal(0)) + one.spent.amount
    for month, amount, book in _amortized(content, None):
        months.setdefault(month, {}).update({"amortization": amount, "book": book})
    rows, book = [], Decimal(0)
    for month, amounts in sorted(months.items()):
        book = amounts.get("book", book + amounts.get("capitalized", Decimal(0)))
        told = {name: amounts.get(name, Decimal(0)) for name, _ in _COLUMNS[1:4]} | {
            "book_value": book
        }
        rows.append({"month": month, **{n: f"{a:.{digits}f}" for n, a in told.items()}})
    facts = [("Capitalized", exact_text(capitalized(found)))]
    facts += [
        (f"{one.spent.day} {one.spent.activity.value} {exact_text(one.spent.amount)}",
         f"{'capitalized' if one.capitalized else 'expensed'}: {one.reason}")
        for one in found
    ]  # fmt: skip
    charted = ("amortization",) if content.get("ready") else ()
    return Schedule(_COLUMNS, tuple(rows), charted=charted, facts=tuple(facts))


def spread_projects(projects: Sequence[Kept], first: str, last: str) -> pa.Table:
    """Amortization of what is capitalized, from the day the software is ready (rule CS3)."""
    amounts = Amounts()
    end = last_day(month_of(date(int(last[:4]), int(last[5:]), 1)))
    for place, project in enumerate(projects):
        for month, amount, _ in _amortized(project.content, end):
            if first <= month <= last:
                amounts.add(place, month, AMORTIZATION, amount)
    told = [f"{p.content.get('name', '')} ({p.number})" for p in projects]
    return cost_lines("software_project", projects, amounts, describe=told, columns=())


def project_claims(projects: Sequence[Kept], through: date) -> Iterator[Claim]:
    """What is capitalized, as the invoices that brought it (rule CS4)."""
    for project in projects:
        entries = project.content.get("spent", ())
        for place, (entry, one) in enumerate(zip(entries, judged(project.content), strict=True), 1):
            if one.capitalized and one.spent.day <= through:
                yield Claim(
                    key=f"{project.number} / {place} / {one.spent.day}", numbers=(project.number,),
                    day=one.spent.day, amount=one.spent.amount,
                    currency=project.content["currency"], vendor=entry.get("vendor", ""),
                    references=tuple(filter(None, [entry.get("invoice")])),
                )  # fmt: skip


def project_due(content: Content, through: date) -> Iterable[Due]:
    ready = day_in(content, "ready")
    if ready is not None and ready <= through:
        yield Due(ready, "ready", "The software is ready: it is amortized from here on")


def _spent(content: Mapping[str, Any]) -> list[Spent]:
    return [
        Spent(day, Activity(entry["activity"]), money_in(entry, "amount") or Decimal(0))
        for entry in content.get("spent", ())
        if (day := day_in(entry, "date")) is not None
    ]


def _amortized(
    content: Mapping[str, Any], through: date | None
) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Month, charge and book value: what was there when it was ready, and each enhancement."""
    ready, life = day_in(content, "ready"), whole_in(content, "useful_life_months")
    if ready is None or not life:
        return
    lots: dict[date, Decimal] = {}
    for one in judged(content):
        if one.capitalized:
            day = max(ready, one.spent.day)
            lots[day] = lots.get(day, Decimal(0)) + one.spent.amount
    charges: dict[str, Decimal] = {}
    digits = minor_digits(content["currency"])
    for day, amount in lots.items():
        terms = Terms(amount, day, life, digits=digits)
        for row in schedule(terms, through=through):
            charges[row.month] = charges.get(row.month, Decimal(0)) + row.depreciation
    book = Decimal(0)
    for month in sorted(charges):
        book += sum((a for d, a in lots.items() if f"{d:%Y-%m}" == month), Decimal(0))
        book -= charges[month]
        yield month, charges[month], book


SOFTWARE_PROJECTS = Register(
    name="software_project",
    title="Software projects",
    one="Software project",
    fields=FIELDS,
    check=check_project,
    spread=spread_projects,
    schedule=project_schedule,
    due=project_due,
    claims=project_claims,
    prefix="SW",
)
