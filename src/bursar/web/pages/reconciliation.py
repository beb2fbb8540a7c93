"""Reconciliation: the general ledger beside Bursar, what explains each difference, and signing."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.record.actions.load_control import ACT as LOAD
from bursar.record.actions.load_control import load_control
from bursar.record.actions.set_account_scope import set_account_scope
from bursar.record.actions.sign_reconciliation import ACT as SIGN
from bursar.record.actions.sign_reconciliation import sign_reconciliation
from bursar.record.control.comparing import Account
from bursar.report.coverage import coverage
from bursar.report.reconciliation import Reconciliation, reconciled_periods, reconciliation
from bursar.web.downloads import json_attachment
from bursar.web.filters import BASIS_WORDS, select
from bursar.web.requests import person
from bursar.web.uploads import forget, keep, kept

BASES = ("booked", "billed", "effective")


@require_GET
def reconcile(request: HttpRequest) -> HttpResponse:
    """One period on one basis: every account, its difference and what explains it."""
    user = person(request)
    require(user, "read.data")
    scope = scope_of(user)
    loaded = reconciled_periods(scope)
    known = sorted({*loaded, *select(request).choices.periods}, reverse=True)
    asked = request.GET.get("period", "")
    period = asked if asked in known else max(loaded, default="") or next(iter(known), "")
    basis = request.GET.get("basis", "")
    basis = basis if basis in BASES else "booked"
    found = reconciliation(scope, period=period, basis=basis)
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name=f"reconciliation-{period}-{basis}")
    context = {
        "found": found,
        "accounts": _largest_first(found),
        "periods": known,
        "period": period,
        "basis": basis,
        "bases": [(name, BASIS_WORDS[name]) for name in BASES],
        "coverage": coverage(scope, period=period),
        "may_sign": may(user, SIGN),
        "may_load": may(user, LOAD),
        "json_url": f"?{urlencode({'period': period, 'basis': basis, 'as': 'json'})}",
    }
    return render(request, "pages/reconciliation.html", context)


def _largest_first(found: Reconciliation) -> list[Account]:
    """What nothing explains comes first, then the largest differences."""
    return sorted(
        found.accounts, key=lambda a: (-abs(a.unexplained), -abs(a.difference), a.account)
    )


@require_POST
def load(request: HttpRequest) -> HttpResponse:
    """Load a trial balance as control."""
    user = person(request)
    require(user, LOAD)
    token = keep(request.FILES.getlist("files"))
    try:
        done = load_control(
            paths=kept(token), acting_user=user, source=request.POST.get("source") or None
        )
    finally:
        forget(token)
    periods = [batch["period"] for batch in done.batches]
    rejected = f", {done.rows_rejected} rejected" if done.rows_rejected else ""
    messages.success(request, f"{done.rows_accepted} balances of {', '.join(periods)}{rejected}.")
    return redirect(f"{reverse('web:reconciliation')}?{urlencode({'period': max(periods)})}")


@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    """Sign the period of one legal entity."""
    fields = {name: request.POST.get(name, "") for name in ("period", "entity", "basis")}
    sign_reconciliation(
        acting_user=person(request), **fields, comment=request.POST.get("comment", "")
    )
    messages.success(request, f"{fields['period']} of {fields['entity']} is signed.")
    query = urlencode({"period": fields["period"], "basis": fields["basis"]})
    return redirect(f"{reverse('web:reconciliation')}?{query}")


@require_POST
def account_scope(request: HttpRequest) -> HttpResponse:
    """Leave accounts out of the comparison, or take them back in."""
    pattern, reason = request.POST.get("pattern", ""), request.POST.get("reason", "")
    set_account_scope(acting_user=person(request), pattern=pattern, reason=reason)
    messages.success(request, f"{pattern} is {'out of scope' if reason else 'compared'}.")
    return redirect("web:reconciliation")


urlpatterns = [
    path("data/reconciliation/", reconcile, name="reconciliation"),
    path("data/reconciliation/load", load, name="reconciliation_load"),
    path("data/reconciliation/sign", sign, name="reconciliation_sign"),
    path("data/reconciliation/scope", account_scope, name="reconciliation_scope"),
]
