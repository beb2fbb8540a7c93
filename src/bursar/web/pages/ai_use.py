"""What AI use costs: by model, consumer, principal, team and token class, with unit costs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from bursar.core.refusal import Refused
from bursar.office.people.permissions import may, require
from bursar.office.reference.hierarchy import tree
from bursar.office.reference.models import Layer
from bursar.record.actions.assign_ai_use import assign_ai_use
from bursar.record.actions.set_ai_feed import set_ai_feed
from bursar.report.ai_use import BY, AiRow, ai_feeds, ai_use
from bursar.report.clusters import sums_by_currency
from bursar.web.downloads import json_attachment
from bursar.web.filters import Selection, select, state_line
from bursar.web.requests import person

BY_WORDS = {
    "model": "Model",
    "consumer": "Consumer",
    "principal": "Principal",
    "team": "Team",
    "token_class": "Token class",
}
_UNNAMED = {
    "model": "No model named",
    "consumer": "No consumer yet",
    "principal": "No principal named",
    "team": "No team named",
    "token_class": "Requests",
}


@require_GET
def ai_page(request: HttpRequest) -> HttpResponse:
    """Split AI cost in the chosen period and basis; before that, the logs that wait."""
    user = person(request)
    require(user, "read.data")
    selection = select(request)
    by = request.GET.get("by", "model")
    periods = selection.periods or None
    found = ai_use(selection.scope, by=by, periods=periods, basis=selection.basis)
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name="ai-use")
    currencies = {row.currency for row in found.rows}
    currency = (
        selection.currency if selection.currency in currencies else min(currencies, default="")
    )
    rows = [row for row in found.rows if row.currency == currency]
    context = {
        "state": state_line(selection, carried=[("by", by)]),
        "feeds": ai_feeds(selection.scope),
        "by": by,
        "by_word": BY_WORDS[by],
        "by_links": _by_links(selection),
        "basis": selection.basis,
        "currency": currency,
        "rows": [_told(row, by, rows) for row in rows],
        "total": sums_by_currency(rows).get(currency, Decimal(0)),
        "unattributed": _sum(r for r in rows if r.part != "use"),
        "tokens": sum(r.tokens for r in rows),
        "requests": sum(r.requests or 0 for r in rows),
        "unpriced": found.unpriced,
        "may_set": may(user, "record.set_ai_use"),
        "consumers": sorted(tree(Layer.CONSUMER).members),
    }
    return render(request, "pages/ai_use.html", context)


@require_POST
def ai_feed(request: HttpRequest, feed: str) -> HttpResponse:
    """Split a log's bill, or withdraw the split."""
    acting = person(request)
    require(acting, "record.set_ai_use")
    active = request.POST.get("active") == "yes"
    return _done(request, lambda: set_ai_feed(acting_user=acting, name=feed, active=active), feed)


@require_POST
def ai_assign(request: HttpRequest) -> HttpResponse:
    """Give a principal's or a team's use to a consumer."""
    acting = person(request)
    require(acting, "record.set_ai_use")
    kind, value, consumer = (request.POST.get(n, "") for n in ("kind", "value", "consumer"))
    return _done(
        request,
        lambda: assign_ai_use(acting_user=acting, kind=kind, value=value, consumer=consumer),
        f"{value}: {consumer or 'no consumer'}",
    )


def _done(request: HttpRequest, act: Any, told: str) -> HttpResponse:
    try:
        done = act()
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, getattr(done, "problem", "") or f"{told}: done.")
    return redirect(f"{reverse('web:ai_use')}?period=all&by=consumer")


def _sum(rows: Iterable[AiRow]) -> Decimal:
    return next(iter(sums_by_currency(rows).values()), Decimal(0))


def _told(row: AiRow, by: str, rows: list[AiRow]) -> dict[str, Any]:
    total = _sum(rows)
    is_use = row.part == "use"
    return {
        "key": row.name or row.key or (_UNNAMED[by] if is_use else "Not attributed"),
        "pseudonym": row.key if row.name else "",
        "named": row.key is not None,
        "row": row,
        "per_million": row.per_million_tokens,
        "per_1000": row.per_1000_requests,
        "share": row.amount / total if total else None,
    }


def _by_links(selection: Selection) -> list[tuple[str, str, str]]:
    here = reverse("web:ai_use")
    words = BY_WORDS | {"token_class": "Tokens"}  # short: five segments fit a phone
    return [(by, words[by], selection.link(here, [("by", by)])) for by in BY]


urlpatterns = [
    path("data/ai-use/", ai_page, name="ai_use"),
    path("data/ai-use/assign/", ai_assign, name="ai_assign"),
    path("data/ai-use/<path:feed>/", ai_feed, name="ai_feed"),
]
