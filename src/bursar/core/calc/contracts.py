"""A contract's months: what it costs, what falls due, what is prepaid, accrued and still bound.

A term is cut into the spans that are paid for. Each span has a day on which it falls due and an
amount: quantity x price, by days where either changes within it. The amount is amortized over the
span it pays for, so that a payment in advance is a prepayment and one in arrears an accrual.
Rules: `docs/spec/contracts.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from bursar.core.calc.amortization import (
    Amortization,
    add_months,
    amortize,
    month_of,
    name_of,
)
from bursar.core.money.rounding import round_half_up
from bursar.core.refusal import Refused

NOTHING = Decimal(0)
_DAY = timedelta(days=1)
_FOREVER = 1_200
"""Months of the longest term."""


class Renewal(StrEnum):
    """What happens when the term ends."""

    NONE = "none"
    AUTOMATIC = "automatic"
    BY_NOTICE = "by_notice"


class Remainder(StrEnum):
    """What becomes of what was paid for days after a cancellation."""

    RELEASED = "released"
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True)
class Step:
    """From a day on, another quantity, another price, or so many percent more."""

    day: date
    unit_price: Decimal | Fraction | None = None
    quantity: Decimal | None = None
    percent: Decimal | None = None


@dataclass(frozen=True)
class Payment:
    """One amount of a plan that names its days."""

    day: date
    amount: Decimal


@dataclass(frozen=True)
class Agreement:
    """The terms of a contract. Amounts are in one currency whose minor unit has `digits`."""

    start: date
    end: date | None = None
    """Last day of the first term; None runs on until it is cancelled."""
    unit_price: Decimal | Fraction = NOTHING
    """Of one unit for `price_months`."""
    quantity: Decimal = Decimal(1)
    price_months: int = 12
    """Months that the price is for; 0 is the whole term."""
    pay_months: int = 12
    """Months that one payment is for; 0 is the whole term."""
    in_advance: bool = True
    payments: tuple[Payment, ...] = ()
    """Where the plan names its days; then price and steps say nothing."""
    steps: tuple[Step, ...] = ()
    index_percent: Decimal = NOTHING
    """Yearly indexation, on each anniversary of `index_from` (or of the start)."""
    index_from: date | None = None
    amortization: Amortization = Amortization.CALENDAR_DAYS
    over_the_term: bool = False
    """Straight over the whole term, whatever each span costs."""
    renewal: Renewal = Renewal.NONE
    renewal_months: int = 12
    notice_months: int = 0
    notice_days: int = 0
    cancelled: date | None = None
    """Last day of service of a contract that ended early."""
    remainder: Remainder = Remainder.RELEASED
    digits: int = 2


@dataclass(frozen=True)
class Span:
    """Days that one payment is for, both included; it falls due on `due`."""

    start: date
    end: date
    due: date
    amount: Decimal


@dataclass(frozen=True)
class Month:
    """One month: its cost, what falls due in it, and balances at its end."""

    month: str
    expense: Decimal
    billed: Decimal
    true_up: Decimal
    """Cost of an invoice above (below) what was planned, in the month of the invoice."""
    prepayment: Decimal
    accrued: Decimal
    """Received and not invoiced; it is taken back next month, when the invoice comes or not."""
    committed: Decimal
    """Cost that is still to come in the term that is bound."""
    quantity: Decimal

    @property
    def cost(self) -> Decimal:
        return self.expense + self.true_up

    @property
    def per_seat(self) -> Decimal | None:
        """Cost of one unit, to four digits more than the currency has; None without units."""
        if not self.quantity:
            return None
        places = max(-int(self.expense.as_tuple().exponent), 0) + 4
        return round_half_up(Fraction(self.cost) / Fraction(self.quantity), places)


@dataclass(frozen=True)
class DueDay:
    """What a contract asks for on a day: `notice`, `renewal`, `end`, `payment` or `step`."""

    day: date
    what: str
    amount: Decimal | None = None


class BadAgreement(Refused):
    """The terms of a contract contradict each other; the text says which and how to mend them."""

    code = "contract.bad_terms"


@dataclass(frozen=True)
class Contradiction:
    """What is wrong, and the name of the term that it is wrong with."""

    term: str
    told: str


def contradictions(agreed: Agreement) -> Iterator[Contradiction]:
    """Everything that no schedule can follow (rule CT4)."""
    if agreed.end is not None and agreed.end < agreed.start:
        told = f"It ends on {agreed.end}, before it starts on {agreed.start}; mend one of the days."
        yield Contradiction("end", told)
    elif agreed.end is not None and month_of(agreed.end) - month_of(agreed.start) > _FOREVER:
        yield Contradiction("end", f"A term until {agreed.end} is above {_FOREVER} months.")
    if agreed.end is None and (agreed.price_months == 0 or agreed.pay_months == 0):
        yield Contradiction("end", "A price or payment for the whole term needs the term's end.")
    if agreed.end is None and (agreed.over_the_term or agreed.payments):
        yield Contradiction("end", "Spreading over the whole term needs the term's end.")
    if agreed.quantity <= 0 and not agreed.payments:
        yield Contradiction("quantity", f"A quantity of {agreed.quantity} buys nothing; give more.")
    for name in ("price_months", "pay_months", "notice_months", "notice_days"):
        if getattr(agreed, name) < 0:
            yield Contradiction(name, f"{name.replace('_', ' ').capitalize()} are zero or more.")
    if agreed.renewal is not Renewal.NONE and agreed.renewal_months < 1:
        yield Contradiction("renewal_months", "A renewal lasts at least one month.")
    if agreed.cancelled is not None and agreed.cancelled < agreed.start:
        told = f"Cancelled on {agreed.cancelled}, before it starts on {agreed.start}; mend a day."
        yield Contradiction("cancelled", told)
    if agreed.index_percent <= -100:
        yield Contradiction("index_percent", "Indexation takes less than 100 % away.")
    yield from _of_steps(agreed)


def _of_steps(agreed: Agreement) -> Iterator[Contradiction]:
    days = [step.day for step in agreed.steps]
    for step in agreed.steps:
        if days.count(step.day) > 1:
            yield Contradiction("steps", f"Two price steps begin on {step.day}; make one of them.")
            return
        ends = agreed.end is not None and agreed.renewal is Renewal.NONE
        if step.day < agreed.start or (ends and agreed.end is not None and step.day > agreed.end):
            yield Contradiction("steps", f"The price step of {step.day} lies outside the term.")
        if step.quantity is not None and step.quantity <= 0:
            yield Contradiction("steps", f"The step of {step.day} leaves no units; cancel instead.")
        if (step.unit_price, step.quantity, step.percent) == (None, None, None):
            yield Contradiction("steps", f"The step of {step.day} changes nothing; say a price.")


def require_sound(agreed: Agreement) -> None:
    """Refusals: contract.bad_terms."""
    for wrong in contradictions(agreed):
        raise BadAgreement(wrong.told)


def last_day(agreed: Agreement, through: date) -> date:
    """The last day of service: of the term, of its renewals until a day, or of a cancellation."""
    end = agreed.end or date.max
    if agreed.end is not None and agreed.renewal is Renewal.AUTOMATIC:
        while end < through and end != agreed.cancelled:
            end = add_months(end + _DAY, agreed.renewal_months) - _DAY
    if agreed.cancelled is not None:
        end = min(end, agreed.cancelled)
    return end


def term_at(agreed: Agreement, day: date) -> tuple[date, date | None]:
    """First and last day of the term, the first one or a renewal, that a day falls in."""
    start, end = agreed.start, agreed.end
    if end is None:
        return start, agreed.cancelled
    while agreed.renewal is Renewal.AUTOMATIC and end < day:
        if agreed.cancelled is not None and end >= agreed.cancelled:
            break
        start, end = end + _DAY, add_months(end + _DAY, agreed.renewal_months) - _DAY
    return start, min(end, agreed.cancelled) if agreed.cancelled else end


def spans(agreed: Agreement, through: date) -> list[Span]:
    """What is paid for, until the term (with its renewals) ends or a day has come (rule CT5)."""
    require_sound(agreed)
    found: list[Span] = []
    start, end = agreed.start, agreed.end
    while True:
        found += _of_term(agreed, start, end or through)
        if end is None or agreed.renewal is not Renewal.AUTOMATIC or end >= through:
            break
        start, end = end + _DAY, add_months(end + _DAY, agreed.renewal_months) - _DAY
    return list(_until_cancelled(agreed, found))


def schedule(
    agreed: Agreement, through: date, *, invoiced: Mapping[str, Decimal] | None = None
) -> list[Month]:
    """The months from the start to the end of what is bound, or to a day that lies later.

    `invoiced` has what was really billed by month, YYYY-MM, where it is known; the difference to
    what was planned for the month is its true-up (rule CT9). Refusals: contract.bad_terms.
    """
    paid = spans(agreed, through)
    expense, billed = _expense(agreed, paid), _billed(agreed, paid)
    actual = invoiced or {}
    last = max([month_of(through), *(month_of(span.end) for span in paid), *_numbers(billed)])
    rows, due, cost = [], NOTHING, NOTHING
    for number in range(month_of(agreed.start), last + 1):
        month = name_of(number)
        planned = billed.get(month, NOTHING)
        charged = actual.get(month, planned)
        due, cost = due + planned, cost + expense.get(month, NOTHING)
        rows.append(
            Month(
                month, expense.get(month, NOTHING), charged, charged - planned,
                prepayment=max(due - cost, NOTHING), accrued=max(cost - due, NOTHING),
                committed=_bound(agreed, paid, number) - cost,
                quantity=_quantity(agreed, number),
            )
        )  # fmt: skip
    return rows


def _bound(agreed: Agreement, paid: Sequence[Span], number: int) -> Decimal:
    """Cost of everything up to the end of the term that a month lies in (rule CT7).

    A contract that runs on binds nobody beyond the spans that have begun.
    """
    after = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
    end = term_at(agreed, after - _DAY)[1] or after - _DAY
    return sum((span.amount for span in paid if span.start <= end), NOTHING)


def due_days(agreed: Agreement, through: date) -> list[DueDay]:
    """Payments, price steps, last days for notice, renewals and the end, until a day (CT8)."""
    found = [DueDay(span.due, "payment", span.amount) for span in spans(agreed, through)]
    found += [DueDay(step.day, "step") for step in agreed.steps]
    if agreed.cancelled is not None:
        return sorted([*found, DueDay(agreed.cancelled, "end")], key=_by_day)
    end = agreed.end
    while end is not None:
        notice = add_months(end, -agreed.notice_months) - timedelta(days=agreed.notice_days)
        if agreed.renewal is not Renewal.NONE:
            found.append(DueDay(notice, "notice"))
        if agreed.renewal is not Renewal.AUTOMATIC:
            found.append(DueDay(end, "end"))
            break
        found.append(DueDay(end + _DAY, "renewal"))
        if end >= through:
            break
        end = add_months(end + _DAY, agreed.renewal_months) - _DAY
    return sorted(found, key=_by_day)


def _by_day(due: DueDay) -> tuple[date, str]:
    return due.day, due.what


def _of_term(agreed: Agreement, start: date, end: date) -> Iterator[Span]:
    if agreed.payments:
        inside = [p for p in agreed.payments if p.day <= end or end == agreed.end]
        whole = sum((payment.amount for payment in inside), NOTHING)
        yield Span(start, end, inside[0].day if inside else start, whole)
        return
    step = agreed.pay_months
    opened, place = start, 0
    exact = charged = Fraction(0)
    while opened <= end:
        place += 1
        after = add_months(start, step * place) if step else end + _DAY
        closed = min(after - _DAY, end) if agreed.end is not None else after - _DAY
        share = _share(agreed, Span(opened, closed, after - _DAY, NOTHING), (start, end))
        for day, until, price in _in_force(agreed, opened, closed):
            exact += price * share * ((until - day).days + 1)
            amount = round_half_up(exact, agreed.digits) - round_half_up(charged, agreed.digits)
            charged = exact
            yield Span(day, until, day if agreed.in_advance else until, amount)
        opened = after


def _share(agreed: Agreement, span: Span, term: tuple[date, date]) -> Fraction:
    """The part of the price that a day of a span is worth (rule CT6).

    `due` is the last day that the span would have if the term did not cut it.
    """
    days = Fraction((span.due - span.start).days + 1)
    if agreed.price_months:
        return Fraction(agreed.pay_months or _months_of(*term)) / agreed.price_months / days
    return 1 / Fraction((term[1] - term[0]).days + 1)


def _months_of(start: date, end: date) -> Fraction:
    """Months of a term; what is over whole ones by its days of the month it would fill."""
    after, months = end + _DAY, 0
    while add_months(start, months + 1) <= after:
        months += 1
    rest = (after - add_months(start, months)).days
    return months + Fraction(rest, (add_months(start, months + 1) - add_months(start, months)).days)


def _in_force(
    agreed: Agreement, opened: date, closed: date
) -> Iterator[tuple[date, date, Fraction]]:
    """Stretches of a span with one price: first and last day, price of all units."""
    cuts = {opened, *(step.day for step in agreed.steps if opened < step.day <= closed)}
    cuts |= {day for day in _anniversaries(agreed, closed) if opened < day <= closed}
    days = sorted(cuts)
    for place, day in enumerate(days):
        until = days[place + 1] - _DAY if place + 1 < len(days) else closed
        yield day, until, _price_on(agreed, day)


def _anniversaries(agreed: Agreement, closed: date) -> Iterator[date]:
    """Days on which the price is indexed, the first a year after it is counted from."""
    if not agreed.index_percent:
        return
    origin, years = agreed.index_from or agreed.start, 1
    while (day := add_months(origin, 12 * years)) <= closed:
        yield day
        years += 1


def _price_on(agreed: Agreement, day: date) -> Fraction:
    """Quantity x price on a day: steps in their order, indexation on what holds on its day."""
    unit, quantity = Fraction(agreed.unit_price), Fraction(agreed.quantity)
    events: list[tuple[date, Step | None]] = [(s.day, s) for s in agreed.steps if s.day <= day]
    events += [(indexed, None) for indexed in _anniversaries(agreed, day)]
    for _, step in sorted(events, key=lambda event: (event[0], event[1] is not None)):
        if step is None:
            unit *= 1 + Fraction(agreed.index_percent) / 100
            continue
        if step.percent is not None:
            unit *= 1 + Fraction(step.percent) / 100
        if step.unit_price is not None:
            unit = Fraction(step.unit_price)
        if step.quantity is not None:
            quantity = Fraction(step.quantity)
    return unit * quantity


def _until_cancelled(agreed: Agreement, found: Sequence[Span]) -> Iterator[Span]:
    """A cancellation cuts the span that it falls in; later ones do not come (rule CT10)."""
    for span in found:
        if agreed.cancelled is None or span.end <= agreed.cancelled:
            yield span
        elif span.start <= agreed.cancelled:
            part = span.amount
            if agreed.remainder is Remainder.RELEASED:
                days = Fraction((agreed.cancelled - span.start).days + 1)
                whole = (span.end - span.start).days + 1
                part = round_half_up(Fraction(span.amount) * days / whole, agreed.digits)
            due = min(span.due, agreed.cancelled)
            yield Span(span.start, agreed.cancelled, due, part)


def _expense(agreed: Agreement, paid: Sequence[Span]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for span in _spread_over(agreed, paid):
        method = agreed.amortization
        charged = amortize(span.amount, span.start, span.end, method, digits=agreed.digits)
        for month, amount in charged:
            found[month] = found.get(month, NOTHING) + amount
    return found


def _spread_over(agreed: Agreement, paid: Sequence[Span]) -> Sequence[Span]:
    if not agreed.over_the_term:
        return paid
    terms: dict[date, list[Span]] = {}
    for span in paid:
        terms.setdefault(term_at(agreed, span.start)[0], []).append(span)
    return [
        Span(of[0].start, of[-1].end, of[0].due, sum((span.amount for span in of), NOTHING))
        for of in terms.values()
    ]


def _billed(agreed: Agreement, paid: Sequence[Span]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    told = [(p.day, p.amount) for p in agreed.payments] or [(s.due, s.amount) for s in paid]
    if agreed.payments and agreed.cancelled is not None:
        # What falls due later is not paid, and what is paid too much is given back.
        told = [(day, amount) for day, amount in told if day <= agreed.cancelled]
        rest = sum((s.amount for s in paid), NOTHING) - sum((a for _, a in told), NOTHING)
        told.append((agreed.cancelled, rest))
    for day, amount in told:
        month = name_of(month_of(day))
        found[month] = found.get(month, NOTHING) + amount
    return found


def _numbers(months: Mapping[str, Decimal]) -> list[int]:
    return [int(month[:4]) * 12 + int(month[5:]) - 1 for month in months]


def _quantity(agreed: Agreement, number: int) -> Decimal:
    """Units on the last day of a month."""
    after = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
    quantity = agreed.quantity
    for step in sorted(agreed.steps, key=lambda one: one.day):
        if step.day < after and step.quantity is not None:
            quantity = step.quantity
    return quantity
