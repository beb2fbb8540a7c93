"""Recognising a file that was imported before and still counts."""

from __future__ import annotations

from bursar.record.corrections.standing import standing_batches
from bursar.record.models import Batch, Import
from bursar.record.outcome import ImportOutcome, batch_json
from bursar.record.queries import rejected_lines
from bursar.record.receiving import REJECTED_SHOWN


def earlier_outcome(
    content_sha256: str, source: str | None, profile_digest: str = "", *, format: str
) -> ImportOutcome | None:
    """The outcome of an earlier import of this content, if all it brought still stands.

    Content that another profile or format read gave other lines, so it is not the same.

    Without a source's name any source counts: the default name follows from the content.
    """
    found = Import.objects.filter(
        content_sha256=content_sha256, profile_digest=profile_digest, format=format
    ).select_related("source")
    if source is not None:
        found = found.filter(source__name=source)
    for earlier in found.order_by("-imported_at", "-id"):
        standing = standing_batches(earlier)
        if standing is not None:
            return _unchanged(earlier, standing)
    return None


def _unchanged(earlier: Import, batches: list[Batch]) -> ImportOutcome:
    rejected = rejected_lines(earlier.token)
    return ImportOutcome(
        file=earlier.file,
        source=earlier.source.name,
        format=earlier.format,
        format_version=earlier.format_version,
        batches=[batch_json(batch) for batch in batches],
        rows_read=earlier.rows_read,
        rows_accepted=earlier.rows_accepted,
        rows_rejected=earlier.rows_rejected,
        rejected=rejected.slice(0, REJECTED_SHOWN).to_pylist(),
        rejected_total=rejected.num_rows,
        warnings=earlier.warnings,
        unchanged=True,
        import_token=earlier.token,
    )
