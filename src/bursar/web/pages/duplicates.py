"""Suspected duplicates, both lines side by side, and what credit notes leave of their invoices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from bursar.office.people.permissions import require
from bursar.office.people.scope import scope_of
from bursar.report.duplicates import KINDS, duplicates
from bursar.web.downloads import json_attachment
from bursar.web.requests import person


@require_GET
def suspected(request: HttpRequest) -> HttpResponse:
    """Of everything in force, or of one import (`?import=`); largest money first."""
    user = person(request)
    require(user, "read.data")
    token = request.GET.get("import") or None
    found = duplicates(scope_of(user), import_token=token)
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name="duplicates")
    context = {
        "found": found,
        "suspicions": [(one, KINDS[one.kind]) for one in found.suspicions],
        "import_token": token,
    }
    return render(request, "pages/data_duplicates.html", context)


urlpatterns = [path("data/duplicates/", suspected, name="duplicates")]
