"""Whether documents agree with the batches they were settled in, and attachments are whole."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from bursar.core.money.amount import exact_sum, exact_text
from bursar.lake.files import sha256_of
from bursar.office.journal.check import Check
from bursar.record.documents.attachments import path_of
from bursar.record.documents.lines import SOURCE
from bursar.record.models import Attachment, Batch, DocumentLine, LineBasis


def check_settled() -> Check:
    """Whether each batch of documents holds exactly what its settled documents state (D13)."""
    name = "documents and their batches"
    stated: dict[str, dict[tuple[str, str], list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    counts: dict[str, int] = defaultdict(int)
    lines = DocumentLine.objects.filter(document__settlement__isnull=False).values_list(
        "document__settlement__month", "document__currency", "basis", "amount"
    )
    for month, currency, basis, amount in lines.iterator(chunk_size=10_000):
        counts[month] += 1
        for figure in _FILLED[LineBasis(basis)]:
            stated[month][currency, figure].append(Decimal(amount))
    held = Batch.objects.filter(source__name=SOURCE, superseded_at__isnull=True)
    batches = {batch.period: batch for batch in held}
    for month in sorted({*counts, *batches}):
        batch = batches.get(month)
        if batch is None or batch.rows_accepted != counts[month]:
            found = "no batch" if batch is None else f"batch {batch.batch_id}"
            rows = batch.rows_accepted if batch else 0
            detail = f"{month}: {counts[month]} settled lines, but {found} with {rows}"
            return Check(name, False, detail)
        for (currency, figure), amounts in sorted(stated[month].items()):
            total = exact_text(exact_sum(amounts))
            told = {row["currency"]: row for row in batch.totals}.get(currency, {})
            if told.get(f"{figure}_cost") != total:
                where = f"{month}, {figure} cost in {currency}"
                detail = f"{where}: documents state {total}, the batch {told}"
                return Check(name, False, detail)
    return Check(name, True, f"{sum(counts.values())} settled lines in {len(batches)} batches")


def check_attachments() -> Check:
    """Whether every attached file lies in the data folder as it was attached (D18)."""
    name = "attachments"
    hashes = set(Attachment.objects.values_list("sha256", flat=True))
    for sha256 in sorted(hashes):
        place = path_of(sha256)
        if not place.is_file():
            return Check(name, False, f"{place} is missing")
        if sha256_of(place) != sha256:
            return Check(name, False, f"{place} is not as it was attached")
    return Check(name, True, f"{len(hashes)} files")


_FILLED = {
    LineBasis.BILLED: ("billed", "effective"),
    LineBasis.EFFECTIVE: ("effective",),
    LineBasis.BOOKED: ("booked",),
}
