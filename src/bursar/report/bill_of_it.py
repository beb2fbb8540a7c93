"""The Bill of IT: statements as frozen by the run, with comparison, share and a plain sentence.

`total` and each line's `amount` are exact; `document_total` and `document_amount` are what the
document prints. A consumer with others below her also has a roll-up, which no sum ever counts.
What was charged in a period in which the scope did not hold the consumer is not compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bursar.allocate.models import RunPeriod
from bursar.core.money.amount import EXACT, exact_sum
from bursar.office.people.scope import Scope
from bursar.office.reference.entities import entities
from bursar.report.dimensions import require_basis
from bursar.report.driver_origin import model_said
from bursar.report.errors import NoStatement, NotRun, UnknownConsumer
from bursar.report.facts import facts
from bursar.report.issued import (
    Amounts,
    Book,
    Charge,
    LineKey,
    bases_run,
    frozen_statement,
    open_book,
)
from bursar.report.periods import before, last_day
from bursar.report.staleness import stale
from bursar.report.statement import (
    DisclosedPool,
    Statement,
    StatementLine,
    Statements,
    StatementsTotal,
    sums_of,
)
from bursar.report.statement_words import line_sentence, summary
from bursar.report.wording import ratio_of

__all__ = [
    "Statement",
    "StatementLine",
    "Statements",
    "StatementsTotal",
    "periods_run",
    "statement",
    "statements",
]


def statements(
    scope: Scope,
    *,
    periods: Sequence[str] | None = None,
    consumer: str | None = None,
    basis: str | None = None,
    currency: str | None = None,
    legal_entity: str | None = None,
) -> Statements:
    """Statements in force of the periods (the latest that was run where none are named).

    With a consumer: her own statements, and her roll-up where others are below her. Without:
    every statement of its own that the scope may see, no roll-ups.
    Raises NotRun, UnknownConsumer, UnknownBasis.
    """
    book = _book(scope, basis)
    wanted = _periods(book, periods)
    found = [
        charge
        for period in wanted
        for charge in (_of(book, period, consumer) if consumer else book.charges(period))
        if currency in (None, charge.currency) and legal_entity in (None, charge.legal_entity)
    ]
    if consumer and not found:
        when = ", ".join(wanted) or "any period, because nothing was run yet"
        raise UnknownConsumer(
            f"'{consumer}' has no statement for {when}, or none that you may see. "
            "Without a consumer, all statements that you may see are listed."
        )
    names = {entity.code: entity.name for entity in entities()}
    made = tuple(_statement(book, charge, names) for charge in found)
    marks = stale(scope, basis=book.basis, periods=wanted)
    return Statements(book.basis, wanted, made, sums_of(made), marks)


def periods_run(scope: Scope, basis: str | None = None) -> tuple[str, ...]:
    """Every period with statements on the basis, oldest first. Raises UnknownBasis."""
    return _book(scope, basis).periods


def statement(scope: Scope, *, statement_id: str) -> Statement:
    """One statement by its id. Raises NoStatement, also where the scope may not see it."""
    row = frozen_statement(statement_id)
    if row is None or not scope.holds(row.consumer, last_day(row.period)):
        raise NoStatement(
            f"There is no statement '{statement_id}' in force, or none that you may see. "
            "The list of statements has those of every period."
        )
    book = open_book(scope, row.run_period.basis)
    names = {entity.code: entity.name for entity in entities()}
    own = book.own(row.period, row.consumer, (row.legal_entity, row.currency))
    return _statement(book, own[0], names)


def _book(scope: Scope, basis: str | None) -> Book:
    run = bases_run()
    chosen = require_basis(basis) if basis else (run[0] if run else "effective")
    return open_book(scope, chosen)


def _periods(book: Book, periods: Sequence[str] | None) -> tuple[str, ...]:
    if periods is None:
        return book.periods[-1:]
    missing = [period for period in periods if period not in book.periods]
    if missing:
        raise NotRun(
            f"{', '.join(missing)}: no run on {book.basis} cost is in force. Import the period's "
            f"cost and run it: bursar run --period {missing[0]}."
        )
    return tuple(sorted(set(periods)))


def _of(book: Book, period: str, consumer: str) -> list[Charge]:
    """Her own charges and her roll-up; none of somebody above the scope, who is more than it."""
    if not book.scope.holds(consumer, last_day(period)):
        return []
    own = book.own(period, consumer)
    return own + (book.rolled_up(period, consumer) if book.has_children(period, consumer) else [])


def _statement(book: Book, charge: Charge, names: dict[str, str]) -> Statement:
    earlier = before(charge.period, book.periods)
    previous = _same(book, charge, earlier) if earlier else None
    change = ratio = None
    if previous is not None:
        change = EXACT.subtract(charge.total.printed, previous.total.printed)
        base = abs(previous.total.printed)
        ratio = ratio_of(change, base) if base else None
    lines = _lines(charge, previous, earlier)
    version = charge.run.model_version
    return Statement(
        statement_id=charge.statement_id,
        consumer=charge.consumer,
        period=charge.period,
        legal_entity=charge.legal_entity,
        legal_entity_name=names.get(charge.legal_entity, charge.legal_entity),
        currency=charge.currency,
        basis=book.basis,
        rollup=bool(charge.below),
        below=charge.below,
        total=charge.total.exact,
        document_total=charge.total.printed,
        previous_period=earlier if previous is not None else None,
        previous_total=previous.total.printed if previous is not None else None,
        change=change,
        change_ratio=ratio,
        lines=lines,
        disclosed=_disclosed(charge, book.basis),
        past=book.past(charge),
        summary=summary(charge, lines, earlier if previous is not None else None, change, ratio),
        run_id=charge.run.run.run_id,
        model_version=version.number if version else None,
        model_name=version.name if version else "no model",
        published_at=charge.run.published_at.isoformat(),
        sha256=charge.sha256,
    )


def _same(book: Book, charge: Charge, period: str) -> Charge | None:
    """The same statement one period earlier; a roll-up under the organization of that period."""
    if charge.below:
        found = book.rolled_up(period, charge.consumer, charge.purse)
    else:
        found = book.own(period, charge.consumer, charge.purse)
    return found[0] if found else None


def _lines(
    charge: Charge, previous: Charge | None, earlier: str | None
) -> tuple[StatementLine, ...]:
    """The charge's lines in the frozen order, then those that ended since the period before."""
    known = previous.lines if previous is not None else {}
    gone = [key for key, amounts in known.items() if key not in charge.lines and amounts.printed]
    nothing = Amounts(Decimal(0), Decimal(0))
    made = []
    for key in [*charge.lines, *gone]:
        amounts = charge.lines.get(key, nothing)
        past = known.get(key, nothing).printed if previous is not None else None
        made.append(_line(charge, key, amounts, past, earlier, gone=key not in charge.lines))
    return tuple(made)


def _line(
    charge: Charge,
    key: LineKey,
    amounts: Amounts,
    past: Decimal | None,
    earlier: str | None,
    *,
    gone: bool,
) -> StatementLine:
    share = ratio_of(amounts.printed, charge.total.printed)
    solution, tower, cost_pool = key
    return StatementLine(
        solution=solution,
        tower=tower,
        cost_pool=cost_pool,
        amount=amounts.exact,
        document_amount=amounts.printed,
        share=share,
        previous=past,
        change=None if past is None else EXACT.subtract(amounts.printed, past),
        sentence=line_sentence(
            key,
            amount=amounts.printed,
            share=share,
            currency=charge.currency,
            past=past,
            earlier=earlier,
        ),
        gone=gone,
    )


def _disclosed(charge: Charge, basis: str) -> tuple[DisclosedPool, ...]:
    """Totals of the pools that the run's own model opens to everyone who pays for them."""
    version = charge.run.model_version
    if version is None:
        return ()
    found = []
    for pool in _open_pools(version.text, "total"):
        own = [a.exact for (_, _, name), a in charge.lines.items() if _is_of(name, pool)]
        if own:
            total, amount = _pool_total(charge, basis, pool), exact_sum(own)
            found.append(DisclosedPool(pool, total, amount, ratio_of(amount, total)))
    return tuple(found)


def is_disclosed(run: RunPeriod, pool: str, *, what: str = "total") -> bool:
    """Whether the run's own model opens this of the pool to everyone who pays for it: its total,
    the drivers' totals (`drivers`), or what the others pay, without names (`peers`)."""
    text = run.model_version.text if run.model_version else None
    return any(_is_of(pool, name) for name in _open_pools(text, what))


def _open_pools(text: str | None, what: str) -> tuple[str, ...]:
    """What each peer pays adds up to the total, so who may see peers may see it."""
    enough = {what, "peers"} if what == "total" else {what}
    disclosure = model_said(text).disclosure
    return tuple(sorted(pool for pool, words in disclosure.items() if enough & set(words)))


def _is_of(name: str, pool: str) -> bool:
    return name == pool or name.startswith(f"{pool} / ")


def _pool_total(charge: Charge, basis: str, pool: str) -> Decimal:
    """What the pool cost all in all; asked once for all who share it."""
    held, place = facts(), (charge.period, basis, charge.legal_entity, charge.currency, pool)

    def ask() -> Decimal:
        names = ("period", "basis", "entity", "currency", "pool")
        rows = held.ask(
            "SELECT amount FROM allocated WHERE period = $period AND basis = $basis "
            "AND legal_entity = $entity AND currency = $currency "
            "AND (cost_pool = $pool OR starts_with(cost_pool, $pool || ' / '))",
            dict(zip(names, place, strict=True)),
        )
        return exact_sum(row[0] for row in rows)

    return held.once(f"pool {place}", ask)
