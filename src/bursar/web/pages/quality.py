"""The quality of data: what is to be mended first, and every source's score by period."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from bursar.core.tables.cube import BASES
from bursar.office.people.permissions import require
from bursar.office.people.scope import scope_of
from bursar.report.dimensions import require_basis
from bursar.report.quality import FORMULA, NAMES, Quality, QualityRow, quality
from bursar.web.downloads import json_attachment
from bursar.web.filters import BASIS_WORDS
from bursar.web.requests import person

FINDINGS_SHOWN = 30
ROWS_SHOWN = 60


@require_GET
def score(request: HttpRequest) -> HttpResponse:
    """Findings by money, then the grid of measures; source, period and basis in the address."""
    user = person(request)
    require(user, "read.data")
    source, period = request.GET.get("source") or None, request.GET.get("period") or None
    basis = require_basis(request.GET.get("basis") or "effective")
    every = quality(scope_of(user), basis=basis)
    rows = tuple(r for r in every.rows if source in (None, r.source) and period in (None, r.period))
    found = Quality(basis, rows)
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name="quality")
    newest = sorted(rows, key=lambda r: (r.period, r.money), reverse=True)
    context = {
        "found": found,
        "overall": [
            {**one, "score": Decimal(one["score"]) if one["score"] else None}
            for one in found.overall
        ],
        "findings": found.findings[:FINDINGS_SHOWN],
        "finding_count": len(found.findings),
        "names": NAMES.values(),
        "rows": [_row(row) for row in newest[:ROWS_SHOWN]],
        "more": max(0, len(rows) - ROWS_SHOWN),
        "formula": FORMULA,
        "sources": sorted({row.source for row in every.rows}),
        "periods": sorted({row.period for row in every.rows}, reverse=True),
        "chosen": {"source": source or "", "period": period or "", "basis": basis},
        "bases": [(name, BASIS_WORDS[name]) for name in BASES],
        "here": reverse("web:quality"),
    }
    return render(request, "pages/quality.html", context)


def _row(row: QualityRow) -> dict[str, Any]:
    by_key = {measure.key: measure for measure in row.measures}
    return {"row": row, "cells": [by_key.get(key) for key in NAMES]}


urlpatterns = [path("data/quality/", score, name="quality")]
