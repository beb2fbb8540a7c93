"""Derived lines: cost that Bursar works out from lines in force, published as batches of their own.

A derivation never changes the lines it starts from. It adds lines beside them, usually a reversal
and what stands in its place, so that every source still equals its control totals and all figures
count once. The batches of a derivation are replaced as a whole: what it no longer states is
withdrawn in the same transaction.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bursar.lake.batch_files import WrittenBatch
from bursar.lake.cost_lines import CostLineWriter, LineDefaults
from bursar.lake.files import make_folder
from bursar.office.calendar.periods import calendar_of
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.reference.entities import default_entity
from bursar.record.corrections.placing import place
from bursar.record.corrections.planning import Placement, plan, remove_plan
from bursar.record.corrections.standing import standing_batches
from bursar.record.models import Batch, Import, Source
from bursar.record.models.imports import DERIVED
from bursar.record.promotion import promoted_columns
from bursar.record.publishing import Counts, InForce, Publication, batches_in_force
from bursar.record.turns import in_turn


@dataclass(frozen=True)
class Derivation:
    """Who derives: the source that its batches belong to, and the act that the journal names."""

    source: str
    act: str
    acting_user: User | None


def publish_derived(derivation: Derivation, lines: pa.Table) -> list[Batch]:
    """Put these lines in force as all that the derivation states; returns its batches.

    `lines` has cost-line columns (`core/tables/cost_line.py`; others are kept as text). Each row
    needs `billing_currency`, `billing_period_start`, `charge_period_start`, `charge_period_end`
    and `charge_category`, and should say in `record_ref` what it was derived from. Nothing changes
    where the same lines are in force already, and what would change a closed period becomes
    corrections in an open one. Refusals: import.concurrent, import.sum_overflow, lake.disk_full,
    lake.not_writable.
    """
    seen = batches_in_force()
    told = _periods_told(derivation.source)
    if not told and not lines.num_rows:
        return []
    digest = _digest(lines)
    if _stands(derivation.source, digest):
        return _in_force(derivation.source)
    promoted = promoted_columns()
    stated = _written(derivation.source, lines, promoted)
    gone = told - {b.period for b in stated}
    placements = plan(derivation.source, stated, promoted, withdrawn=gone)
    try:
        return in_turn(lambda: _at_once(derivation, placements, (digest, promoted, seen)))
    except BaseException:
        remove_plan(placements)
        raise


def _at_once(
    derivation: Derivation,
    placements: list[Placement],
    known: tuple[str, tuple[str, ...], InForce],
) -> list[Batch]:
    with transaction.atomic():
        raise_version()
        return _publish(derivation, placements, known)


def _stands(source: str, digest: str) -> bool:
    """Whether the same lines were stated last, and nothing of that has given way."""
    rows = Import.objects.filter(source__name=source, format=DERIVED)
    last = rows.order_by("-imported_at", "-id").first()
    return (
        last is not None
        and last.content_sha256 == digest
        and (last.rows_read == 0 or standing_batches(last) is not None)
    )


def _periods_told(source: str) -> set[str]:
    """Billing periods of which the derivation has something in force, corrections included."""
    rows = Batch.objects.filter(superseded_at__isnull=True)
    own = rows.filter(Q(source__name=source) | Q(source__corrects__name=source))
    return set(own.values_list("period", flat=True))


def _in_force(source: str) -> list[Batch]:
    rows = Batch.objects.filter(source__name=source, superseded_at__isnull=True)
    return list(rows.select_related("made_by", "source").order_by("period"))


def _written(source: str, lines: pa.Table, promoted: tuple[str, ...]) -> list[WrittenBatch]:
    if not lines.num_rows:
        return []
    make_folder(settings.LAKE_FOLDER)
    calendars = lru_cache(maxsize=None)(calendar_of)
    defaults = LineDefaults(source, default_entity().code, calendars)
    names = lines.column_names
    if "source_row" not in names:
        lines = lines.append_column("source_row", pa.array(range(1, lines.num_rows + 1)))
    if "source_file" not in names:
        lines = lines.append_column("source_file", pa.array([source] * lines.num_rows))
    with CostLineWriter(settings.LAKE_FOLDER, defaults, promote=promoted) as writer:
        writer.add(lines)
        return writer.finish()


def _publish(
    derivation: Derivation,
    placements: list[Placement],
    known: tuple[str, tuple[str, ...], InForce],
) -> list[Batch]:
    digest, promoted, seen = known
    source, _ = Source.objects.get_or_create(name=derivation.source, defaults={"format": DERIVED})
    stated = [w for p in placements for w in (p.written, p.held) if w is not None]
    rows = sum(batch.rows for batch in stated)
    made_by = Import.objects.create(
        token=secrets.token_hex(8),
        file=f"({derivation.source})",
        content_sha256=digest,
        source=source,
        format=DERIVED,
        rows_read=rows,
        rows_accepted=rows,
        rows_rejected=0,
        imported_at=timezone.now(),
        imported_by=actor_name(derivation.acting_user),
    )
    publication = Publication(
        made_by=made_by, source=source, kind="cost_line", promoted=promoted,
        at=made_by.imported_at, seen=seen,
    )  # fmt: skip
    placed = [place(publication, p, lambda b: Counts(b.rows, b.rows, 0)) for p in placements]
    made = [batch for one in placed for batch in one.batches]
    replaced = [b.batch_id for p in placements for b in p.replaced]
    corrections = [batch for one in placed for batch in one.corrections]
    record_act(
        act=derivation.act,
        subject=source.name,
        actor=derivation.acting_user,
        detail={
            "batches": _told(made),
            "corrections": _told(corrections),
            "replaced": replaced,
        },
    )  # fmt: skip
    return made


def _told(batches: list[Batch]) -> list[dict[str, object]]:
    return [{"batch_id": b.batch_id, "period": b.period, "totals": b.totals} for b in batches]


def _digest(lines: pa.Table) -> str:
    """SHA-256 over columns, types and values, so that equal lines are not published twice."""
    sink = pa.BufferOutputStream()
    ordered = lines.select(sorted(lines.column_names)).combine_chunks()
    with pa.ipc.new_stream(sink, ordered.schema) as stream:
        stream.write_table(ordered)
    return hashlib.sha256(sink.getvalue()).hexdigest()
