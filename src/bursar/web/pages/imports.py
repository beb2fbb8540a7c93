"""One import as a page: what it brought, what was rejected row by row, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from bursar.office.people.permissions import may, require
from bursar.record import queries
from bursar.record.actions.acknowledge_rejected import ACT as ACKNOWLEDGE
from bursar.record.actions.acknowledge_rejected import acknowledge_rejected
from bursar.record.actions.undo_import import ACT as UNDO
from bursar.record.actions.undo_import import undo_import
from bursar.record.undoing import why_not
from bursar.web.downloads import json_attachment
from bursar.web.requests import page_number, person

REJECTED_PER_PAGE = 50


@require_GET
def imported(request: HttpRequest, import_token: str) -> HttpResponse:
    """Its batches with totals, its warnings and rejected rows; a form undoes it."""
    user = person(request)
    require(user, "read.data")
    found = queries.imported(import_token)
    if request.GET.get("as") == "json":
        return json_attachment(found, name=f"import-{import_token}")
    rejected = queries.rejected_lines(import_token)
    page, total = page_number(request), rejected.num_rows
    start = (page - 1) * REJECTED_PER_PAGE
    rows = rejected.slice(start, REJECTED_PER_PAGE).to_pylist()
    here = reverse("web:data_import", args=[import_token])
    context = {
        "imported": found,
        "rejected": rows,
        "rejected_total": total,
        "may_acknowledge": may(user, ACKNOWLEDGE),
        "may_undo": may(user, UNDO),
        "why_not": why_not(import_token),
        "pager": {
            "first": start + 1,
            "last": start + len(rows),
            "total": total,
            "before": f"{here}?page={page - 1}#rejected" if page > 1 else "",
            "after": f"{here}?page={page + 1}#rejected" if start + len(rows) < total else "",
        },
    }
    return render(request, "pages/data_import.html", context)


@require_POST
def undo(request: HttpRequest, import_token: str) -> HttpResponse:
    """Take the import back, for the reason that the form names."""
    done = undo_import(
        import_token=import_token,
        reason=request.POST.get("reason", ""),
        acting_user=person(request),
    )
    back = f" {len(done.restored)} earlier batches count again." if done.restored else ""
    messages.success(request, f"The import of {done.file} was undone.{back}")
    return redirect("web:data_import", import_token=import_token)


@require_POST
def acknowledge(request: HttpRequest, import_token: str) -> HttpResponse:
    """Answer for the rejected rows, with the note that the form holds."""
    note = request.POST.get("note", "")
    acknowledge_rejected(acting_user=person(request), import_token=import_token, note=note)
    messages.success(request, "The rejected rows are answered for.")
    return redirect("web:data_import", import_token=import_token)


urlpatterns = [
    path("data/imports/<str:import_token>/acknowledge", acknowledge, name="data_acknowledge"),
    path("data/imports/<str:import_token>", imported, name="data_import"),
    path("data/imports/<str:import_token>/undo", undo, name="data_undo"),
]
