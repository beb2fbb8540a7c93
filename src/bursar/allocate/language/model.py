"""The cost model as it is used: what its text says, checked, frozen and free of YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bursar.allocate.language.columns import line_columns
from bursar.allocate.language.driver_notes import DriverNote
from bursar.allocate.language.members import DeclaredMember
from bursar.core.calc.allocation.adjusting import Closing
from bursar.core.calc.allocation.intercompany import Intercompany
from bursar.core.calc.allocation.model import LATER, Step
from bursar.core.calc.classification import ClassRule, columns_read
from bursar.office.reference.hierarchy import Branch


@dataclass(frozen=True)
class CostModel:
    """Who pays for what, and by which rules.

    An installation without a model runs with `CostModel()`: everything stays visibly
    unclassified and unallocated.
    """

    name: str = "No model"
    taxonomy: str | None = None
    basis: str = "effective"
    promote: tuple[str, ...] = ()
    """Columns that become dimensions, as the ledger names them (`tag.team`, `x_cost_code`)."""
    members: tuple[DeclaredMember, ...] = ()
    branches: Mapping[str, tuple[Branch, ...]] = field(default_factory=dict)
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Every name that may be used, by layer: the taxonomy's and the declared ones."""
    rules: tuple[ClassRule, ...] = ()
    steps: tuple[Step, ...] = ()
    disclosure: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Pool → what of the whole everyone who pays for it may see: total, drivers, peers."""
    scale: int | None = None
    review: str = "optional"
    """`required`: only what a second person reviewed is put in force."""
    intercompany: Intercompany | None = field(default=None, metadata=LATER)
    """How legal entities charge each other; None: agreements change nothing."""
    driver_notes: Mapping[str, DriverNote] = field(default_factory=dict)

    @property
    def columns_read(self) -> tuple[str, ...]:
        """Every column that some classification rule looks at."""
        return columns_read(self.rules)

    @property
    def line_columns(self) -> tuple[str, ...]:
        """Those of them that only lines have; with any, classifying reads the lines."""
        return line_columns(self.columns_read, self.promote)

    @property
    def drivers(self) -> tuple[str, ...]:
        """Names of the drivers that the steps measure by."""
        names = {name for step in self.steps for rule in step.rules for name in rule.measures}
        return tuple(sorted(names))

    @property
    def drivers_named(self) -> frozenset[str]:
        """Those and the ones that count a service or are alternatives."""
        rules = [rule for step in self.steps for rule in step.rules]
        counted = (name for m in self.members for name in (m.volume, m.output) if name)
        return frozenset((*self.drivers, *counted, *(d for r in rules for d in r.alternatives)))


def closing_within(model: CostModel, first: date, days: int) -> dict[str, Closing]:
    """Consumers that are closed before the period ends, with the days they are open in it."""
    found = {}
    for member in model.members:
        if member.layer == "consumer" and member.until is not None:
            open_days = (member.until - first).days
            if open_days < days:
                found[member.name] = Closing(max(open_days, 0), days, member.successor)
    return found
