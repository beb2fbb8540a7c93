"""Which taxonomy the results of a period were made under, and what hung below its names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bursar.allocate.inputs import frozen_inputs
from bursar.allocate.models import RunPeriod
from bursar.allocate.queries import runs_in_force
from bursar.allocate.versions import model_of
from bursar.core.calc.taxonomy.restate import Place
from bursar.office.reference.packs import SEPARATOR, read_pack


@dataclass(frozen=True)
class Naming:
    """The taxonomy of one period's results (None: every name is an own one), and own parents.

    Parents are those frozen with the run, so that a later change of the tree moves no figure.
    """

    taxonomy: str | None = None
    parents: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    def place(self, layer: str, name: str) -> Place:
        """The taxonomy's name that this one is, or hangs below (rules TX10 and TX13)."""
        if self.taxonomy is None:
            return Place(name)
        return self._climb(layer, name, read_pack(self.taxonomy).names(layer), set()) or Place(name)

    def _climb(self, layer: str, name: str, known: frozenset[str], seen: set[str]) -> Place | None:
        if name in known:
            return Place(name)
        seen.add(name)
        head, _, last = name.rpartition(SEPARATOR)
        steps = [(head, last)] if head else []
        steps += [(above, name) for above in self.parents.get(layer, {}).get(name, ())]
        for above, below in steps:
            found = None if above in seen else self._climb(layer, above, known, seen)
            if found is not None:
                own = f"{found.own}{SEPARATOR}{below}" if found.own else below
                return Place(found.node, own)
        return None


def namings(periods: Sequence[str], basis: str) -> dict[str, Naming]:
    """By period; a basis that was not run is named as another one's run named it."""
    chosen: dict[str, RunPeriod] = {}
    for run in runs_in_force(periods=periods):
        rank = (run.basis != basis, run.basis != "effective")
        held = chosen.get(run.period)
        if held is None or rank < (held.basis != basis, held.basis != "effective"):
            chosen[run.period] = run
    return {period: _naming(chosen.get(period)) for period in periods}


def _naming(run: RunPeriod | None) -> Naming:
    if run is None or run.model_version is None:
        return Naming()
    model = model_of(run.model_version)
    parents: dict[str, dict[str, list[str]]] = {}
    for layer in ("cost_pool", "tower"):
        for branch in model.branches.get(layer, ()):
            parents.setdefault(layer, {}).setdefault(branch.child, []).append(branch.parent)
    hierarchy = frozen_inputs(run).content.get("hierarchy", {})
    return Naming(model.taxonomy, {**parents, "solution": hierarchy.get("solution", {})})
