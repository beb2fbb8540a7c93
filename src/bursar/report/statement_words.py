"""Plain sentences about a statement and its lines: what, how much, and what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from bursar.core.money.amount import exact_sum
from bursar.report.issued import Charge, LineKey
from bursar.report.statement import StatementLine
from bursar.report.wording import money, percent, period_name, ratio_of


def line_sentence(
    key: LineKey,
    *,
    amount: Decimal,
    share: Decimal,
    currency: str,
    past: Decimal | None,
    earlier: str | None,
) -> str:
    """'ERP on Compute, paid from Hardware: 1,200.00 EUR, 12.0 % of the total, 3.1 % more than …'"""
    solution, tower, pool = key
    told = f"{solution} on {tower}, paid from {pool}: {money(amount, currency)} {currency}"
    if amount:
        told += f", {percent(share)} of the total"
    if past is None or earlier is None:
        return f"{told}."
    return f"{told}, {_compared(amount, past, currency)} {period_name(earlier)}."


def summary(
    charge: Charge,
    lines: Sequence[StatementLine],
    earlier: str | None,
    change: Decimal | None,
    ratio: Decimal | None,
) -> str:
    """Two sentences: the total and its change, then the largest solution and what moved most."""
    currency, total = charge.currency, charge.total.printed
    told = f"{charge.consumer} is charged {money(total, currency)} {currency}"
    told += f" for {period_name(charge.period)}"
    if change is not None and earlier is not None:
        told += f", {_by(change, ratio, currency)} {period_name(earlier)}"
    solutions: dict[str, list[StatementLine]] = defaultdict(list)
    for line in lines:
        solutions[line.solution].append(line)
    if not solutions:
        return f"{told}."
    size = {name: exact_sum(x.document_amount for x in part) for name, part in solutions.items()}
    if len(size) == 1:
        return f"{told}. All of it is for {next(iter(size))}."
    largest = max(size, key=lambda name: (size[name], name))
    part = percent(ratio_of(size[largest], total))
    told += f". The largest part is {largest} with {money(size[largest], currency)} ({part})"
    mover = _mover(solutions)
    if mover and change:
        name, moved = mover
        word = "rose" if moved > 0 else "fell"
        told += f"; {name} {word} most, by {money(abs(moved), currency)}"
    return f"{told}."


def _mover(solutions: dict[str, list[StatementLine]]) -> tuple[str, Decimal] | None:
    moved = {
        name: exact_sum(x.change for x in part if x.change is not None)
        for name, part in solutions.items()
    }
    name = max(moved, key=lambda n: (abs(moved[n]), n))
    return (name, moved[name]) if moved[name] else None


def _by(change: Decimal, ratio: Decimal | None, currency: str) -> str:
    if change == 0:
        return "as in"
    word = "more than in" if change > 0 else "less than in"
    size = money(abs(change), currency) if ratio is None else percent(abs(ratio))
    return f"{size} {word}"


def _compared(amount: Decimal, past: Decimal, currency: str) -> str:
    if past == 0:
        return "new since"
    if amount == 0:
        return f"ended; it was {money(past, currency)} in"
    change = exact_sum((amount, -past))
    return _by(change, ratio_of(change, abs(past)), currency)
