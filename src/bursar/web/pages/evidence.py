"""Matches: evidences of one obligation side by side, to confirm, reject or learn from."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.record.actions.confirm_match import ACT as CONFIRM
from bursar.record.actions.confirm_match import confirm_match
from bursar.record.actions.learn_match_rule import (
    RuleLimits,
    forget_match_rule,
    learn_match_rule,
)
from bursar.record.actions.link_evidence import link_evidence
from bursar.record.actions.propose_matches import propose_matches
from bursar.record.actions.reject_match import reject_match
from bursar.record.evidence.errors import BadMatch
from bursar.report import evidence as report
from bursar.report.double_counting import double_counting
from bursar.web.downloads import json_attachment
from bursar.web.requests import page_number, person

PER_PAGE = 50
STATES = (
    ("proposed", "To decide"),
    ("confirmed", "Confirmed"),
    ("rejected", "Rejected"),
    ("unmatched", "Unmatched"),
)


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Matches of one state, the largest money first, and the figure of double counting."""
    user = person(request)
    require(user, "read.data")
    scope = scope_of(user)
    asked = request.GET.get("state", "")
    state = asked if asked in dict(STATES) else "proposed"
    free = report.unmatched(scope) if state == "unmatched" else []
    found = report.matches(scope, state=state) if state != "unmatched" else None
    if request.GET.get("as") == "json":
        told = found.to_json() if found else {"unmatched": free}
        return json_attachment(told, name=f"matches-{state}")
    every = list(found.rows) if found else free
    page = page_number(request)
    start = (page - 1) * PER_PAGE
    here = f"{reverse('web:evidence')}?{urlencode({'state': state})}&page="
    shown = every[start : start + PER_PAGE]
    context = {
        "states": STATES,
        "chosen": state,
        "rows": shown if found else [],
        "free": free[start : start + PER_PAGE],
        "pending": found.pending if found else False,
        "double": double_counting(scope),
        "rules": report.match_rules(scope),
        "levels": report.evidence_levels(scope),
        "may_decide": may(user, CONFIRM),
        "pager": {
            "first": start + 1,
            "last": start + len(shown),
            "total": len(every),
            "before": f"{here}{page - 1}" if page > 1 else "",
            "after": f"{here}{page + 1}" if start + len(shown) < len(every) else "",
        },
    }
    return render(request, "pages/evidence.html", context)


@require_GET
def group(request: HttpRequest, group_id: str) -> HttpResponse:
    """One match: its evidences side by side, why, and the lines that count it once."""
    user = person(request)
    require(user, "read.data")
    found = report.match(scope_of(user), group_id)
    if request.GET.get("as") == "json":
        return json_attachment(found, name=f"match-{group_id}")
    context = {
        "match": found,
        "sides": _sides(found),
        "may_decide": may(user, CONFIRM),
    }
    return render(request, "pages/evidence_group.html", context)


def _sides(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Members by level, the summary first, each level with its sums."""
    sides: dict[str, dict[str, Any]] = {}
    for member in found["members"]:
        side = sides.setdefault(
            member["level"],
            {
                "label": member["level_label"],
                "members": [],
                "sums": found["levels"].get(member["level"], {}),
            },
        )
        side["members"].append(member)
    return list(sides.values())


@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """Search for matches again."""
    done = propose_matches(acting_user=person(request))
    messages.success(
        request, f"{done.proposed} to decide, {done.confirmed_by_rule} confirmed by rule."
    )
    return redirect("web:evidence")


@require_POST
def decide(request: HttpRequest, group_id: str) -> HttpResponse:
    """Confirm, learn from or reject a match, and go to the next one to decide."""
    user = person(request)
    decision, comment = request.POST.get("decision", ""), request.POST.get("comment", "")
    if decision == "confirm":
        confirm_match(acting_user=user, group_id=group_id, comment=comment)
        messages.success(request, "Confirmed: it counts once.")
    elif decision == "learn":
        rules = learn_match_rule(acting_user=user, group_id=group_id, limits=_limits(request))
        messages.success(request, f"Confirmed, and learned: {', '.join(r.name for r in rules)}.")
    elif decision == "reject":
        reject_match(acting_user=user, group_id=group_id, comment=comment)
        messages.success(request, "Rejected: each evidence counts for itself.")
    else:
        raise BadMatch("Choose to confirm, to learn or to reject.")
    waiting = report.matches(scope_of(user), state="proposed").rows
    if waiting and request.POST.get("next"):
        return redirect("web:evidence_group", group_id=waiting[0]["group_id"])
    return redirect("web:evidence_group", group_id=group_id)


def _limits(request: HttpRequest) -> RuleLimits:
    """Refusals: evidence.bad_match."""
    try:
        return RuleLimits(
            Decimal(request.POST.get("absolute") or "1"),
            Decimal(request.POST.get("percent") or "2"),
        )
    except InvalidOperation:
        raise BadMatch("Write the tolerance as plain numbers, such as 1 and 2.") from None


@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Match lines by hand."""
    details = request.POST.get("details", "").splitlines()
    made = link_evidence(
        acting_user=person(request),
        summary=request.POST.get("summary", ""),
        details=[text for text in map(str.strip, details) if text],
        comment=request.POST.get("comment", ""),
    )
    messages.success(request, "Matched by hand: it counts once.")
    return redirect("web:evidence_group", group_id=made.group_id)


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Stop a learned rule."""
    name = request.POST.get("name", "")
    forget_match_rule(acting_user=person(request), name=name)
    messages.success(request, f"The rule “{name}” confirms nothing any more.")
    return redirect("web:evidence")


urlpatterns = [
    path("data/matches/", queue, name="evidence"),
    path("data/matches/search", search, name="evidence_search"),
    path("data/matches/link", link, name="evidence_link"),
    path("data/matches/forget", forget, name="evidence_forget"),
    path("data/matches/<str:group_id>", group, name="evidence_group"),
    path("data/matches/<str:group_id>/decide", decide, name="evidence_decide"),
]
