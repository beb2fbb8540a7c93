"""Exchange rates: the tables by type, how fresh they are, and forms that bring more."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from bursar.core.money.amount import parse_amount
from bursar.core.refusal import Refused
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.office.reference.models import RateType
from bursar.record.actions.import_rates import ACT, import_rates
from bursar.record.actions.set_rate import set_rate
from bursar.record.actions.set_reporting_currency import set_reporting_currency
from bursar.report.rates import lacking, rates
from bursar.web.downloads import json_attachment
from bursar.web.requests import person
from bursar.web.uploads import NothingUploaded

REJECTED_SHOWN = 50
LACKING_SHOWN = 24


class RateForm(forms.Form):
    """One rate, in words: one of this is so much of that."""

    kind = forms.ChoiceField(label="Type", choices=RateType.choices, initial=RateType.PLAN)
    source = forms.CharField(label="One unit of", max_length=3)
    rate = forms.CharField(label="Is", max_length=60)
    target = forms.CharField(label="Of", max_length=3)
    day = forms.DateField(label="From day", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(
        label="To day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: a plan's fiscal year, an average's month.",
    )


@require_GET
def rate_tables(request: HttpRequest) -> HttpResponse:
    """Every table with its newest rates."""
    require(person(request), "read.data")
    if request.GET.get("as") == "json":
        return json_attachment(rates(scope_of(person(request))).to_json(), name="rates")
    return _page(request, RateForm())


def _page(request: HttpRequest, form: RateForm, *, status: int = 200, **more: Any) -> HttpResponse:
    user = person(request)
    found, missing = rates(scope_of(user)), lacking(scope_of(user))
    daily = next((table.newest for table in found.tables if table.daily), None)
    context = {
        "found": found,
        "lacking": missing[:LACKING_SHOWN],
        "lacking_more": max(0, len(missing) - LACKING_SHOWN),
        "old": (datetime.now(UTC).date() - daily).days if daily else 0,
        "form": form,
        "may_import": may(user, ACT),
        **more,
    }
    return render(request, "pages/rates.html", context, status=status)


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Take files of rates; what is rejected is listed on the page."""
    user = person(request)
    require(user, ACT)
    files = request.FILES.getlist("files")
    if not files:
        raise NothingUploaded("No file came with the form. Choose one or drop it on the field.")
    outcomes = [_stored(file, lambda kept: import_rates(path=kept, acting_user=user))
               for file in files]  # fmt: skip
    for done in outcomes:
        messages.success(
            request,
            f"{done.file}: {done.added:,} rates added, {done.changed:,} changed, {done.same:,} "
            f"known before, {done.rejected_total:,} rejected.",
        )
    rejected = [reason for done in outcomes for reason in done.rejected]
    if not rejected:
        return redirect("web:rates")
    return _page(
        request,
        RateForm(),
        rejected=rejected[:REJECTED_SHOWN],
        rejected_total=sum(done.rejected_total for done in outcomes),
    )


def _stored(file: UploadedFile[bytes], take: Callable[[Path], Any]) -> Any:
    """The upload on disk under its own name for as long as it is read."""
    home = Path(settings.BURSAR_HOME)
    with tempfile.TemporaryDirectory(prefix=".upload-", dir=home) as folder:
        kept = Path(folder) / (Path(file.name or "").name[-100:].strip(".") or "rates")
        with kept.open("wb") as handle:
            for piece in file.chunks():
                handle.write(piece)
        return take(kept)


@require_POST
def set_one(request: HttpRequest) -> HttpResponse:
    """Set one rate by hand."""
    user = person(request)
    require(user, "record.set_rate")
    form = RateForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            done = set_rate(
                acting_user=user,
                kind=told["kind"],
                source=told["source"].upper(),
                target=told["target"].upper(),
                rate=parse_amount(told["rate"]),
                day=told["day"],
                until=told["until"],
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"1 {done.source} = {told['rate']} {done.target} is set.")
            return redirect("web:rates")
    return _page(request, form, status=422)


@require_POST
def set_reporting(request: HttpRequest) -> HttpResponse:
    """Choose the reporting currency."""
    code = request.POST.get("currency", "").strip().upper()
    set_reporting_currency(acting_user=person(request), currency=code)
    messages.success(request, f"Consolidated figures are in {code}.")
    return redirect("web:rates")


urlpatterns = [
    path("data/rates/", rate_tables, name="rates"),
    path("data/rates/files", send, name="rates_send"),
    path("data/rates/set", set_one, name="rates_set"),
    path("data/rates/reporting-currency", set_reporting, name="rates_reporting"),
]
