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
from django.utils import timezone

from bursar.lake.batch_files import WrittenBatch
from bursar.lake.cost_lines import CostLineWriter, LineDefaults
from bursar.lake.files import make_folder, remove_files
from bursar.office.calendar.periods import calendar_of
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.reference.entities import default_entity
from bursar.record.models import Batch, Import, Source
from bursar.record.promotion import promoted_columns
from bursar.record.publishing import Counts, InForce, Publication, batches_in_force
from bursar.record.turns import in_turn

DERIVED = "derived"
"""Format of imports that no file stands behind."""


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
    where the same lines are in force already. Refusals: import.concurrent, import.period_closed,
    import.sum_overflow, lake.disk_full, lake.not_writable.
    """
    digest, seen = _digest(lines), batches_in_force()
    held = _in_force(derivation.source)
    if held and {batch.made_by.content_sha256 for batch in held} == {digest}:
        return held
    if not held and not lines.num_rows:
        return []
    promoted = promoted_columns()
    written = _written(derivation.source, lines, promoted)
    try:
        return in_turn(lambda: _at_once(derivation, written, (digest, promoted, seen)))
    except BaseException:
        remove_files(settings.LAKE_FOLDER, [r for batch in written for r in batch.records])
        raise


def _at_once(
    derivation: Derivation,
    written: list[WrittenBatch],
    known: tuple[str, tuple[str, ...], InForce],
) -> list[Batch]:
    with transaction.atomic():
        raise_version()
        return _publish(derivation, written, known)


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
    written: list[WrittenBatch],
    known: tuple[str, tuple[str, ...], InForce],
) -> list[Batch]:
    digest, promoted, seen = known
    source, _ = Source.objects.get_or_create(name=derivation.source, defaults={"format": DERIVED})
    rows = sum(batch.rows for batch in written)
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
    stated = {batch.period for batch in written}
    withdrawn = [publication.withdraw(b.period) for b in _in_force(source.name)
                 if b.period not in stated]  # fmt: skip
    made = [publication.replace(b, Counts(b.rows, b.rows, 0)) for b in written]
    record_act(
        act=derivation.act,
        subject=source.name,
        actor=derivation.acting_user,
        detail={
            "batches": [{"batch_id": b.batch_id, "period": b.period, "totals": b.totals}
                        for b in made],
            "withdrawn": [batch.batch_id for batch in withdrawn if batch is not None],
        },
    )  # fmt: skip
    return made


def _digest(lines: pa.Table) -> str:
    """SHA-256 over columns, types and values, so that equal lines are not published twice."""
    sink = pa.BufferOutputStream()
    ordered = lines.select(sorted(lines.column_names)).combine_chunks()
    with pa.ipc.new_stream(sink, ordered.schema) as stream:
        stream.write_table(ordered)
    return hashlib.sha256(sink.getvalue()).hexdigest()
