"""Importing a file, or the parts of one: read, write to the lake, put into force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from bursar.connect.profile import Profile
from bursar.connect.reading import Reading
from bursar.core.tables.cost_line import COST_LINE
from bursar.lake.files import make_folder
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.manifest.writing import publish, raise_version, version
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.entities import default_entity
from bursar.office.reference.pseudonyms import remember_names
from bursar.record.corrections.lateness import mark_late, refuse_late, told_late
from bursar.record.corrections.placing import place
from bursar.record.corrections.placing import told as told_corrected
from bursar.record.corrections.planning import Placement, plan
from bursar.record.duplicates.warning import warn_of_duplicates
from bursar.record.errors import BadSourceName, ConcurrentImport, NothingAccepted
from bursar.record.models import Batch, Import, Source
from bursar.record.outcome import ImportOutcome, batch_json
from bursar.record.overlap import refuse_overlap
from bursar.record.profiles.opening import Opened, open_file
from bursar.record.promotion import promoted_columns
from bursar.record.publishing import Counts, InForce, Publication, batches_in_force
from bursar.record.receiving import REJECTED_SHOWN, Progress, Received, Receiving
from bursar.record.refreshing import refresh
from bursar.record.repeated import earlier_outcome
from bursar.record.turns import in_turn
from bursar.record.unmentioned import left_in_force

ACT = "record.import_files"


def import_files(
    *,
    paths: Sequence[Path],
    acting_user: User | None,
    source: str | None = None,
    format: str = "auto",
    profile: str | Profile | None = None,
    progress: Progress | None = None,
    control: bool = False,
) -> ImportOutcome:
    """Record one file or folder; batches of the same source and period are replaced.

    The same content again, read in the same way, changes nothing. A file whose header a stored
    profile has is read with that profile. What would change a closed period is recorded without
    being in force, and its difference is booked as corrections in the earliest open period; only
    measures of a closed period are refused. With `control` the rows are balances to compare with
    and never cost. Refusals: people.not_allowed, import.bad_source,
    import.source_overlap, import.concurrent, import.period_closed, import.sum_overflow,
    import.nothing_accepted, lake.disk_full, lake.not_writable, and what the reader refuses of a
    whole file.
    """
    require(acting_user, ACT)
    _check_source(source)
    make_folder(settings.LAKE_FOLDER)
    opened = open_file(
        paths, format=format, profile=profile, source=source,
        default_currency=default_entity().currency,
    )  # fmt: skip
    reading, source = opened.reading, source or opened.source or None
    act = _Import(paths, acting_user, opened, named=source is not None)
    if repeated := act.earlier(source):
        return repeated
    receiving = Receiving(
        lake=settings.LAKE_FOLDER,
        paths=paths,
        legal_entity=default_entity().code,
        promote=act.promote,
        source=source,
        progress=progress,
        control=control,
    )
    outcome = act.publish(reading, receiving.receive(reading))
    refresh(acting_user)
    if not outcome.unchanged:
        made_by = Import.objects.get(token=outcome.import_token)
        outcome = replace(outcome, warnings=warn_of_duplicates(made_by))
    return outcome


def _check_source(source: str | None) -> None:
    if source is not None and not 0 < len(source.strip()) <= 120:
        raise BadSourceName("The name of a source has 1 to 120 characters. Give another --source.")


class _Import:
    """The second half of the act: from files in the lake to batches in force."""

    def __init__(
        self, paths: Sequence[Path], user: User | None, opened: Opened, *, named: bool
    ) -> None:
        self._opened = opened
        self._file = _file_name(paths)
        self._user = user
        self._named = named
        self._seen: InForce = batches_in_force()
        self._version = version()
        self.promote = promoted_columns()

    def earlier(self, source: str | None) -> ImportOutcome | None:
        """An import of the same content, read in the same way, that is still in force."""
        reading = self._opened.reading
        digest = self._opened.digest
        return earlier_outcome(reading.content_sha256, source, digest, format=reading.format)

    def publish(self, reading: Reading, received: Received) -> ImportOutcome:
        try:
            _refuse_nothing(self._file, received)
            if not self._named and received.kind == "cost_line":
                self._version = version()
                refuse_overlap(received.source, received.batches, format=reading.format)
            self._plan(received)
            return in_turn(lambda: self._at_once(reading, received))
        except OperationalError as error:
            received.remove(settings.LAKE_FOLDER)
            raise ConcurrentImport(
                f"The database is busy ({error}). Nothing was recorded; import again."
            ) from error
        except BaseException:
            received.remove(settings.LAKE_FOLDER)
            raise

    def _at_once(self, reading: Reading, received: Received) -> ImportOutcome:
        with transaction.atomic():
            raise_version()
            return self._in_transaction(reading, received)

    def _plan(self, received: Received) -> None:
        """What closed periods leave of the file; its files are then those of the placements."""
        stated, received.batches = received.batches, []
        costs = [batch for batch in stated if batch.kind == COST_LINE.name]
        others = [batch for batch in stated if batch.kind != COST_LINE.name]
        received.placements = [Placement(b.period, b) for b in others]
        received.placements += plan(received.source, costs, self.promote)

    def _in_transaction(self, reading: Reading, received: Received) -> ImportOutcome:
        if repeated := self.earlier(received.source):
            # Another process imported the same content meanwhile; what we wrote is not needed.
            transaction.on_commit(lambda: received.remove(settings.LAKE_FOLDER))
            return repeated
        if promoted_columns() != self.promote:
            raise ConcurrentImport(
                "Other columns were promoted while this file was being read, so its dimensions "
                "would not fit the others. Nothing was recorded; import again."
            )
        if not self._named and received.kind == "cost_line" and version() != self._version + 1:
            refuse_overlap(received.source, received.stated, format=reading.format)
        late = refuse_late(self._user, received.placements)
        source, _ = Source.objects.get_or_create(
            name=received.source, defaults={"format": reading.format}
        )
        remember_names(received.names)
        made_by = self._create_import(reading, received, source)
        publication = Publication(
            made_by=made_by,
            source=source,
            kind=received.kind,
            promoted=self.promote if received.kind == "cost_line" else (),
            at=made_by.imported_at,
            seen=self._seen,
        )
        counts = _counts(received)
        placed = [
            place(replace(publication, kind=p.kind), p, lambda b: counts[b.batch_id])
            for p in received.placements
        ]
        mark_late(placed, late)
        if received.rejected_file is not None:
            publish([received.rejected_file], made_by.token, at=made_by.imported_at)
        told = [*told_late(late), *told_corrected(received.placements)]
        made_by.warnings = [*made_by.warnings, *left_in_force(made_by), *told]
        made_by.save(update_fields=["warnings"])
        outcome = _outcome(made_by, received, [b for p in placed for b in p.corrections])
        record_act(act=ACT, subject=source.name, actor=self._user, detail=_detail(outcome, made_by))
        return outcome

    def _create_import(self, reading: Reading, received: Received, source: Source) -> Import:
        warnings = [{"code": w.code, "message": w.message} for w in reading.warnings]
        return Import.objects.create(
            token=received.token,
            file=self._file,
            content_sha256=reading.content_sha256,
            source=source,
            format=reading.format,
            format_version=reading.format_version or "",
            profile=self._opened.profile,
            profile_digest=self._opened.digest,
            rows_read=received.rows_read,
            rows_accepted=received.rows_accepted,
            rows_rejected=received.rows_rejected,
            warnings=warnings,
            imported_at=timezone.now(),
            imported_by=actor_name(self._user),
        )


def _refuse_nothing(file: str, received: Received) -> None:
    if received.batches:
        return
    first = received.rejected[0] if received.rejected else None
    why = (
        f" Row {first['row']}, {first['column'] or 'whole row'}: {first['message']}."
        if first
        else ""
    )
    raise NothingAccepted(
        f"{file}: none of its {received.rows_read} rows could be read exactly.{why} "
        "Mend the rows in the file and import it again.",
        received.rejected,
    )


def _counts(received: Received) -> dict[str, Counts]:
    """Rejected rows belong to no period for sure; they are counted on the first batch."""
    stated = received.stated
    rejected = [received.rows_rejected] + [0] * len(stated)
    return {
        batch.batch_id: Counts(read=batch.rows + lost, accepted=batch.rows, rejected=lost)
        for batch, lost in zip(stated, rejected, strict=False)
    }


def _outcome(made_by: Import, received: Received, corrections: Sequence[Batch]) -> ImportOutcome:
    rows = Batch.objects.filter(made_by=made_by).select_related("made_by", "source")
    return ImportOutcome(
        file=made_by.file,
        source=made_by.source.name,
        format=made_by.format,
        format_version=made_by.format_version,
        batches=[
            batch_json(b) for b in rows.prefetch_related("supersedes").order_by("period", "kind")
        ],
        rows_read=received.rows_read,
        rows_accepted=received.rows_accepted,
        rows_rejected=received.rows_rejected,
        rejected=received.rejected[:REJECTED_SHOWN],
        rejected_total=received.rejected_total,
        warnings=made_by.warnings,
        import_token=made_by.token,
        corrections=[batch_json(b) for b in corrections],
    )


def _detail(outcome: ImportOutcome, made_by: Import) -> dict[str, Any]:
    kept = ("batch_id", "period", "superseded_batch_id", "rows_accepted", "rows_rejected", "totals")
    return {
        "file": outcome.file,
        "content_sha256": made_by.content_sha256,
        "format": outcome.format,
        "profile": made_by.profile,
        "batches": [{key: batch[key] for key in kept} for batch in outcome.batches],
        "corrections": [{key: batch[key] for key in kept} for batch in outcome.corrections],
    }


def _file_name(paths: Sequence[Path]) -> str:
    first = paths[0].name or str(paths[0])
    return first[:380] if len(paths) == 1 else f"{first[:380]} and {len(paths) - 1} more"
