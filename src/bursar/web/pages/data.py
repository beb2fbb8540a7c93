"""The Data page: is every source in, complete and reconciled, and what does the model miss."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pyarrow as pa
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from bursar.core.tables.rejected_line import REJECTED_LINE
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.record import queries
from bursar.report.arrivals import arrivals
from bursar.report.batches import batches
from bursar.report.documents.cells import safe
from bursar.report.invoices import checks_of_batch
from bursar.report.unclassified import unclassified
from bursar.web.dimensions import words
from bursar.web.downloads import json_attachment, streamed
from bursar.web.filters import select, state_line
from bursar.web.requests import page_number, person

BATCHES_PER_PAGE = 50
QUEUE_SHOWN = 8
REJECTED_SHOWN = 50
IMPORT = "record.import_files"


@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """A field to drop files on, the batches with their control totals, and the unmapped queue."""
    user = person(request)
    require(user, "read.data")
    replaced = request.GET.get("replaced") == "1"
    found = batches(scope_of(user), in_force=None if replaced else True)
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name="batches")
    page = page_number(request)
    start = (page - 1) * BATCHES_PER_PAGE
    newest_first = sorted(found.rows, key=lambda r: (r["period"], r["published_at"]), reverse=True)
    rows = newest_first[start : start + BATCHES_PER_PAGE]
    here = f"{reverse('web:data')}?{'replaced=1&' if replaced else ''}page="
    queue = unclassified(scope_of(user), most=QUEUE_SHOWN)
    context = {
        "may_import": may(user, IMPORT),
        "rows": rows,
        "replaced": replaced,
        "arrivals": arrivals(scope_of(user), today=timezone.now().date()),
        "queue": queue,
        "queue_rows": [(row, _told(row.columns)) for row in queue.rows],
        "pager": {
            "first": start + 1,
            "last": start + len(rows),
            "total": len(found.rows),
            "before": f"{here}{page - 1}" if page > 1 else "",
            "after": f"{here}{page + 1}" if start + len(rows) < len(found.rows) else "",
        },
    }
    return render(request, "pages/data.html", context)


@require_GET
def unmapped(request: HttpRequest) -> HttpResponse:
    """Everything that the model misses, largest money first, with a condition that catches it."""
    user = person(request)
    require(user, "read.data")
    selection = select(request)
    queue = unclassified(
        selection.scope,
        periods=selection.periods,
        basis=selection.basis,
        currency=selection.currency or None,
    )
    if request.GET.get("as") == "json":
        return json_attachment(queue.to_json(), name="unmapped")
    context = {
        "state": state_line(selection),
        "queue": queue,
        "rows": [(row, words(row.missing), _told(row.columns)) for row in queue.rows],
        "json_url": selection.link(reverse("web:data_unmapped"), [("as", "json")]),
    }
    return render(request, "pages/data_unmapped.html", context)


@require_GET
def batch(request: HttpRequest, batch_id: str) -> HttpResponse:
    """One batch: its control totals, by invoice too, and what was rejected with it."""
    user = person(request)
    require(user, "read.data")
    found = queries.batch(batch_id)
    if request.GET.get("as") == "json":
        return json_attachment(found, name=f"batch-{batch_id}")
    rejected = queries.rejected_lines(found["import_token"])
    invoices = queries.invoice_totals(batch_id).to_pylist()
    context = {
        "batch": found,
        "invoices": invoices,
        "checks": checks_of_batch(scope_of(user), found, [row["invoice_id"] for row in invoices]),
        "rejected": rejected.slice(0, REJECTED_SHOWN).to_pylist(),
        "rejected_count": rejected.num_rows,
        "rejected_shown": REJECTED_SHOWN,
    }
    return render(request, "pages/data_batch.html", context)


@require_GET
def rejected_file(request: HttpRequest, import_token: str) -> HttpResponseBase:
    """Every rejected row of an import with its reasons, as CSV."""
    require(person(request), "read.data")
    rejected = queries.rejected_lines(import_token)
    return streamed(_as_csv(rejected), name=f"rejected-{import_token}", kind="csv")


def _as_csv(rejected: pa.Table) -> Iterator[str]:
    """A piece per batch of rows; texts that a spreadsheet would compute are made plain."""
    for number, part in enumerate(rejected.to_batches(max_chunksize=5_000) or [None]):
        piece = io.StringIO()
        writer = csv.writer(piece)
        if number == 0:
            writer.writerow(REJECTED_LINE.names)
        for row in part.to_pylist() if part is not None else ():
            writer.writerow([_cell(row[name]) for name in REJECTED_LINE.names])
        yield piece.getvalue()


def _cell(value: object) -> object:
    return safe(value) if isinstance(value, str) else value


def _told(columns: dict[str, str]) -> str:
    return " · ".join(dict.fromkeys(columns.values()))


urlpatterns = [
    path("data/", data, name="data"),
    path("data/unmapped", unmapped, name="data_unmapped"),
    path("data/batches/<str:batch_id>", batch, name="data_batch"),
    path("data/imports/<str:import_token>/rejected.csv", rejected_file, name="data_rejected"),
]
