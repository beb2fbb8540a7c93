"""What allocation says of a period before it is closed: is it run, does it reach, is it billed?"""

from __future__ import annotations

from decimal import Decimal

from bursar.allocate.inputs import basis_of
from bursar.allocate.models import ModelVersion, RunPeriod, Statement
from bursar.allocate.publishing import run_in_force
from bursar.allocate.queries import stale_periods
from bursar.core.money.amount import EXACT, exact_text
from bursar.core.money.currency import minor_digits
from bursar.office.calendar.closing import ClosingCheck, limit_of
from bursar.office.calendar.models import Period

RUN, UNALLOCATED, STATEMENTS = "allocation_run", "unallocated_low", "statements_issued"
UNALLOCATED_LIMIT = Decimal("0.01")
"""Share of a period's cost that may rest unallocated, unless somebody set another."""


def closing_checks(period: Period) -> list[ClosingCheck]:
    """The period was run as it stands now, little is unallocated, and statements are there."""
    if not ModelVersion.objects.exists():
        none = "No cost model was applied."
        return [
            ClosingCheck(RUN, "Allocation run", "not_used", none, "/model/"),
            ClosingCheck(UNALLOCATED, "Unallocated is low", "not_used", none, "/model/"),
            ClosingCheck(STATEMENTS, "Statements issued", "not_used", none, "/statements/"),
        ]
    basis = basis_of(period.code)
    current = run_in_force(period.code, basis)
    return [
        _run(period, current, basis),
        _unallocated(period, current),
        _statements(period, current),
    ]


def _run(period: Period, current: RunPeriod | None, basis: str) -> ClosingCheck:
    name, link = "Allocation run", "/model/"
    if current is None:
        text = f"Never run on the basis {basis}."
        return ClosingCheck(RUN, name, "open", text, link, due_days=8)
    if stale_periods(basis=basis, among={period.code}):
        text = f"{_run_told(current)} is stale: cost, drivers or the model changed since."
        return ClosingCheck(RUN, name, "open", text, link, due_days=8)
    return ClosingCheck(RUN, name, "done", f"{_run_told(current)}.", link, due_days=8)


def _run_told(current: RunPeriod) -> str:
    return f"Run of {current.run.started_at:%Y-%m-%d} by {current.run.started_by}"


def _unallocated(period: Period, current: RunPeriod | None) -> ClosingCheck:
    name, link = "Unallocated is low", f"/data/unmapped?period={period.code}"
    limit = limit_of(UNALLOCATED, UNALLOCATED_LIMIT)
    most = f"at most {_percent(limit)}"
    rows = [r for r in (current.balance if current else [])
            if r["legal_entity"] == period.legal_entity.code]  # fmt: skip
    if not rows:
        state = "open" if current is None else "done"
        text = f"Not run yet; {most}." if current is None else f"No cost; {most}."
        return ClosingCheck(UNALLOCATED, name, state, text, link, due_days=8)  # type: ignore[arg-type]
    told, over = [], False
    for row in rows:
        unallocated, cost = Decimal(row["unallocated"]), Decimal(row["cost_in"])
        # Compared without dividing, so that a period without cost is no special case.
        over = over or abs(unallocated) > EXACT.multiply(limit, abs(cost))
        currency = row["currency"]
        told.append(f"{_shown(unallocated, currency)} of {_shown(cost, currency)} {currency}")
    text = f"{', '.join(told)}; {most}."
    return ClosingCheck(UNALLOCATED, name, "open" if over else "done", text, link, due_days=8)


def _statements(period: Period, current: RunPeriod | None) -> ClosingCheck:
    name, link = "Statements issued", f"/statements/?period={period.code}"
    if current is None:
        return ClosingCheck(STATEMENTS, name, "open", "Not run yet.", link, due_days=10)
    entity = period.legal_entity.code
    count = Statement.objects.filter(run_period=current, legal_entity=entity).count()
    if not count:
        return ClosingCheck(STATEMENTS, name, "not_used", "No consumer is charged.", link)
    return ClosingCheck(STATEMENTS, name, "done", f"{count} issued.", link, due_days=10)


def _shown(amount: Decimal, currency: str) -> str:
    return f"{amount.quantize(Decimal(1).scaleb(-minor_digits(currency))):,f}"


def _percent(share: Decimal) -> str:
    return f"{exact_text(EXACT.multiply(share, Decimal(100)))} %"
