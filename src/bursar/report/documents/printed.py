"""A statement's words and figures as a printed page needs them: text only, already formatted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_sum
from bursar.report.statement import Statement, StatementLine
from bursar.report.wording import (
    currency_name,
    money,
    percent,
    period_name,
    signed_money,
    signed_percent,
)

BASIS_TOLD = {
    "billed": "Billed cost: what suppliers have invoiced for the period.",
    "effective": "Effective cost: prepaid and committed spend is spread over the time it is used.",
    "contracted": "Contracted cost: usage at the negotiated price.",
    "list": "List cost: usage at the public price.",
    "booked": "Booked cost: what the general ledger holds.",
}


def printed(statement: Statement) -> dict[str, Any]:
    """Everything that the printed template shows, in the order in which it shows it."""
    currency = statement.currency
    return {
        "company": statement.legal_entity_name,
        "consumer": statement.consumer,
        "period": period_name(statement.period),
        "period_code": statement.period,
        "currency": currency,
        "currency_name": currency_name(currency),
        "basis": statement.basis,
        "basis_told": BASIS_TOLD[statement.basis],
        "rollup": list(statement.below),
        "total": money(statement.document_total, currency),
        "change": _change(statement),
        "summary": statement.summary,
        "groups": [_group(name, lines, statement) for name, lines in grouped(statement.lines)],
        "has_previous": statement.previous_total is not None,
        "previous_name": period_name(statement.previous_period or ""),
        "previous_total": _optional(statement.previous_total, currency),
        "total_change": _optional(statement.change, currency, signed=True),
        "sentences": [x.sentence for x in _largest(statement.lines)],
        "disclosed": [
            {
                "pool": pool.pool,
                "total": money(pool.pool_total, currency),
                "own": money(pool.own_amount, currency),
                "share": percent(pool.share),
            }
            for pool in statement.disclosed
        ],
        "statement_id": statement.statement_id or "roll-up, not issued on its own",
        "sha256": statement.sha256,
        "run_id": statement.run_id,
        "model": _model(statement),
        "published": statement.published_at[:16].replace("T", " ") + " UTC",
    }


def grouped(lines: Sequence[StatementLine]) -> list[tuple[str, list[StatementLine]]]:
    """Lines by solution, the largest solution first and its largest line first."""
    found: dict[str, list[StatementLine]] = defaultdict(list)
    for line in lines:
        found[line.solution].append(line)
    size = {name: exact_sum(x.document_amount for x in part) for name, part in found.items()}
    ordered = sorted(found, key=lambda name: (-size[name], name))
    return [(name, sorted(found[name], key=_by_size)) for name in ordered]


def _by_size(line: StatementLine) -> tuple[Decimal, str, str]:
    return -line.document_amount, line.tower, line.cost_pool


def _group(name: str, lines: Sequence[StatementLine], statement: Statement) -> dict[str, Any]:
    currency = statement.currency
    known = statement.previous_total is not None
    previous = exact_sum(x.previous or Decimal(0) for x in lines)
    total = exact_sum(x.document_amount for x in lines)
    return {
        "solution": name,
        "total": money(total, currency),
        "share": percent(exact_sum(x.share for x in lines)),
        "previous": money(previous, currency) if known else "",
        "change": signed_money(EXACT.subtract(total, previous), currency) if known else "",
        "lines": [
            {
                "tower": line.tower,
                "pool": line.cost_pool,
                "amount": money(line.document_amount, currency),
                "share": percent(line.share),
                "previous": _optional(line.previous, currency),
                "change": _optional(line.change, currency, signed=True),
            }
            for line in lines
        ],
    }


def _optional(amount: Decimal | None, currency: str, *, signed: bool = False) -> str:
    if amount is None:
        return ""
    return signed_money(amount, currency) if signed else money(amount, currency)


def _change(statement: Statement) -> str:
    """'12.0 % more than in March 2026 (+1,234.00)': sign and word, never colour alone."""
    if statement.change is None or statement.previous_period is None:
        return "The first statement of this consumer"
    then = period_name(statement.previous_period)
    if statement.change == 0:
        return f"The same as in {then}"
    word = "more" if statement.change > 0 else "less"
    amount = signed_money(statement.change, statement.currency)
    if statement.change_ratio is None:
        return f"{amount}, {word} than in {then}"
    size = signed_percent(abs(statement.change_ratio)).lstrip("+")
    return f"{size} {word} than in {then} ({amount})"


def _largest(lines: Sequence[StatementLine], most: int = 5) -> list[StatementLine]:
    return sorted(lines, key=_by_size)[:most]


def _model(statement: Statement) -> str:
    if statement.model_version is None:
        return "none"
    return f"{statement.model_name}, version {statement.model_version}"
