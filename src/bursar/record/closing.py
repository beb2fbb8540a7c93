"""What the record says of a period before it is closed: is everything in, answered for, signed?"""

from __future__ import annotations

from django.utils import timezone

from bursar.office.calendar.closing import ClosingCheck, State
from bursar.office.calendar.models import Period
from bursar.office.calendar.periods import calendar_of
from bursar.record.arrivals.expecting import late_periods
from bursar.record.control.queries import has_control, signed
from bursar.record.duplicates.finding import find_duplicates
from bursar.record.models import Batch, Document, Import, Watch
from bursar.record.models.imports import DERIVED

_NAMED = 3


def closing_checks(period: Period) -> list[ClosingCheck]:
    """Sources, rejected lines, duplicates; reconciliation and documents where they are used."""
    return [
        sources_in(period),
        rejected_handled(period),
        duplicates_seen(period),
        reconciliation_signed(period),
        documents_posted(period),
    ]


def sources_in(period: Period) -> ClosingCheck:
    """Every source that reported the period before, or that is watched, has reported this one."""
    calendar = calendar_of(period.legal_entity.code)
    before = next(
        (p.code for year in (period.fiscal_year, period.fiscal_year - 1)
         for p in calendar.year(year) if p.end == period.start),
        "",
    )  # fmt: skip
    here, earlier = _sources(period, period.code), _sources(period, before)
    today = timezone.localdate()
    late = {w.source for w in Watch.objects.all()
            if period.code in late_periods(w, sorted(_months(w.source)), today)}  # fmt: skip
    missing = sorted((earlier | late) - here)
    detail = f"{_count(len(here), 'source')} in" + (
        f"; missing: {_some(missing)}" if missing else ""
    )
    if not here and not missing:
        detail = "No source was expected."
    return ClosingCheck(
        "sources_in", "Sources in", "open" if missing else "done", detail, "/data/", due_days=5
    )


def rejected_handled(period: Period) -> ClosingCheck:
    """Each import in the period with rejected lines is answered for, or was replaced."""
    rejecting = {batch.made_by_id for batch in _batches(period) if batch.made_by.rows_rejected}
    waiting = Import.objects.filter(pk__in=rejecting, acknowledgement__isnull=True)
    rows = sum(one.rows_rejected for one in waiting)
    link = f"/data/imports/{waiting[0].token}" if waiting else "/data/"
    detail = (
        f"{_count(rows, 'rejected line')} of {_some([one.file for one in waiting])}"
        if waiting
        else f"{_count(len(rejecting), 'import')} with rejected lines, answered for"
        if rejecting
        else "No line was rejected."
    )
    state: State = "open" if waiting else "done"
    return ClosingCheck("rejected_handled", "Rejected lines handled", state, detail, link)


def duplicates_seen(period: Period) -> ClosingCheck:
    """Nothing looks counted twice, or somebody has looked at what does."""
    ids = [batch.batch_id for batch in _batches(period) if batch.superseded_at is None]
    count = find_duplicates(ids, most=1).count if ids else 0
    return ClosingCheck(
        "duplicates_seen",
        "Duplicates looked at",
        "open" if count else "done",
        f"{count} suspected" if count else "None is suspected",
        "/data/duplicates/",
        by_hand=True,
    )


def reconciliation_signed(period: Period) -> ClosingCheck:
    """Where a balance of the general ledger is there, somebody signed the comparison as it is."""
    key, name = "reconciliation_signed", "Reconciliation signed"
    link = f"/data/reconciliation/?period={period.code}"
    found = signed(period.code, period.legal_entity.code)
    if found is None:
        if not has_control(period.code):
            text = "No balance of the general ledger was loaded."
            return ClosingCheck(key, name, "not_used", text, link, due_days=7)
        return ClosingCheck(key, name, "open", "Nobody signed yet.", link, due_days=7)
    if found.changed_since:
        text = f"Figures changed since {found.signed_by} signed."
        return ClosingCheck(key, name, "open", text, link, due_days=7)
    return ClosingCheck(key, name, "done", f"By {found.signed_by}.", link, due_days=7)


def documents_posted(period: Period) -> ClosingCheck:
    """No document entered by hand waits for its place in the ledger; a run gives it one."""
    key, name, link = "documents_posted", "Documents posted", "/data/documents/"
    rows = Document.objects.filter(
        legal_entity=period.legal_entity.code, posting_period=period.code
    )
    if not rows.exists():
        return ClosingCheck(key, name, "not_used", "No document was entered by hand.", link)
    if waiting := rows.filter(settlement__isnull=True).count():
        text = f"{waiting} live: run the period, which posts them."
        return ClosingCheck(key, name, "open", text, link)
    return ClosingCheck(key, name, "done", f"{rows.count()} posted.", link)


def _batches(period: Period) -> list[Batch]:
    """Batches of files that the entity has in the period, in force or held for it."""
    rows = Batch.objects.filter(kind="cost_line").exclude(source__format=DERIVED)
    rows = rows.filter(superseded_at__isnull=True) | rows.exclude(held_for=[])
    posting = (period.legal_entity.code, period.code)
    return [b for b in rows.select_related("source", "made_by") if posting in b.posted]


def _sources(period: Period, code: str) -> set[str]:
    """Sources with lines posted to that period of the entity; files that add count as one."""
    rows = Batch.objects.filter(kind="cost_line").exclude(source__format=DERIVED)
    rows = rows.filter(superseded_at__isnull=True) | rows.exclude(held_for=[])
    posting = (period.legal_entity.code, code)
    return {b.source.name.partition(": ")[0]
            for b in rows.select_related("source") if posting in b.posted}  # fmt: skip


def _months(source: str) -> set[str]:
    rows = Batch.objects.filter(source__name=source, superseded_at__isnull=True)
    return set(rows.values_list("period", flat=True))


def _some(names: list[str]) -> str:
    told = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return told + (f" and {more} more" if more > 0 else "")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
