"""The balance of a run: all money that came in, and where every unit of it rests.

cost_in + markup = allocated + retained + unallocated + recovery_gap + rounding
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.core.refusal import InvariantBroken
from bursar.core.tables.table import LEDGER

TERMS = ("cost_in", "markup", "allocated", "retained", "unallocated", "recovery_gap", "rounding")
OUTCOMES = ("allocated", "retained", "unallocated", "recovery_gap", "markup")
_PURSE = ("legal_entity", "currency")
_WIDE = pa.decimal256(76, LEDGER.scale)
Purse = tuple[str, str]
"""Legal entity and currency."""


@dataclass(frozen=True)
class BalanceRow:
    """One legal entity and currency of one period; every term is there, zeros too."""

    legal_entity: str
    currency: str
    terms: Mapping[str, Decimal]

    def to_json(self) -> dict[str, str]:
        texts = {term: exact_text(self.terms[term]) for term in TERMS}
        return {"legal_entity": self.legal_entity, "currency": self.currency, **texts}


def balance(
    cost_in: Mapping[Purse, Decimal],
    allocated: pa.Table,
    rounding: Mapping[Purse, Decimal],
) -> list[BalanceRow]:
    """The balance of one period's lines; raises InvariantBroken where it does not hold."""
    resting = outcomes(allocated)
    rows = []
    for purse in sorted({*cost_in, *resting}):
        terms = dict.fromkeys(TERMS, Decimal(0))
        terms["cost_in"] = cost_in.get(purse, Decimal(0))
        terms["rounding"] = rounding.get(purse, Decimal(0))
        terms |= terms_of(resting.get(purse, {}))
        row = BalanceRow(*purse, terms)
        require_balance(row.terms, f"{purse[0]} {purse[1]}")
        rows.append(row)
    return rows


def outcomes(allocated: pa.Table) -> dict[Purse, dict[str, Decimal]]:
    """Per legal entity and currency, what rests under each outcome, exactly."""
    found: dict[Purse, dict[str, Decimal]] = {}
    for entity, currency, outcome, amount in _sums(allocated, [*_PURSE, "outcome"]):
        found.setdefault((entity, currency), {})[outcome] = amount
    return found


def terms_of(resting: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Outcomes as terms: a markup rests with its sign turned, and came in beside cost."""
    return {
        outcome: EXACT.minus(amount) if outcome == "markup" else amount
        for outcome, amount in resting.items()
    }


def by_owner(amounts: pa.Table) -> dict[Purse, Decimal]:
    """Rows of legal_entity, currency and amount, summed exactly."""
    return {(entity, currency): amount for entity, currency, amount in _sums(amounts, _PURSE)}


def _sums(table: pa.Table, keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    wide = table["amount"].cast(_WIDE)  # no sum of amounts of 38 digits leaves 76
    grouped = table.select(list(keys)).append_column("amount", wide).group_by(list(keys))
    sums = grouped.aggregate([("amount", "sum")])
    yield from zip(*(sums[name].to_pylist() for name in (*keys, "amount_sum")), strict=True)


def require_balance(terms: Mapping[str, Decimal], what: str) -> None:
    """Raises InvariantBroken unless what came in is exactly what rests."""
    came = exact_sum((terms["cost_in"], terms["markup"]))
    rests = exact_sum(terms[term] for term in TERMS[2:])
    if came != rests:
        difference = exact_text(EXACT.subtract(came, rests))
        raise InvariantBroken(
            f"{what}: {exact_text(came)} came in and {exact_text(rests)} rests, "
            f"a difference of {difference}."
        )


def require_same(one: Mapping[Purse, Decimal], other: Mapping[Purse, Decimal], what: str) -> None:
    """Raises InvariantBroken unless two ways of summing gave the same, zeros aside."""
    for purse in sorted({*one, *other}):
        first, second = one.get(purse, Decimal(0)), other.get(purse, Decimal(0))
        if first != second:
            raise InvariantBroken(
                f"{what}: {' '.join(purse)} is {exact_text(first)} one way and "
                f"{exact_text(second)} the other."
            )


def by_purse(rows: Iterable[tuple[str, str, Decimal]]) -> dict[Purse, Decimal]:
    """Amounts summed per legal entity and currency, exactly."""
    found: dict[Purse, list[Decimal]] = {}
    for entity, currency, amount in rows:
        found.setdefault((entity, currency), []).append(amount)
    return {purse: exact_sum(amounts) for purse, amounts in found.items()}
