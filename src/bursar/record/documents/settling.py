"""Settling: live lines become a batch of the lake, so that a run's inputs are frozen (D12-D15).

Each billing month has one batch of the source `documents`. A settlement writes all documents of
the month that count now, those of the former batch included, and marks the ones that were live in
the transaction that puts the batch in force. Killed before, it leaves them live and a stray file;
killed after, everything is done.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bursar.lake.batch_files import WrittenBatch
from bursar.lake.cost_lines import CostLineWriter, LineDefaults
from bursar.lake.files import make_folder, remove_files
from bursar.lake.live import LINE_ID
from bursar.office.calendar.models import Period, PeriodState
from bursar.office.calendar.periods import calendar_of
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.manifest.writing import raise_live, raise_version
from bursar.office.people.models import User
from bursar.office.reference.entities import default_entity
from bursar.record.documents.lines import SOURCE, lines_where
from bursar.record.errors import ConcurrentImport
from bursar.record.models import Batch, Document, Import, Settlement, Source
from bursar.record.models.imports import DERIVED
from bursar.record.promotion import promoted_columns
from bursar.record.publishing import Counts, Publication, batches_in_force

ACT = "record.settle_documents"
_ATTEMPTS = 5


@dataclass(frozen=True)
class _Month:
    """What of one billing month is to be settled: documents, by their ids."""

    code: str
    live: tuple[int, ...]
    before: tuple[int, ...]
    """Documents that an earlier batch of the month holds."""


def settle(acting_user: User | None, periods: Collection[str] | None = None) -> list[Batch]:
    """Settle the live documents of these posting periods (of all, where none are named).

    Documents of a closed period stay live. What is entered meanwhile stays live too. Refusals:
    import.concurrent, import.sum_overflow, lake.disk_full, lake.not_writable.
    """
    for attempt in range(_ATTEMPTS):
        months = _months(periods)
        if not months:
            return []
        try:
            return _settle(months, acting_user)
        except ConcurrentImport:
            if attempt == _ATTEMPTS - 1:
                raise
    return []


def _months(periods: Collection[str] | None) -> list[_Month]:
    rows = Document.objects.filter(settlement__isnull=True)
    if periods is not None:
        rows = rows.filter(posting_period__in=list(periods))
    closed = _closed()
    wanted: dict[str, list[int]] = {}
    for pk, month, entity, period in rows.order_by("pk").values_list(
        "pk", "month", "legal_entity", "posting_period"
    ):
        if (entity, period) not in closed:
            wanted.setdefault(month, []).append(pk)
    return [_Month(code, tuple(live), _settled(code)) for code, live in sorted(wanted.items())]


def _settled(month: str) -> tuple[int, ...]:
    rows = Document.objects.filter(settlement__month=month).order_by("pk")
    return tuple(rows.values_list("pk", flat=True))


def _closed() -> set[tuple[str, str]]:
    rows = Period.objects.filter(state=PeriodState.CLOSED)
    return set(rows.values_list("legal_entity__code", "code"))


def _settle(months: Sequence[_Month], acting_user: User | None) -> list[Batch]:
    seen, promoted = batches_in_force(), promoted_columns()
    written = _written(months, promoted)
    try:
        with transaction.atomic():
            raise_version()
            raise_live()
            _require_same(months, promoted)
            made_by = _import(written, acting_user)
            publication = Publication(
                made_by=made_by, source=made_by.source, kind="cost_line", promoted=promoted,
                at=made_by.imported_at, seen=seen,
            )  # fmt: skip
            batches = [_put_in_force(publication, w, m) for w, m in written]
            record_act(
                act=ACT,
                subject=SOURCE,
                actor=acting_user,
                detail={"batches": [
                    {"batch_id": b.batch_id, "period": b.period, "totals": b.totals,
                     "documents": len(m.live)} for b, m in batches
                ]},
            )  # fmt: skip
            return [batch for batch, _ in batches]
    except BaseException:
        remove_files(settings.LAKE_FOLDER, [r for w, _ in written for r in w.records])
        raise


def _put_in_force(
    publication: Publication, written: WrittenBatch, month: _Month
) -> tuple[Batch, _Month]:
    # A closed period's lines are in the former batch and in this one alike: nothing changes.
    publication = replace(publication, unchanged=frozenset(_closed()))
    batch = publication.replace(written, Counts(written.rows, written.rows, 0))
    settlement = Settlement.objects.create(batch=batch, month=month.code)
    Document.objects.filter(pk__in=month.live).update(settlement=settlement)
    return batch, month


def _require_same(months: Sequence[_Month], promoted: tuple[str, ...]) -> None:
    """What was written is still what is to be settled; otherwise it is done once more."""
    for month in months:
        live = Document.objects.filter(pk__in=month.live, settlement__isnull=True).count()
        if live != len(month.live) or _settled(month.code) != month.before:
            raise ConcurrentImport(f"The documents of {month.code} were settled by somebody else.")
    if promoted_columns() != promoted:
        raise ConcurrentImport("Other columns were promoted while documents were being settled.")


def _written(
    months: Sequence[_Month], promoted: tuple[str, ...]
) -> list[tuple[WrittenBatch, _Month]]:
    make_folder(settings.LAKE_FOLDER)
    calendars = lru_cache(maxsize=None)(calendar_of)
    defaults = LineDefaults(SOURCE, default_entity().code, calendars)
    by_code = {month.code: month for month in months}
    with CostLineWriter(settings.LAKE_FOLDER, defaults, promote=promoted) as writer:
        writer.add(_lines(months).drop_columns([LINE_ID]))
        return [(batch, by_code[batch.period]) for batch in writer.finish()]


def _lines(months: Sequence[_Month]) -> pa.Table:
    """Every line of the months that is settled or is to be; others of the months stay live."""
    wanted = [pk for month in months for pk in (*month.before, *month.live)]
    first, last = min(wanted), max(wanted)
    months_named = [month.code for month in months]
    marks = ", ".join(["%s"] * len(months_named))
    found = lines_where(
        f"d.month IN ({marks}) AND d.id BETWEEN %s AND %s", [*months_named, first, last]
    )
    chosen = set(wanted)
    return found.filter(pa.array([pk in chosen for pk in _documents_of(found)], pa.bool_()))


def _documents_of(lines: pa.Table) -> list[int]:
    return [int(text[1:].partition("-")[0]) for text in lines[LINE_ID].to_pylist()]


def _import(written: Sequence[tuple[WrittenBatch, _Month]], acting_user: User | None) -> Import:
    source, _ = Source.objects.get_or_create(name=SOURCE, defaults={"format": DERIVED})
    rows = sum(batch.rows for batch, _ in written)
    content = "".join(sorted(r.sha256 for batch, _ in written for r in batch.records))
    return Import.objects.create(
        token=secrets.token_hex(8),
        file="(documents)",
        content_sha256=hashlib.sha256(content.encode()).hexdigest(),
        source=source,
        format=DERIVED,
        rows_read=rows,
        rows_accepted=rows,
        rows_rejected=0,
        imported_at=timezone.now(),
        imported_by=actor_name(acting_user),
    )
