"""Who did what, newest first, and whether the chain of entries is whole."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from bursar.office.journal.anchors import changed_since_anchored, last_anchored
from bursar.office.journal.checking import check_chain
from bursar.office.journal.queries import entries, entry_json
from bursar.office.people.permissions import require
from bursar.web.downloads import json_attachment
from bursar.web.requests import page_number, person

ENTRIES_PER_PAGE = 100


@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """Entries that match, with the state of the chain above them."""
    require(person(request), "read.journal")
    text, act = request.GET.get("text", ""), request.GET.get("act", "")
    found = entries(act=act, text=text)
    if request.GET.get("as") == "json":
        return json_attachment({"entries": [entry_json(e) for e in found]}, name="journal")
    page, total = page_number(request), found.count()
    start = (page - 1) * ENTRIES_PER_PAGE
    shown = list(found[start : start + ENTRIES_PER_PAGE])
    here = f"{reverse('web:journal')}?{urlencode({'text': text, 'act': act})}"
    context = {
        "chain": check_chain(),
        "anchored": last_anchored(),
        "unanchored": changed_since_anchored(),
        "rows": [(e, json.dumps(e.detail, indent=1, ensure_ascii=False)) for e in shown],
        "text": text,
        "act": act,
        "pager": {
            "first": start + 1 if shown else 0,
            "last": start + len(shown),
            "total": total,
            "before": f"{here}&page={page - 1}" if page > 1 else "",
            "after": f"{here}&page={page + 1}" if start + len(shown) < total else "",
        },
    }
    return render(request, "pages/journal.html", context)


urlpatterns = [path("journal/", journal, name="journal")]
