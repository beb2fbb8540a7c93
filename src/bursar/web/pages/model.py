"""The cost model: its steps as a picture and tables, its text, and runs of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.actions.run_model import run_model
from bursar.allocate.actions.save_draft import save_draft
from bursar.allocate.drafts import draft_numbered
from bursar.allocate.model_queries import check_model, diff_model
from bursar.allocate.models import ModelDraft
from bursar.allocate.versions import model_of, version_in_force
from bursar.core.money.amount import exact_sum
from bursar.core.refusal import Refused
from bursar.flow.jobs import ask_run
from bursar.flow.models import Job
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import Scope
from bursar.report.driver_quality import driver_quality
from bursar.report.model_drafts import draft_list
from bursar.report.model_view import lines_of_text, model_view, steps_of_text
from bursar.report.service_exchange import recovery_ledger, service_exchange
from bursar.report.unclassified import unclassified
from bursar.web.filters import select, state_line
from bursar.web.model_picture import picture, picture_of_text
from bursar.web.model_start import first_text
from bursar.web.requests import person

SHOWN = 3
"""Problems that stand in place of the picture while a text is written."""


@require_GET
def model(request: HttpRequest) -> HttpResponse:
    """A version of the model, with the money that each rule moved in a period."""
    user = person(request)
    require(user, "read.model")
    selection = select(request)
    number = request.GET.get("version", "")
    view = model_view(
        selection.scope,
        number=int(number) if number.isdecimal() and len(number) < 7 else None,
        period=selection.last_period,
        currency=selection.currency or None,
    )
    drivers = (
        driver_quality(selection.scope, period=selection.last_period, basis=view.basis)
        if view and selection.last_period
        else None
    )
    period, everything = selection.last_period, selection.scope.everything
    exchanged, gaps = [], []
    if view and period and everything:
        exchanged = service_exchange(selection.scope, period=period, basis=view.basis)
        gaps = recovery_ledger(selection.scope, basis=view.basis, year=period[:4])
    context = {
        "waiting": draft_list(selection.scope, under_way=True) if everything else [],
        "exchanged": exchanged,
        "gaps": gaps,
        "state": state_line(
            selection,
            fields=("period", "currency"),
            carried=[("version", number)] if number else [],
        ),
        "view": view,
        "picture": picture(view) if view else None,
        "drivers": drivers,
        "currency": selection.currency,
        "may_change": may(user, "allocate.apply_model"),
        "last_runs": Job.objects.filter(act="allocate.run_model")[:5],
    }
    return render(request, "pages/model.html", context)


@require_http_methods(["GET", "POST"])
def model_text(request: HttpRequest) -> HttpResponse:
    """The model's text: check it, see what differs, try it on a period, save it for review, apply
    it."""
    user = person(request)
    require(user, "read.model")
    selection = select(request)
    current = version_in_force()
    draft = _draft(request)
    text = request.POST.get("text")
    if text is None and draft is not None:
        text = draft.text
    elif text is None:
        text = current.text if current else first_text(unclassified(selection.scope).rows)
    text = text.replace("\r\n", "\n")
    context: dict[str, Any] = {
        "text": text,
        "version": current,
        "draft": draft,
        "review_required": model_of(current).review == "required",
        "periods": selection.choices.periods,
        "try_period": request.POST.get("try_period") or selection.last_period,
        "may_change": may(user, "allocate.apply_model"),
        "from_period": request.POST.get("from_period", draft.from_period if draft else ""),
        "comment": request.POST.get("comment", draft.comment if draft else ""),
    }
    context |= _pictured(selection.scope, text)
    if request.method == "POST":
        act = request.POST.get("act", "check")
        context["problems"] = check_model(text)["problems"]
        context["checked"] = True
        if not context["problems"]:
            try:
                if act == "apply":
                    return _applied(request, text, context)
                if act == "save":
                    return _saved(request, text, context)
                if act == "try":
                    context["tried"] = _tried(request, text, str(context["try_period"]))
            except Refused as refusal:
                context["refusal"] = refusal.message
            context["difference"] = diff_model(text)
    return render(request, "pages/model_text.html", context)


@require_POST
def text_picture(request: HttpRequest) -> HttpResponse:
    """The steps of the text as it is being written, or what is wrong with it."""
    require(person(request), "read.model")
    text = request.POST.get("text", "").replace("\r\n", "\n")
    pictured = _pictured(select(request).scope, text)
    if pictured["picture"] is None:
        problems = check_model(text)["problems"]
        pictured |= {"problems": problems[:SHOWN], "more": max(0, len(problems) - SHOWN)}
    return render(request, "parts/model_text_picture.html", pictured)


def _pictured(scope: Scope, text: str) -> dict[str, Any]:
    steps = steps_of_text(scope, text)
    return {"picture": picture_of_text(steps, lines_of_text(text)) if steps else None}


def _applied(request: HttpRequest, text: str, context: dict[str, Any]) -> HttpResponse:
    outcome = apply_model(
        text=text,
        acting_user=person(request),
        from_period=context["from_period"] or None,
        comment=context["comment"],
    )
    since = outcome.in_force_from or "the first period"
    said = "was in force already" if outcome.unchanged else "is in force"
    messages.success(request, f"Version {outcome.version} {said} from {since} on.")
    for warning in outcome.warnings:
        messages.warning(request, warning["message"])
    return redirect("web:model")


def _saved(request: HttpRequest, text: str, context: dict[str, Any]) -> HttpResponse:
    draft = save_draft(
        text=text,
        acting_user=person(request),
        number=context["draft"].number if context["draft"] else None,
        from_period=context["from_period"] or None,
        comment=context["comment"],
    )
    messages.success(request, f"Draft {draft.number} is saved. Nothing of it counts yet.")
    return redirect("web:model_draft", draft.number)


def _draft(request: HttpRequest) -> ModelDraft | None:
    number = request.POST.get("draft") or request.GET.get("draft", "")
    return draft_numbered(int(number)) if number.isdecimal() and len(number) < 7 else None


def _tried(request: HttpRequest, text: str, period: str) -> dict[str, Any]:
    outcome = run_model(acting_user=person(request), periods=[period], dry_run=True, draft=text)
    return _told(outcome.to_json())


def _told(outcome: dict[str, Any]) -> dict[str, Any]:
    """A run's outcome with equal problems of several periods in one row each."""
    rows: dict[tuple[str, str | None], dict[str, Any]] = {}
    for problem in outcome.get("problems", []):
        key = (problem["message"], problem["currency"])
        row = rows.setdefault(key, {**problem, "periods": [], "amounts": []})
        row["periods"].append(problem["period"])
        if problem["amount"] is not None:
            row["amounts"].append(Decimal(problem["amount"]))
    for row in rows.values():
        row["amount"] = exact_sum(row["amounts"]) if row["amounts"] else None
    return outcome | {"problems": list(rows.values())}


@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Ask for a run behind the page: a dry one, or one that publishes."""
    periods = [p for p in (request.POST.get("period", ""),) if p]
    job = ask_run(
        acting_user=person(request),
        periods=periods or None,
        dry_run=request.POST.get("act") != "publish",
    )
    return redirect("web:model_run", job.token)


@require_GET
def run_status(request: HttpRequest, token: str) -> HttpResponse:
    """How far a run is, and what it did; the page asks again by itself until it has ended."""
    user = person(request)
    require(user, "read.model")
    job = get_object_or_404(Job, token=token, act="allocate.run_model")
    outcome = job.outcome or {}
    context = {
        "job": job,
        "running": job.state in ("waiting", "running"),
        "outcome": _told(outcome),
        "refusal": outcome.get("error"),
        "dry": job.arguments.get("dry_run"),
        "may_change": may(user, "allocate.run_model"),
        "trail": [("Allocation", reverse("web:model")), ("Run", "")],
        "periods_run": sorted(
            {row["period"] for row in outcome.get("balance", [])}
            - set(outcome.get("unchanged", []))
        ),
    }
    return render(request, "pages/model_run.html", context)


urlpatterns = [
    path("model/", model, name="model"),
    path("model/text", model_text, name="model_text"),
    path("model/text/picture", text_picture, name="model_text_picture"),
    path("model/run", run, name="model_ask_run"),
    path("model/runs/<str:token>", run_status, name="model_run"),
]
