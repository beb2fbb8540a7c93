"""The cost model as people read it: its steps as a graph, its rules and what each moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from yaml.nodes import SequenceNode

from bursar.allocate import queries
from bursar.allocate.entries import entries_of
from bursar.allocate.language.model import CostModel
from bursar.allocate.language.nodes import compose
from bursar.allocate.language.problems import Problems
from bursar.allocate.model_text import parse_model
from bursar.allocate.models import ModelVersion, RunPeriod
from bursar.allocate.run_files import read_run
from bursar.allocate.versions import model_of, version_in_force, version_numbered, versions
from bursar.core.calc.rule_note import MATURITIES, RuleNote
from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.core.money.units import from_units
from bursar.core.tables.allocation import (
    ALLOCATED_LINE,
    ALLOCATION_NODE,
    ALLOCATION_TRACE,
)
from bursar.office.people.scope import Scope
from bursar.report.balance import require_everything
from bursar.report.model_words import does_words, sets_words, when_words
from bursar.report.wording import ratio_of

UNSAID = "unsaid"
"""The maturity of a rule that does not tell its own."""


@dataclass(frozen=True)
class RuleView:
    """One rule in plain words, and the money it moved in the period shown."""

    name: str
    when: str
    does: str
    method: str
    driver: str | None
    note: RuleNote | None
    """What people say about it: description, who agreed to it and when, maturity."""
    taken: Decimal | None
    """What it moved or classified; None where the period was not run by this version."""

    def to_json(self) -> dict[str, Any]:
        note = self.note or RuleNote()
        agreed_on = note.agreed_on.isoformat() if note.agreed_on else None
        said = {**vars(note), "agreed_on": agreed_on} if self.note else None
        return {**vars(self), "note": said, "taken": _text(self.taken)}


@dataclass(frozen=True)
class StepView:
    """One step: 0 is the classification, the others fill the layer named."""

    number: int
    name: str
    fills: str
    """tower, solution or consumer; 'cost_pool' for the classification."""
    rules: tuple[RuleView, ...]
    amount_in: Decimal | None
    """What entered the model for the classification; what its rules moved for the others."""
    among: str | None = None
    """step_down or reciprocal, where members of the layer charge each other."""

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "name": self.name,
            "fills": self.fills,
            "among": self.among,
            "amount_in": _text(self.amount_in),
            "rules": [rule.to_json() for rule in self.rules],
        }


@dataclass(frozen=True)
class Covered:
    """How much of the money that a step moved, or that entered, is of one kind."""

    step: str
    """Name of the step; '' for all cost that entered."""
    kind: str
    """A maturity, or 'unsaid'; of what entered: 'classified', 'reaches a consumer'."""
    amount: Decimal
    whole: Decimal

    @property
    def share(self) -> Decimal:
        return ratio_of(self.amount, self.whole)

    def to_json(self) -> dict[str, Any]:
        told = {"amount": exact_text(self.amount), "of": exact_text(self.whole)}
        return {"step": self.step, "kind": self.kind, **told, "share": str(self.share)}


@dataclass(frozen=True)
class ModelView:
    """One version, with the figures of one period and currency where it was run."""

    number: int
    name: str
    basis: str
    in_force_from: str
    """First posting period; '' is ever."""
    applied_at: str
    applied_by: str
    comment: str
    text: str
    period: str | None
    currency: str | None
    steps: tuple[StepView, ...]
    resting: tuple[tuple[str, Decimal], ...]
    """(outcome, amount) of the period: allocated, retained, unallocated."""
    covered: tuple[Covered, ...]
    """Coverage by money, not by count; empty where the period was not run."""
    versions: tuple[dict[str, Any], ...]
    stale: tuple[str, ...]
    """Open periods whose cost, drivers or model changed since they were run, or never were."""

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.number,
            "name": self.name,
            "basis": self.basis,
            "in_force_from": self.in_force_from or None,
            "applied_at": self.applied_at,
            "applied_by": self.applied_by,
            "comment": self.comment,
            "text": self.text,
            "period": self.period,
            "currency": self.currency,
            "steps": [step.to_json() for step in self.steps],
            "resting": [{"outcome": o, "amount": exact_text(a)} for o, a in self.resting],
            "covered": [one.to_json() for one in self.covered],
            "versions": list(self.versions),
            "stale": list(self.stale),
        }


def model_view(
    scope: Scope,
    *,
    number: int | None = None,
    period: str | None = None,
    currency: str | None = None,
) -> ModelView | None:
    """A version (the newest where none is named), or None where no model was applied yet.

    Figures are those of the period, the newest that this version was run for where none is named.
    Raises BeyondScope for a restricted scope: rules and drivers name other consumers.
    """
    require_everything(scope, "The cost model")
    version = version_in_force() if number is None else version_numbered(number)
    if version is None:
        return None
    model = model_of(version)
    run = _run(version, model.basis, period)
    moved = _moved(run, currency) if run else _Moved()
    steps = _steps(model, moved)
    return ModelView(
        number=version.number,
        name=version.name,
        basis=model.basis,
        in_force_from=version.in_force_from,
        applied_at=version.applied_at.isoformat(),
        applied_by=version.applied_by,
        comment=version.comment,
        text=version.text,
        period=run.period if run else period,
        currency=moved.currency or currency,
        steps=(_classification(model, moved), *steps),
        resting=tuple(sorted(moved.resting.items())),
        covered=tuple(_covered(steps, moved)),
        versions=tuple(
            {
                "number": v.number,
                "name": v.name,
                "in_force_from": v.in_force_from,
                "applied_at": v.applied_at.isoformat(),
                "applied_by": v.applied_by,
                "comment": v.comment,
                "reviewed_by": v.draft.reviewed_by if hasattr(v, "draft") else "",
            }
            for v in versions()
        ),
        stale=tuple(queries.stale_periods(basis=model.basis)),
    )


def steps_of_text(scope: Scope, text: str) -> tuple[StepView, ...]:
    """The steps of a text that has no problem, without figures; none where it has one.

    Raises BeyondScope for a restricted scope.
    """
    require_everything(scope, "The cost model")
    model = parse_model(text).model
    if model is None:
        return ()
    return (_classification(model, _Moved()), *_steps(model, _Moved()))


def lines_of_text(text: str) -> dict[int, int]:
    """Step → the line on which it begins, from 1; 0 is the classification."""
    root = compose(text, Problems())
    found = {0: 1}
    for key, value in root.value if root is not None else ():
        if key.value == "classify":
            found[0] = key.start_mark.line + 1
        if key.value == "steps" and isinstance(value, SequenceNode):
            begins = (entry.start_mark.line + 1 for entry in value.value)
            found |= dict(enumerate(begins, start=1))
    return found


@dataclass
class _Moved:
    """Money of one period and currency, by what moved it."""

    currency: str | None = None
    classified: Mapping[str, Decimal] = field(default_factory=dict)
    entered: Decimal | None = None
    pooled: Decimal = Decimal(0)
    """What entered with a cost pool."""
    rules: Mapping[tuple[int, str], Decimal] = field(default_factory=dict)
    resting: Mapping[str, Decimal] = field(default_factory=dict)

    def of(self, known: Mapping[Any, Decimal], key: Any) -> Decimal | None:
        return known.get(key, Decimal(0)) if self.currency else None


def _run(version: ModelVersion, basis: str, period: str | None) -> RunPeriod | None:
    runs = queries.runs_in_force(basis=basis, periods=[period] if period else None)
    mine = [run for run in runs if run.model_version_id == version.pk]
    return mine[-1] if mine else None


def _moved(run: RunPeriod, currency: str | None) -> _Moved:
    nodes = read_run(run, ALLOCATION_NODE)
    money = currency or _main_currency(nodes)
    if money is None:
        return _Moved()
    nodes = nodes.filter(pc.equal(nodes["currency"], money))
    mine = nodes["node_id"]
    entries = entries_of(run)
    edges = read_run(run, ALLOCATION_TRACE)
    lines = read_run(run, ALLOCATED_LINE)
    entries = entries.filter(pc.is_in(entries["node_id"], value_set=mine))
    edges = edges.filter(pc.is_in(edges["from_node"], value_set=mine))
    lines = lines.filter(pc.equal(lines["currency"], money))
    classified: dict[str, Decimal] = defaultdict(Decimal)
    entered = []
    for names, units in _summed(entries, ["rules"]):
        amount = from_units(units, run.scale)
        entered.append(amount)
        for name in dict.fromkeys((names or "").split("; ")):
            classified[name] = EXACT.add(classified[name], amount)
    rules = {
        (step, rule): from_units(units, run.scale)
        for step, rule, units in _summed(edges, ["step", "rule"])
    }
    resting: dict[str, list[Decimal]] = defaultdict(list)
    for outcome, amount in zip(
        lines["outcome"].to_pylist(), lines["amount"].to_pylist(), strict=True
    ):
        resting[outcome].append(amount)
    sums = {outcome: exact_sum(amounts) for outcome, amounts in resting.items()}
    pooled = exact_sum(
        from_units(units, run.scale)
        for pool, units in _summed(nodes, ["cost_pool"], "direct_units")
        if pool is not None
    )
    return _Moved(money, classified, exact_sum(entered), pooled, rules, sums)


def _main_currency(nodes: pa.Table) -> str | None:
    sizes = sorted(_summed(nodes, ["currency"], "direct_units"), key=lambda row: -abs(row[1]))
    return sizes[0][0] if sizes else None


def _summed(table: pa.Table, keys: list[str], measure: str = "units") -> list[tuple[Any, ...]]:
    sums = table.group_by(keys, use_threads=False).aggregate([(measure, "sum")])
    columns = [sums[name].to_pylist() for name in (*keys, f"{measure}_sum")]
    return [(*key, int(units)) for *key, units in zip(*columns, strict=True)]


def _classification(model: CostModel, moved: _Moved) -> StepView:
    rules = tuple(
        RuleView(
            name=rule.name,
            when=when_words(rule.when),
            does=sets_words(rule),
            method="set",
            driver=None,
            note=rule.note,
            taken=moved.of(moved.classified, rule.name),
        )
        for rule in model.rules
    )
    return StepView(0, "classify", "cost_pool", rules, moved.entered)


def _steps(model: CostModel, moved: _Moved) -> list[StepView]:
    found = []
    for number, step in enumerate(model.steps, start=1):
        rules = tuple(
            RuleView(
                name=rule.name,
                when=when_words(rule.when),
                does=does_words(rule),
                method=rule.method,
                driver=rule.driver_label,
                note=rule.note,
                taken=moved.of(moved.rules, (number, rule.name)),
            )
            for rule in step.rules
        )
        amounts = [rule.taken for rule in rules if rule.taken is not None]
        total = exact_sum(amounts) if moved.currency else None
        found.append(StepView(number, step.name, step.to, rules, total, step.among))
    return found


def _covered(steps: list[StepView], moved: _Moved) -> Iterator[Covered]:
    """What is classified and reaches somebody, then each step's money by its rules' maturity."""
    if moved.currency is None or moved.entered is None:
        return
    charged = EXACT.add(
        moved.resting.get("allocated", Decimal(0)), moved.resting.get("markup", Decimal(0))
    )
    yield Covered("", "classified", moved.pooled, moved.entered)
    yield Covered("", "reaches a consumer", charged, moved.entered)
    for step in steps:
        for kind in (*reversed(MATURITIES), UNSAID):
            amounts = [
                rule.taken or Decimal(0)
                for rule in step.rules
                if ((rule.note.maturity if rule.note else "") or UNSAID) == kind
            ]
            if amounts:
                yield Covered(step.name, kind, exact_sum(amounts), step.amount_in or Decimal(0))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else exact_text(amount)
