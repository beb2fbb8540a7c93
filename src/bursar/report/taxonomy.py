"""The same results under two taxonomies, side by side, each difference with its crosswalk row.

Nothing is stored: figures are those of `costs`, restated when asked (rules TX6-TX15).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bursar.allocate.naming import Naming, namings
from bursar.core.calc.taxonomy.crosswalk import Crosswalk
from bursar.core.calc.taxonomy.restate import Move, Place, restate
from bursar.core.money.amount import LEDGER_PLACES, exact_text
from bursar.core.money.units import to_units
from bursar.office.people.scope import Scope
from bursar.office.reference.crosswalks import Way, way
from bursar.office.reference.packs import LAYERS
from bursar.report.costs import costs
from bursar.report.dimensions import UNSET
from bursar.report.errors import UnknownDimension
from bursar.report.side_by_side import SideBySide, SideRow, Sides, side_by_side

Cells = dict[tuple[str, str, str], dict[str, int]]
"""Units of each name by (period, legal entity, currency)."""


@dataclass(frozen=True)
class Comparison:
    """One layer's figures under two taxonomies."""

    source: str
    target: str
    layer: str
    basis: str
    periods: tuple[str, ...]
    made_under: Mapping[str, str | None]
    versions: Mapping[str, str]
    """Version of the crosswalk by 'from > to', of each that was walked."""
    currencies: tuple[SideBySide, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "from": self.source,
            "to": self.target,
            "layer": self.layer,
            "basis": self.basis,
            "periods": list(self.periods),
            "made_under": dict(self.made_under),
            "crosswalks": dict(self.versions),
            "currencies": [
                {
                    "currency": each.currency,
                    "from_total": exact_text(each.total),
                    "to_total": exact_text(each.total),
                    "from_not_decided": exact_text(each.undecided("before")),
                    "to_not_decided": exact_text(each.undecided("after")),
                    "rows": [_row_json(row) for row in each.rows],
                }
                for each in self.currencies
            ],
            "notes": list(self.notes),
        }


def _row_json(row: SideRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "depth": row.depth,
        "from": None if row.before is None else exact_text(row.before),
        "to": None if row.after is None else exact_text(row.after),
        "difference": exact_text(row.difference),
        "reasons": [
            {
                "direction": reason.direction,
                "name": reason.other,
                "amount": exact_text(reason.amount),
                "rows": [{"name": n, "kind": k, "why": w} for n, k, w in reason.rows],
            }
            for reason in row.reasons
        ],
    }


def compare_taxonomies(
    scope: Scope,
    *,
    source: str,
    target: str,
    layer: str = "tower",
    periods: Sequence[str] | None = None,
    basis: str = "effective",
    filters: Sequence[tuple[str, str]] = (),
    decision: int | None = None,
    depth: int | None = None,
) -> Comparison:
    """Totals of a layer (cost_pool, tower, solution) under two taxonomies, side by side.

    `decision` is the version of own crosswalk rows (0: as shipped; None: newest), `depth` the
    lowest level told (1: pools, towers and types alone). Raises UnknownPack, NoCrosswalk and what
    `costs` raises.
    """
    if layer not in LAYERS:
        raise UnknownDimension(
            f"A taxonomy names no layer '{layer}'. Choose one of {', '.join(LAYERS)}."
        )
    way(source, target, decision=decision)
    found = costs(
        scope, by=[layer, "period", "legal_entity"], periods=periods, basis=basis, filters=filters
    )
    cells: Cells = defaultdict(lambda: defaultdict(int))
    for row in found.rows:
        told = row.dimensions
        key = (str(told["period"]), str(told["legal_entity"]), row.currency)
        cells[key][str(told[layer])] += to_units(row.amount, LEDGER_PLACES)
    made = namings(found.periods, basis)
    walked: dict[tuple[str, str], Way] = {}
    sides: dict[str, Sides] = defaultdict(Sides)
    for (period, _, currency), units in cells.items():
        naming = made[period]
        places = _placed(naming, layer, units)
        left, right = (
            _moves(naming.taxonomy, side, places, layer=layer, walked=walked, decision=decision)
            for side in (source, target)
        )
        sides[currency].add(units, left, right)
    return Comparison(
        source=source,
        target=target,
        layer=layer,
        basis=basis,
        periods=found.periods,
        made_under={period: naming.taxonomy for period, naming in made.items()},
        versions={f"{a} > {b}": each.version for (a, b), each in walked.items()},
        currencies=tuple(
            side_by_side(currency, each, depth) for currency, each in sorted(sides.items())
        ),
        notes=(*found.notes, *_named_nothing(made)),
    )


def _named_nothing(made: Mapping[str, Naming]) -> list[str]:
    plain = sorted(period for period, naming in made.items() if naming.taxonomy is None)
    if not plain:
        return []
    named = ", ".join(plain) if len(plain) <= 3 else f"{plain[0]} to {plain[-1]}"
    return [f"{named}: no run whose model names a taxonomy, so every name stays as it is."]


def _placed(naming: Naming, layer: str, units: Mapping[str, int]) -> dict[Place, int]:
    found: dict[Place, int] = defaultdict(int)
    for name, amount in units.items():
        place = Place(name) if name == UNSET[layer] else naming.place(layer, name)
        found[place] += amount
    return found


def _moves(
    made: str | None,
    side: str,
    places: Mapping[Place, int],
    *,
    layer: str,
    walked: dict[tuple[str, str], Way],
    decision: int | None,
) -> list[Move]:
    """How the results come to one side's names; they stay where the side is their own taxonomy."""
    if made is None or made == side:
        return restate(places, Crosswalk({}))
    pair = (made, side)
    if pair not in walked:
        walked[pair] = way(made, side, decision=decision)
    return restate(places, walked[pair].layers[layer])
