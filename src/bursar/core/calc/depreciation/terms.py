"""What is known of an asset in one book, and what of it cannot be (rules DP1-DP3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from bursar.core.money.rounding import round_half_up
from bursar.core.refusal import Refused

_MONTHS = 12


class Method(StrEnum):
    """How the base is spread over the life (rules DP10-DP17)."""

    STRAIGHT_LINE = "straight_line"
    LINEAR_ON_COST = "linear_on_cost"
    DECLINING_BALANCE = "declining_balance"
    DECLINING_THEN_LINEAR = "declining_then_linear"
    SUM_OF_YEARS = "sum_of_years"
    UNITS = "units_of_production"
    MACRS = "macrs"
    MANUAL = "manual"


class Convention(StrEnum):
    """How much of the life the first months count (rules DP4-DP9)."""

    FULL_MONTH = "full_month"
    NEXT_MONTH = "next_month"
    HALF_MONTH = "half_month"
    MID_MONTH = "mid_month"
    HALF_YEAR = "half_year"
    MID_QUARTER = "mid_quarter"
    ACTUAL_DAYS = "actual_days"
    DAYS_OF_YEAR = "days_of_year"
    DAYS_360 = "days_360"


class Happened(StrEnum):
    """What may happen to an asset after it was put in service."""

    IMPROVEMENT = "improvement"
    IMPAIRMENT = "impairment"
    LIFE = "life"
    RESIDUAL_VALUE = "residual_value"
    DISPOSAL = "disposal"


@dataclass(frozen=True)
class Change:
    """One thing that happened on a day; what it needs depends on its kind.

    `amount`: added cost, impairment loss, new residual value, or cost disposed of; `months`: the
    new life, counted from the day in service; `share`: the part disposed of, all of it where
    neither share nor amount is given; `proceeds`: what a disposal brought.
    """

    day: date
    kind: Happened
    amount: Decimal | None = None
    months: int | None = None
    share: Fraction | None = None
    proceeds: Decimal = Decimal(0)


@dataclass(frozen=True)
class Opening:
    """The balance on the day from which this schedule computes; before it, others did."""

    day: date
    accumulated: Decimal


@dataclass(frozen=True)
class Terms:
    """An asset in one book. Amounts are in one currency whose minor unit has `digits` digits."""

    cost: Decimal
    in_service_date: date
    useful_life_months: int = 0
    method: Method = Method.STRAIGHT_LINE
    convention: Convention = Convention.FULL_MONTH
    residual_value: Decimal = Decimal(0)
    factor: Fraction | None = None
    """Of declining balance: 2 for 200 %; the yearly rate is factor / life in years."""
    rate: Fraction | None = None
    """Of declining balance: the yearly rate itself (written-down value)."""
    switch: bool = False
    """To straight line over the rest, once that charges at least as much."""
    monthly: bool = False
    """Declining balance on the book value of each month, not of each year."""
    fiscal_start_month: int = 1
    """First month of the year of half-year, mid-quarter and MACRS."""
    units: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    units_total: Decimal | None = None
    manual: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    property_years: int | None = None
    """Of MACRS: 3, 5, 7, 10, 15 or 20; where not said, the life in years."""
    opening: Opening | None = None
    changes: tuple[Change, ...] = ()
    digits: int = 2


class DepreciationRefused(Refused):
    """What was said of an asset contradicts itself; its text says what and how to mend it."""

    code = "depreciation.bad_terms"


@dataclass(frozen=True)
class Contradiction:
    """What is wrong, and the name of the term that it is wrong with."""

    term: str
    told: str


def require_sound(terms: Terms) -> None:
    """Refusals: depreciation.bad_terms."""
    for wrong in contradictions(terms):
        raise DepreciationRefused(wrong.told)


def contradictions(terms: Terms) -> Iterator[Contradiction]:
    """Everything in the terms that no schedule can follow (rules DP1-DP3)."""
    unclear = list(_of_digits(terms))
    yield from unclear
    if unclear:
        return
    yield from _of_money(terms)
    yield from _of_life(terms)
    yield from _of_months(terms)
    cost, gone = terms.cost, False
    for change in sorted(terms.changes, key=lambda c: c.day):
        wrong = _of_change(terms, change, cost, gone)
        if wrong is not None:
            yield Contradiction("changes", wrong)
            continue
        if _is_before_opening(terms, change):
            continue  # the cost that was taken over knows of it
        if change.kind is Happened.IMPROVEMENT and change.amount is not None:
            cost += change.amount
        if change.kind is Happened.DISPOSAL:
            cost -= disposed_cost(change, cost, terms.digits)
            gone = cost <= 0


def disposed_cost(change: Change, cost: Decimal, digits: int) -> Decimal:
    """The cost that a disposal takes of a cost, to the cent (rule DP22)."""
    if change.amount is not None:
        return min(change.amount, cost)
    if change.share is None:
        return cost
    return min(round_half_up(Fraction(cost) * change.share, digits), cost)


def _of_digits(terms: Terms) -> Iterator[Contradiction]:
    """No amount has parts that its currency does not have, or is no number at all."""
    amounts = [("cost", terms.cost), ("residual_value", terms.residual_value)]
    if terms.opening is not None:
        amounts.append(("opening", terms.opening.accumulated))
    amounts += [("manual", amount) for amount in terms.manual.values()]
    for change in terms.changes:
        amounts += [("changes", change.proceeds), ("changes", change.amount or Decimal(0))]
    for term, amount in amounts:
        if not amount.is_finite():
            yield Contradiction(term, f"'{amount}' is no amount of money; write a number.")
        elif (Fraction(amount) * 10**terms.digits).denominator != 1:
            yield Contradiction(
                term,
                f"The amount {amount} has more than the {terms.digits} digits after the point "
                "that its currency has; round it.",
            )


def _of_months(terms: Terms) -> Iterator[Contradiction]:
    if not 1 <= terms.fiscal_start_month <= _MONTHS:
        yield Contradiction(
            "fiscal_start_month", f"A year begins in month 1 to 12, not {terms.fiscal_start_month}."
        )
    service = f"{terms.in_service_date:%Y-%m}"
    for term, told in (("units", terms.units), ("manual", terms.manual)):
        if early := [month for month in told if month < service]:
            yield Contradiction(
                term,
                f"{early[0]} lies before the month in service, {service}; mend one of the two.",
            )


def _is_before_opening(terms: Terms, change: Change) -> bool:
    opening = terms.opening
    return opening is not None and change.day < opening.day.replace(day=1)


def _of_money(terms: Terms) -> Iterator[Contradiction]:
    if terms.cost <= 0:
        yield Contradiction("cost", f"A cost of {terms.cost} cannot depreciate; it is above zero.")
    if terms.residual_value < 0:
        yield Contradiction("residual_value", "A residual value is zero or more.")
    elif terms.residual_value > max(terms.cost, Decimal(0)):
        yield Contradiction(
            "residual_value",
            f"The residual value {terms.residual_value} is above the cost {terms.cost}; lower it.",
        )
    if terms.opening is not None:
        most = terms.cost - terms.residual_value
        if not 0 <= terms.opening.accumulated <= max(most, Decimal(0)):
            yield Contradiction(
                "opening",
                f"Accumulated depreciation of {terms.opening.accumulated} lies outside 0 to "
                f"{most}, the cost less the residual value.",
            )
        if terms.opening.day < terms.in_service_date:
            yield Contradiction(
                "opening",
                f"Taken over on {terms.opening.day}, before it was in service on "
                f"{terms.in_service_date}; mend one of the days.",
            )


def _of_life(terms: Terms) -> Iterator[Contradiction]:
    by_time = terms.method not in (Method.UNITS, Method.MANUAL, Method.MACRS)
    if by_time and terms.useful_life_months < 1:
        yield Contradiction(
            "useful_life_months",
            f"A useful life of {terms.useful_life_months} months spreads nothing; give at least 1.",
        )
    if terms.useful_life_months > 1_200:  # a hundred years
        yield Contradiction(
            "useful_life_months",
            f"A useful life of {terms.useful_life_months} months is above 1200; give months.",
        )
    declines = terms.method in (Method.DECLINING_BALANCE, Method.DECLINING_THEN_LINEAR)
    if declines and (terms.factor is None) == (terms.rate is None):
        yield Contradiction(
            "factor",
            "Declining balance needs a factor (as 2 for 200 %) or a yearly rate, not both.",
        )
    for name, value in (("factor", terms.factor), ("rate", terms.rate)):
        if value is not None and value <= 0:
            yield Contradiction(name, f"The {name} {value} is above zero.")
    if terms.rate is not None and terms.rate > 1:
        yield Contradiction("rate", f"A yearly rate of {terms.rate} charges more than there is.")
    if terms.method is Method.UNITS and (terms.units_total is None or terms.units_total <= 0):
        yield Contradiction("units_total", "Units of production need the units of the whole life.")
    if terms.method is Method.MACRS and property_years(terms) not in (3, 5, 7, 10, 15, 20):
        yield Contradiction("property_years", "MACRS knows property of 3, 5, 7, 10, 15, 20 years.")
    if any(v < 0 for v in (*terms.units.values(), *terms.manual.values())):
        yield Contradiction("units", "Units and amounts by month are zero or more.")
    if sum(terms.manual.values(), Decimal(0)) > max(terms.cost - terms.residual_value, Decimal(0)):
        yield Contradiction(
            "manual", "The amounts by month are more than cost less residual value."
        )


def property_years(terms: Terms) -> int:
    """The class of MACRS."""
    return terms.property_years or terms.useful_life_months // 12


def _of_change(terms: Terms, change: Change, cost: Decimal, gone: bool) -> str | None:
    day, kind = change.day, change.kind.replace("_", " ")
    if day < terms.in_service_date:
        return (
            f"The {kind} of {day} lies before the asset was in service on "
            f"{terms.in_service_date}; mend one of the days."
        )
    if gone:
        return f"Nothing can happen on {day}: the asset was disposed of before."
    if change.kind is Happened.LIFE:
        needed = (change.months or 0) < 1
        return f"The new life of {day} needs months, 1 or more." if needed else None
    if change.kind is Happened.DISPOSAL:
        return _of_disposal(terms, change, cost)
    amount = change.amount
    if amount is None or amount < 0 or (amount == 0 and change.kind is not Happened.RESIDUAL_VALUE):
        return f"The {kind} of {day} needs an amount above zero."
    above = change.kind is Happened.RESIDUAL_VALUE and amount > cost
    return f"The residual value of {day} is above the cost {cost}; lower it." if above else None


def _of_disposal(terms: Terms, change: Change, cost: Decimal) -> str | None:
    whole = change.share in (None, 1) and change.amount is None
    if whole and _is_before_opening(terms, change):
        return f"Disposed of on {change.day}, before it was taken over; mend one of the days."
    if change.share is not None and change.amount is not None:
        return f"The disposal of {change.day} has a share and a cost; give one of them."
    if change.share is not None and not 0 < change.share <= 1:
        return f"The disposal of {change.day} takes a share above 0 and up to 100 %."
    if change.amount is not None and not 0 < change.amount <= cost:
        return (
            f"The disposal of {change.day} takes {change.amount} of a cost of {cost}; mend the "
            "amount."
        )
    return f"The proceeds of {change.day} are zero or more." if change.proceeds < 0 else None
