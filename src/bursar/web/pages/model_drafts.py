"""A draft of the cost model: what it moves in money, and the second person's word on it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from bursar.allocate.actions.publish_draft import publish_draft
from bursar.allocate.actions.review_draft import review_draft
from bursar.allocate.actions.withdraw_draft import withdraw_draft
from bursar.core.refusal import Refused
from bursar.office.people.models import User
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.report.model_drafts import draft_list, draft_view
from bursar.web.requests import person

CHANGE = "allocate.apply_model"


@require_GET
def model_drafts(request: HttpRequest) -> HttpResponse:
    """Every draft, newest first."""
    user = person(request)
    require(user, "read.model")
    context = {"rows": draft_list(scope_of(user)), "trail": [*_trail(), ("Drafts", "")]}
    return render(request, "pages/model_drafts.html", context)


@require_GET
def model_draft(request: HttpRequest, number: int) -> HttpResponse:
    """One draft with its money, its changes, its history, and what can be done about it."""
    user = person(request)
    require(user, "read.model")
    view = draft_view(scope_of(user), number)
    changes = may(user, CHANGE)
    own = user.get_username() in view.row.authors
    context = {
        "history": [{**e, "at": e["at"][:16].replace("T", " ")} for e in view.history],
        "view": view,
        "draft": view.row,
        "may_review": changes and view.row.standing == "draft" and not view.behind and not own,
        "own": own,
        "may_publish": changes and view.row.standing == "reviewed" and not view.behind,
        "may_change": changes and view.under_way,
        "trail": [*_trail(), ("Drafts", reverse("web:model_drafts")), (str(number), "")],
    }
    return render(request, "pages/model_draft.html", context)


@require_POST
def model_draft_act(request: HttpRequest, number: int) -> HttpResponse:
    """Approves, returns, publishes or withdraws the draft."""
    user, act = person(request), request.POST.get("act", "")
    try:
        done = _done(request, number, act, user)
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("web:model_draft", number)
    messages.success(request, done)
    return redirect("web:model") if act == "publish" else redirect("web:model_draft", number)


def _done(request: HttpRequest, number: int, act: str, user: User) -> str:
    text = request.POST.get("text", "")
    if act == "publish":
        made = publish_draft(number=number, acting_user=user)
        return f"Version {made.version} is in force from {made.in_force_from or 'ever'} on."
    if act == "withdraw":
        withdraw_draft(number=number, acting_user=user, text=text)
        return f"Draft {number} is withdrawn."
    seen = request.POST.get("sha256", "")
    approve = act == "approve"
    review_draft(number=number, sha256=seen, approve=approve, acting_user=user, text=text)
    return f"Draft {number} is {'reviewed: it can be published' if approve else 'returned'}."


def _trail() -> list[tuple[str, str]]:
    return [("Allocation", reverse("web:model"))]


urlpatterns = [
    path("model/drafts/", model_drafts, name="model_drafts"),
    path("model/drafts/<int:number>", model_draft, name="model_draft"),
    path("model/drafts/<int:number>/act", model_draft_act, name="model_draft_act"),
]
