"""One workbook, learned: its charges, how each pool is explained, and its own errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bursar.core.calc.learning.errors import NotCalculated, NothingNumeric
from bursar.core.calc.learning.explain import Explanation, Pool, Sources, explanations, rates
from bursar.core.calc.learning.facts import Names, Vector, matrices, vectors
from bursar.core.calc.learning.findings import Finding, find_errors
from bursar.core.calc.learning.flows import Flows, find_flows
from bursar.core.calc.learning.grid import Workbook
from bursar.core.calc.learning.tables import find_tables


@dataclass(frozen=True)
class LearnedPool:
    """A pool with every way that reproduces it equally well; the first is proposed."""

    pool: Pool
    explanations: tuple[Explanation, ...]

    @property
    def proposed(self) -> Explanation | None:
        return self.explanations[0] if self.explanations else None


@dataclass(frozen=True)
class Learned:
    """What a workbook teaches."""

    flows: Flows
    pools: tuple[LearnedPool, ...]
    findings: tuple[Finding, ...]


def learn(workbook: Workbook) -> Learned:
    """Refusals: learn.nothing_numeric, learn.not_calculated, learn.no_results."""
    _refuse_empty(workbook)
    names = Names()
    tables = [table for sheet in workbook.sheets for table in find_tables(sheet)]
    found = [vector for table in tables for vector in vectors(table, names)]
    pairs = [matrix for table in tables for matrix in matrices(table, names)]
    flows = find_flows(found, pairs)
    sources = Sources(_drivers(found, flows))
    learned = []
    for name in flows.order:
        pool = Pool(name, flows.cost_in(name), flows.charged[name], flows.open_to(name))
        ways = [] if name in flows.circle else _ranked(pool, sources)
        learned.append(LearnedPool(pool, tuple(ways)))
    errors = find_errors(workbook, tables, found, flows)
    return Learned(flows, tuple(learned), tuple(errors))


def _refuse_empty(workbook: Workbook) -> None:
    cells = [cell for sheet in workbook.sheets for cell in sheet.cells.values()]
    waiting = sum(cell.formula is not None and cell.value is None for cell in cells)
    if waiting * 2 > sum(cell.formula is not None for cell in cells) > 0:
        raise NotCalculated(
            f"{waiting} formulas of the workbook have no result, as it was never calculated. Open "
            "it in a spreadsheet program, save it, and learn from that."
        )
    if not any(cell.number is not None for cell in cells):
        raise NothingNumeric(
            "No sheet of the workbook has a number. Numbers that are stored as text count as text: "
            "convert them in the spreadsheet program and save it."
        )


def _ranked(pool: Pool, sources: Sources) -> list[Explanation]:
    """A rate that reproduces more than every division of the cost comes first, else after them."""
    ways, rated = explanations(pool, sources), rates(pool, sources)
    most = max((one.money for one in [*ways, *rated]), default=None)
    best = [one for one in [*ways, *rated] if one.money == most]
    return sorted(best, key=lambda one: one.rank) or ways


def _drivers(found: Sequence[Vector], flows: Flows) -> list[Vector]:
    """Every line of numbers that is no charge; what is typed comes before what is calculated."""
    charges = flows.places
    kept = [
        vector
        for vector in found
        if not any(p in charges for f in vector.figures.values() for p in f.places)
    ]
    once: dict[object, Vector] = {}
    for vector in kept:
        places = tuple(sorted(p for f in vector.figures.values() for p in f.places))
        once.setdefault((places, tuple(vector.figures)), vector)
    return sorted(once.values(), key=lambda vector: (vector.total, not vector.typed))
