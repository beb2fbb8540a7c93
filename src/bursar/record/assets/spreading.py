"""Each month's cost of all assets: depreciation, impairment, gain and loss (rules AS3-AS5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from bursar.core.calc.depreciation.clock import last_day, month_of, name_of
from bursar.core.calc.depreciation.many import charge_many, is_plain
from bursar.core.calc.depreciation.schedule import schedule
from bursar.core.calc.depreciation.terms import Terms
from bursar.record.assets.books import terms_of
from bursar.record.assets.fields import TRANSFER
from bursar.record.registers.period_lines import Amounts, cost_lines
from bursar.record.registers.register import Kept

DEPRECIATION, IMPAIRMENT = "depreciation", "impairment"
LOSS, GAIN = "disposal_loss", "disposal_gain"
_MOVED = ("cost_center", "location", "owner")


def spread_assets(assets: Sequence[Kept], first: str, last: str) -> pa.Table:
    """Cost lines of the main book; a transferred asset's months go to who bore them then."""
    bearers: list[Kept] = list(assets)
    amounts = Amounts()
    plain: dict[int, list[tuple[int, Terms]]] = {}
    end = last_day(_number(last))
    for place, asset in enumerate(assets):
        terms = terms_of(asset.content)
        if terms is None:
            continue
        moves = _moves(asset)
        if is_plain(terms) and not moves:
            plain.setdefault(terms.digits, []).append((place, terms))
            continue
        bearer = _bearers(asset, moves, place, bearers)
        for row in schedule(terms, through=end):
            if row.month >= first:
                where = bearer(row.month)
                amounts.add(where, row.month, DEPRECIATION, row.depreciation)
                amounts.add(where, row.month, IMPAIRMENT, row.impairment)
                part = LOSS if row.gain_or_loss < 0 else GAIN
                amounts.add(where, row.month, part, -row.gain_or_loss)
    for digits, group in plain.items():
        _extend(amounts, group, (first, last), digits)
    return cost_lines("asset", bearers, amounts, describe=[_told(a) for a in bearers])


def _extend(
    amounts: Amounts, group: Sequence[tuple[int, Terms]], span: tuple[str, str], digits: int
) -> None:
    places = pa.array([place for place, _ in group], pa.int64())
    first, last = (_number(month) for month in span)
    names = pa.array([name_of(month) for month in range(first, last + 1)])
    for charges in charge_many([terms for _, terms in group], first=first, last=last):
        months = names.take(pa.array(charges.month - first))
        record = places.take(pa.array(charges.asset))
        amounts.extend(record, months, DEPRECIATION, charges.units, digits=digits)


def _moves(asset: Kept) -> list[Mapping[str, Any]]:
    changes: Iterable[Mapping[str, Any]] = asset.content.get("changes", ())
    moves = [c for c in changes if c.get("kind") == TRANSFER and c.get("date")]
    return sorted(moves, key=lambda change: str(change["date"]))


def _bearers(
    asset: Kept, moves: Sequence[Mapping[str, Any]], place: int, bearers: list[Kept]
) -> Any:
    """From a month to the place of the asset as it was then; the record itself is its beginning.

    A transfer counts from the first day of its month.
    """
    content, steps = dict(asset.content), [("", place)]
    for move in moves:
        content = {**content, **{name: move[name] for name in _MOVED if name in move}}
        steps.append((str(move["date"])[:7], len(bearers)))
        bearers.append(Kept(asset.number, asset.version, content))
    return lambda month: [where for since, where in steps if since <= month][-1]


def _told(asset: Kept) -> str:
    return f"{asset.content.get('name', '')} ({asset.number})"


def _number(month: str) -> int:
    return month_of(date(int(month[:4]), int(month[5:7]), 1))
