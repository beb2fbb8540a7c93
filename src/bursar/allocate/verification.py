"""Checking runs in force: every sum again from its files, every statement against its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from bursar.allocate.balance import OUTCOMES, TERMS, by_purse, outcomes, require_balance, terms_of
from bursar.allocate.document_queries import check_documents
from bursar.allocate.einvoices import check_einvoices
from bursar.allocate.facts import files_of, open_facts
from bursar.allocate.inputs import frozen_inputs
from bursar.allocate.language.canonical import canonical_text
from bursar.allocate.models import ModelVersion, RunPeriod, Statement
from bursar.allocate.publishing import owner_of
from bursar.allocate.queries import runs_in_force
from bursar.allocate.run_files import ALL_TABLES, TABLES, read_run
from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.refusal import InvariantBroken, Refused
from bursar.core.tables.allocation import ALLOCATED_LINE
from bursar.office.journal.check import Check
from bursar.office.manifest.models import LakeFile


def check_runs() -> list[Check]:
    """Balances and statements of every run in force."""
    runs = runs_in_force()
    wrong = [said for run in runs for said in _wrong_balance(run)]
    bills = [said for run in runs for said in _wrong_statements(run)]
    counted = Statement.objects.filter(run_period__in=runs).count()
    frozen = [said for run in runs for said in _wrong_inputs(run)] + list(_without_run(runs))
    return [
        check_models(),
        _check("inputs of every run", frozen, f"{len(runs)} periods keep what they were made of."),
        _check("balance of every run", wrong, f"{len(runs)} periods balance to the last digit."),
        check_documents(),
        check_einvoices(),
        _check("statements", bills, f"{counted} statements match their hash and their run."),
    ]


def check_models() -> Check:
    """Whether every version of the model still is the text that was applied."""
    rows = list(ModelVersion.objects.order_by("number"))
    wrong = [
        f"Version {row.number} of the model was altered after it was applied."
        for row in rows
        if hashlib.sha256(row.text.encode()).hexdigest() != row.sha256
    ]
    return _check("cost model", wrong, f"{len(rows)} versions match their hash.")


def _check(name: str, wrong: list[str], well: str) -> Check:
    return Check(name, not wrong, " ".join(wrong) if wrong else well)


def _wrong_inputs(run: RunPeriod) -> Iterator[str]:
    """The run's frozen inputs against their hash, and its files, which are in force as it is."""
    place = f"{run.period} ({run.basis}, run {run.run.run_id})"
    if hashlib.sha256(canonical_text(run.inputs).encode()).hexdigest() != run.input_hash:
        yield f"{place}: what it was made of was altered after it was run."
    files = LakeFile.objects.filter(owner=owner_of(run.run.run_id, run.period))
    if not set(TABLES) <= set(files.values_list("table", flat=True)):  # older runs wrote more
        yield f"{place}: it lacks files of its own."
    if files.filter(superseded_at__isnull=False).exists():
        yield f"{place}: it is in force, its files are not."


def _without_run(runs: Sequence[RunPeriod]) -> Iterator[str]:
    counting = LakeFile.objects.filter(table__in=ALL_TABLES, superseded_at__isnull=True)
    owners = {owner_of(run.run.run_id, run.period) for run in runs}
    for owner in sorted(set(counting.values_list("owner", flat=True)) - owners):
        yield f"Files of {owner} are in force, the run is not."


def _wrong_balance(run: RunPeriod) -> Iterator[str]:
    place = f"{run.period} ({run.basis}, run {run.run.run_id})"
    try:
        resting = outcomes(read_run(run, ALLOCATED_LINE))
        with open_facts(files_of(frozen_inputs(run).batch_ids)) as facts:
            cost = facts.totals(run.period, run.basis).to_pylist()
    except Refused as refusal:
        yield f"{place}: {refusal.message}"
        return
    cost_in = by_purse((r["legal_entity"], r["currency"], r["amount"]) for r in cost)
    kept = {(row["legal_entity"], row["currency"]): row for row in run.balance}
    for purse in sorted({*kept, *resting, *cost_in}):
        row = kept.get(purse)
        if row is None:
            yield f"{place}: {' '.join(purse)} is missing from the balance."
            continue
        terms = {term: Decimal(row[term]) for term in TERMS}
        found = {"cost_in": cost_in.get(purse, Decimal(0))}
        rests = terms_of(resting.get(purse, {}))
        found |= {outcome: rests.get(outcome, Decimal(0)) for outcome in OUTCOMES}
        for term, amount in found.items():
            if terms[term] != amount:
                yield (
                    f"{place}: {' '.join(purse)} {term} is {exact_text(amount)} in the files and "
                    f"{exact_text(terms[term])} in the balance."
                )
        try:
            require_balance(terms, f"{place} {' '.join(purse)}")
        except InvariantBroken as broken:
            yield str(broken)


def _wrong_statements(run: RunPeriod) -> Iterator[str]:
    totals: dict[tuple[str, str], list[Decimal]] = {}
    for row in run.statements.all():
        totals.setdefault((row.legal_entity, row.currency), []).append(Decimal(row.total))
        if statement_hash(row, run) != row.sha256:
            yield f"Statement {row.statement_id} was altered after it was issued."
        for total, amount in (("total", "amount"), ("document_total", "document_amount")):
            lines = exact_sum(Decimal(line[amount]) for line in row.lines)
            if lines != Decimal(getattr(row, total)):
                yield f"The lines of statement {row.statement_id} do not add up to its {total}."
    for line in run.balance:
        purse = (line["legal_entity"], line["currency"])
        if exact_sum(totals.get(purse, [])) != Decimal(line["allocated"]):
            yield f"Statements of {run.period} {' '.join(purse)} do not add up to allocated."


def statement_hash(row: Statement, run: RunPeriod) -> str:
    """The hash that the statement's own content has now."""
    return hashlib.sha256(canonical_text(statement_content(row, run)).encode()).hexdigest()


def statement_content(row: Statement, run: RunPeriod) -> dict[str, Any]:
    """Everything that a statement's hash covers."""
    return {
        "statement_id": row.statement_id,
        "consumer": row.consumer,
        "legal_entity": row.legal_entity,
        "currency": row.currency,
        "period": row.period,
        "basis": run.basis,
        "scenario": run.scenario,
        "total": row.total,
        "document_total": row.document_total,
        "lines": row.lines,
    }
