"""What there is to choose: periods, currencies, entities, consumers and dimensions, in scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bursar.allocate.versions import version_in_force
from bursar.core.tables.cube import BASES
from bursar.office.manifest import writing as manifest
from bursar.office.people.scope import Scope
from bursar.office.reference.hierarchy import tree
from bursar.office.reference.models import Layer
from bursar.report.dimensions import DAY, LAYERS, RESTING
from bursar.report.facts import Facts, facts
from bursar.report.periods import Organization, last_day


@dataclass(frozen=True)
class Choices:
    periods: tuple[str, ...]
    """Newest first; for a restricted scope only periods that were run."""
    run_periods: tuple[str, ...]
    currencies: tuple[str, ...]
    """The one with most money first."""
    legal_entities: tuple[str, ...]
    bases: tuple[str, ...]
    consumers: tuple[str, ...]
    dimensions: tuple[str, ...]
    """What `costs` takes in this scope."""
    model_version: int | None
    data_as_of: str | None
    """UTC moment of the newest publication, ISO 8601."""

    def to_json(self) -> dict[str, Any]:
        return {name: list(v) if isinstance(v, tuple) else v for name, v in vars(self).items()}


def choices(scope: Scope) -> Choices:
    """What this scope can choose; somebody without any grant gets nothing to choose."""
    held = facts()
    run = sorted({r.period for r in held.runs}, reverse=True)
    version = version_in_force()
    periods, currencies, entities, bases = (
        held.once("choices", lambda: _everything(held))
        if scope.everything
        else _restricted(held, scope, run)
    )
    return Choices(
        periods=tuple(sorted(periods, reverse=True)),
        run_periods=tuple(run),
        currencies=tuple(currencies),
        legal_entities=tuple(sorted(entities)),
        bases=tuple(b for b in BASES if b in bases),
        consumers=_consumers(scope, run),
        dimensions=_dimensions(held, scope),
        model_version=version.number if version and scope.everything else None,
        data_as_of=_published_at(),
    )


Found = tuple[set[str], list[str], set[str], set[str]]


def _everything(held: Facts) -> Found:
    ledger = held.ledger()
    lines: dict[str, int] = {}
    entities: set[str] = set()
    for row in ledger.sums(by=("legal_entity",)).to_pylist():
        lines[row["currency"]] = lines.get(row["currency"], 0) + row["lines"]
        entities.add(row["legal_entity"])
    periods = {*held.ledger_periods(), *(r.period for r in held.runs)}
    return periods, sorted(lines, key=lambda c: (-lines[c], c)), entities, set(ledger.bases())


def _restricted(held: Facts, scope: Scope, run: list[str]) -> Found:
    rows = held.ask(
        "SELECT a.period, a.currency, a.legal_entity, a.basis, count(*) FROM allocated a "
        "JOIN place p ON p.period = a.period AND p.consumer = a.consumer GROUP BY ALL",
        tables={"place": Organization(scope, run).table()},
    )
    lines: dict[str, int] = {}
    for _, currency, _, _, count in rows:
        lines[currency] = lines.get(currency, 0) + count
    ranked = sorted(lines, key=lambda c: (-lines[c], c))
    return {r[0] for r in rows}, ranked, {r[2] for r in rows}, {r[3] for r in rows}


def _consumers(scope: Scope, run: list[str]) -> tuple[str, ...]:
    """Everybody the scope held in a period that was run, and holds today."""
    if scope.everything:
        return tuple(sorted(tree(Layer.CONSUMER).members))
    names: set[str] = set(scope.consumers() or ())
    for period in run:
        names |= scope.consumers(last_day(period)) or set()
    return tuple(sorted(names))


def _dimensions(held: Facts, scope: Scope) -> tuple[str, ...]:
    shared = (*LAYERS, "legal_entity", "period")
    if not scope.everything:
        return shared
    ledger = tuple(n for n in held.dimension_names() if n not in shared)
    return (*shared, *RESTING, DAY, *ledger)


def _published_at() -> str | None:
    newest = manifest.in_force().order_by("-published_at").values_list("published_at", flat=True)
    moment = newest.first()
    return moment.isoformat() if moment else None
