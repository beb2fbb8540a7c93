"""Act: take a file of exchange rates into force."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from bursar.connect.rates import ECB, RateFile, read_rates
from bursar.core.money.amount import exact_text
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.errors import BadSourceName
from bursar.record.rates.keeping import Rates, Stated, stated

ACT = "record.import_rates"
REJECTED_SHOWN = 1_000


@dataclass(frozen=True)
class RatesOutcome:
    """What a file of rates brought; `rejected` lists cells and rows that are no rate."""

    file: str
    format: str
    source: str
    rows_read: int
    added: int
    changed: int
    same: int
    gaps: int
    rejected_total: int
    rejected: tuple[dict[str, Any], ...]
    first: str | None
    last: str | None

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "rejected": list(self.rejected)}


def import_rates(
    *, path: Path, acting_user: User | None, source: str | None = None
) -> RatesOutcome:
    """Add the rates of a file; those of the same source that changed are superseded.

    A rate that contradicts another source's for the same pair, type and day is a rejected row, and
    the one in force stands. Refusals: people.not_allowed, import.bad_source and what the reader
    refuses of a whole file.
    """
    require(acting_user, ACT)
    found = read_rates(path)
    origin = (source or (ECB if found.format == "ecb" else found.name)).strip()
    if not 0 < len(origin) <= 120:
        raise BadSourceName("The name of a source has 1 to 120 characters. Give another --source.")
    with transaction.atomic():
        rates = Rates.of(origin, {row.type for row in found.rates})
        _add(found, rates)
        rates.publish(timezone.now())
        outcome = _outcome(found, rates)
        if rates.fresh:
            told = {key: value for key, value in outcome.to_json().items() if key != "rejected"}
            record_act(act=ACT, subject=origin, actor=acting_user, detail=told)
    return outcome


def _add(found: RateFile, rates: Rates) -> None:
    for row in found.rates:
        rate = stated(row)
        clash = rates.add(rate)
        if clash is not None:
            found.reject(row.row, row.column, "rate.overlap", overlap_words(rate, *clash))
    found.rejected.sort(key=lambda reason: int(str(reason["row"])))


def overlap_words(rate: Stated, other: Stated, origin: str) -> str:
    """Which two rates contradict one another."""
    return (
        f"{rate.source} to {rate.target} at {exact_text(rate.rate)} from {rate.valid_from} "
        f"contradicts {other.source} to {other.target} at {exact_text(other.rate)} from "
        f"{other.valid_from}, which is in force from {origin}; keep one of them"
    )


def _outcome(found: RateFile, rates: Rates) -> RatesOutcome:
    days = [rate.valid_from for rate in rates.fresh]
    return RatesOutcome(
        file=found.name,
        format=found.format,
        source=rates.origin,
        rows_read=found.rows_read,
        added=len(rates.fresh) - len(rates.superseded),
        changed=len(rates.superseded),
        same=rates.same,
        gaps=found.gaps,
        rejected_total=len(found.rejected),
        rejected=tuple(found.rejected[:REJECTED_SHOWN]),
        first=min(days).isoformat() if days else None,
        last=max(days).isoformat() if days else None,
    )
