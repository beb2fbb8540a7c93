"""Statements: what each consumer is charged for a period, frozen with a hash (rules M7 to M9).

Exact amounts are those of the run; document amounts are what the paper prints.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.allocate.issuing import Issued, Payer
from bursar.allocate.language.canonical import canonical_text
from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.money.currency import minor_digits
from bursar.core.money.rounding import largest_remainder, round_half_up

_KEYS = ("solution", "tower", "cost_pool")


@dataclass(frozen=True)
class StatementData:
    """One statement, complete, before it has a row."""

    statement_id: str
    payer: Payer
    period: str
    basis: str
    scenario: str
    total: Decimal
    document_total: Decimal
    lines: tuple[dict[str, str | None], ...]

    @property
    def issued(self) -> Issued:
        return Issued(self.total, self.document_total)

    @property
    def content(self) -> dict[str, Any]:
        """Everything that the hash covers."""
        return {
            "statement_id": self.statement_id,
            **self.payer._asdict(),
            "period": self.period,
            "basis": self.basis,
            "scenario": self.scenario,
            "total": exact_text(self.total),
            "document_total": exact_text(self.document_total),
            "lines": list(self.lines),
        }

    @property
    def sha256(self) -> str:
        return hashlib.sha256(canonical_text(self.content).encode()).hexdigest()


def write_statements(
    allocated: pa.Table, *, run_id: str, issued: Mapping[Payer, Issued]
) -> list[StatementData]:
    """The statements of one period's allocated lines, in order of their payers.

    `issued` is what the same payers were charged earlier in the fiscal year.
    """
    payable = allocated.filter(pc.equal(allocated["outcome"], "allocated"))
    if not payable.num_rows:
        return []
    by_payer: dict[Payer, dict[tuple[str | None, ...], list[Decimal]]] = {}
    names = (*Payer._fields, *_KEYS, "amount")
    for *who, solution, tower, pool, amount in zip(
        *(payable[name].to_pylist() for name in names), strict=True
    ):
        key = (solution, tower, pool)
        by_payer.setdefault(Payer(*who), {}).setdefault(key, []).append(amount)
    period, basis, scenario = (payable[n][0].as_py() for n in ("period", "basis", "scenario"))
    heading = (period, basis, scenario)
    return [
        _statement(payer, by_payer[payer], heading, run_id, issued.get(payer, Issued()))
        for payer in sorted(by_payer)
    ]


def _statement(
    payer: Payer,
    amounts: Mapping[tuple[str | None, ...], list[Decimal]],
    heading: tuple[str, str, str],
    run_id: str,
    before: Issued,
) -> StatementData:
    period, basis, scenario = heading
    digits = minor_digits(payer.currency)
    keys = sorted(amounts, key=_sort_key)
    exact = [exact_sum(amounts[key]) for key in keys]
    total = exact_sum(exact)
    to_date = round_half_up(exact_sum((before.exact, total)), digits)
    document_total = exact_sum((to_date, -before.printed))
    printed = _printed(exact, [_sort_key(key) for key in keys], digits, document_total)
    lines = tuple(
        {
            **dict(zip(_KEYS, key, strict=True)),
            "amount": exact_text(amount),
            "document_amount": exact_text(shown),
        }
        for key, amount, shown in zip(keys, exact, printed, strict=True)
    )
    name = _statement_id(payer, period, run_id)
    return StatementData(name, payer, period, basis, scenario, total, document_total, lines)


def _printed(
    exact: list[Decimal], keys: list[tuple[str, ...]], digits: int, total: Decimal
) -> list[Decimal]:
    """Lines in the minor unit that add up to the document's total.

    Where all lines are zero, a cent of earlier periods stands on the first line.
    """
    if any(exact):
        return largest_remainder(exact, keys=keys, digits=digits, total=total)
    return [total, *(Decimal(0) for _ in exact[1:])]


def _statement_id(payer: Payer, period: str, run_id: str) -> str:
    """Readable, and unique by a hash where two names look alike."""
    slug = re.sub(r"[^a-z0-9]+", "-", payer.consumer.lower()).strip("-")[:24] or "consumer"
    digest = hashlib.sha256(canonical_text([run_id, *payer]).encode()).hexdigest()[:8]
    return f"S-{period}-{slug}-{digest}"


def _sort_key(key: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(part or "" for part in key)
