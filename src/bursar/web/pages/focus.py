"""The ledger, and what a run charged, as files in FOCUS 1.4, for other tools and for auditors."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_GET

from bursar.office.people.permissions import require
from bursar.office.people.scope import scope_of
from bursar.report.focus_export import export_focus
from bursar.report.split_charges import export_split_charges
from bursar.web.downloads import temporary
from bursar.web.requests import person


@require_GET
def ledger(request: HttpRequest) -> HttpResponseBase:
    """Every cost line in force (of the periods asked for) as gzipped CSV."""
    user = person(request)
    require(user, "read.data")
    periods = request.GET.getlist("period") or None
    with tempfile.TemporaryDirectory(prefix=".export-", dir=settings.BURSAR_HOME) as folder:
        done = export_focus(
            scope_of(user), Path(folder) / "ledger.csv.gz", periods=periods, format="csv.gz"
        )
        return temporary(done.path, name="ledger-focus-1.4", kind="csv.gz")


@require_GET
def charges(request: HttpRequest, period: str, basis: str) -> HttpResponseBase:
    """What the run in force charged, as split charges, gzipped CSV."""
    user = person(request)
    require(user, "read.data")
    with tempfile.TemporaryDirectory(prefix=".export-", dir=settings.BURSAR_HOME) as folder:
        done = export_split_charges(
            scope_of(user), Path(folder) / "charges.csv.gz",
            period=period, basis=basis, format="csv.gz",
        )  # fmt: skip
        return temporary(done.path, name=f"charges-{period}-focus-1.4", kind="csv.gz")


urlpatterns = [
    path("data/focus.csv.gz", ledger, name="focus_export"),
    path("statements/focus/<str:period>/<str:basis>.csv.gz", charges, name="focus_charges"),
]
