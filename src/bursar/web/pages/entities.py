"""Legal entities: currency, calendar and VAT of each, and their figures side by side."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from bursar.core.calc.fiscal import PATTERNS
from bursar.core.money.amount import exact_text, parse_amount
from bursar.core.refusal import Refused
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.office.reference.entities import entity
from bursar.record.actions.set_entity import EntityChange, set_entity
from bursar.record.actions.set_vat_ratio import set_vat_ratio
from bursar.record.errors import UnknownEntity
from bursar.report.entities import Entities, legal_entities
from bursar.web.downloads import json_attachment
from bursar.web.requests import person

ACT = "record.set_entity"
MONTHS = [(str(n), datetime(2000, n, 1, tzinfo=UTC).strftime("%B")) for n in range(1, 13)]


class EntityForm(forms.Form):
    """What an entity is; its calendar can change until cost is posted by it."""

    name = forms.CharField(max_length=200)
    currency = forms.CharField(label="Functional currency", max_length=3)
    month = forms.ChoiceField(label="Fiscal year starts in", choices=MONTHS)
    pattern = forms.ChoiceField(label="Periods", choices=[(p, p) for p in PATTERNS])


class NewEntityForm(EntityForm):
    """The same with the code that lines name it by."""

    code = forms.CharField(max_length=40)
    field_order = ("code", "name", "currency", "month", "pattern")


class VatForm(forms.Form):
    """The part of VAT that is recovered from a day on."""

    ratio = forms.CharField(
        label="Part of VAT that is recovered",
        max_length=12,
        help_text="From 0 (none) to 1 (all). The rest is cost of lines imported from now on.",
    )
    valid_from = forms.DateField(label="From day", widget=forms.DateInput(attrs={"type": "date"}))


def _found(request: HttpRequest) -> Entities:
    return legal_entities(scope_of(person(request)), on=datetime.now(UTC).date())


@require_http_methods(["GET", "POST"])
def entity_list(request: HttpRequest) -> HttpResponse:
    """Every entity, and a form for one more."""
    user = person(request)
    require(user, ACT if request.method == "POST" else "read.data")
    if request.GET.get("as") == "json":
        return json_attachment(_found(request).to_json(), name="entities")
    form = NewEntityForm(
        request.POST or None, initial={"currency": "EUR", "month": "1", "pattern": "month"}
    )
    if form.is_valid() and _set(request, form, form.cleaned_data["code"]):
        return redirect("web:entities")
    context = {"found": _found(request), "form": form, "may_change": may(user, ACT)}
    return render(request, "pages/entities.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def one_entity(request: HttpRequest, entity_code: str) -> HttpResponse:
    """Change an entity, or the part of VAT that it recovers."""
    user = person(request)
    require(user, ACT if request.method == "POST" else "read.data")
    row = next((r for r in _found(request).rows if r.code == entity_code), None)
    if row is None:
        raise UnknownEntity(f"There is no legal entity '{entity_code}'. The list shows all.")
    now = {
        "name": row.name,
        "currency": row.currency,
        "month": str(row.fiscal_start_month),
        "pattern": row.calendar_pattern,
    }
    about_vat = "ratio" in request.POST
    form = EntityForm((request.POST or None) if not about_vat else None, initial=now)
    vat = VatForm(request.POST if about_vat else None, initial={"ratio": exact_text(row.vat_ratio)})
    if form.is_valid() and _set(request, form, entity_code):
        return redirect("web:entities")
    if vat.is_valid() and _set_vat(request, vat, entity_code):
        return redirect("web:entity", entity_code=entity_code)
    context = {"row": row, "form": form, "vat": vat, "may_change": may(user, ACT)}
    status = 422 if form.errors or vat.errors else 200
    return render(request, "pages/entity.html", context, status=status)


def _set(request: HttpRequest, form: EntityForm, code: str) -> bool:
    told: dict[str, Any] = form.cleaned_data
    if "code" in told and entity(code) is not None:
        form.add_error("code", f"There is a legal entity '{code}' already; open it below.")
        return False
    change = EntityChange(
        name=told["name"],
        currency=told["currency"].upper(),
        fiscal_start_month=int(told["month"]),
        calendar_pattern=told["pattern"],
    )
    try:
        set_entity(acting_user=person(request), code=code, change=change)
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return False
    messages.success(request, f"{code} is saved.")
    return True


def _set_vat(request: HttpRequest, form: VatForm, code: str) -> bool:
    try:
        set_vat_ratio(
            acting_user=person(request),
            code=code,
            ratio=parse_amount(form.cleaned_data["ratio"]),
            valid_from=form.cleaned_data["valid_from"],
        )
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return False
    messages.success(request, f"The VAT of {code} is set.")
    return True


urlpatterns = [
    path("data/entities/", entity_list, name="entities"),
    path("data/entities/<str:entity_code>", one_entity, name="entity"),
]
