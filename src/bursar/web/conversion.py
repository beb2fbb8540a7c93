"""What pages say about figures in another currency: what is missing, what was used, what it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from bursar.office.people.models import User
from bursar.office.people.permissions import may
from bursar.report.costs import Costs
from bursar.report.currency_effect import PLAN, CurrencyEffect, currency_effect
from bursar.report.errors import MissingRates
from bursar.report.periods import before
from bursar.web.filters import Selection

ROWS = 20


def missing_rates(refusal: MissingRates, user: User) -> dict[str, Any]:
    """The context of a page whose figure lacks a rate: the reason, and what was not converted."""
    return {
        "missing": refusal.message,
        "unconverted": refusal.unconverted,
        "rates_url": reverse("web:rates") if may(user, "read.data") else "",
    }


def shown_currency(selection: Selection, figure: Costs) -> str:
    """The currency that the page's table is in."""
    if not selection.shown.converts:
        return selection.currency
    known = [total.currency for total in figure.totals]
    chosen = selection.shown.currency or selection.currency
    return chosen if chosen in known or not known else known[0]


def effect_of_rates(
    selection: Selection, by: str, against: str, axes: Sequence[tuple[str, str]]
) -> dict[str, Any] | None:
    """What rates did since the period before, or against the plan's; for one converted period."""
    if not selection.shown.converts or len(selection.periods) != 1 or selection.at:
        return None
    now = selection.periods[0]
    past = before(now, selection.choices.periods)
    bases = [*([(past, f"Since {past}")] if past else []), (PLAN, "Against plan rates")]
    earlier = PLAN if against == PLAN or past is None else past
    here = reverse("web:costs")
    told: dict[str, Any] = {
        "before": earlier,
        "after": now,
        "segments": [
            (words, selection.link(here, [*axes, ("against", base)]), base == earlier)
            for base, words in bases
        ],
    }
    try:
        found = currency_effect(
            selection.scope,
            before=earlier,
            after=now,
            by=[by] if by != "period" else [],
            basis=selection.basis,
            filters=selection.all_filters,
            currency=selection.shown,
        )
    except MissingRates as refusal:
        return told | {"missing": refusal.message}
    return told | {
        "figure": found,
        "rows": _rows(found),
        "more": max(0, len(found.rows) - ROWS),
        "several": len(found.totals) > 1,
    }


def _rows(found: CurrencyEffect) -> list[dict[str, Any]]:
    rows = [
        {
            "label": next(iter(row.dimensions.values()), None) or "(empty)",
            "currency": row.currency,
            "effect": row.effect,
        }
        for row in found.rows
    ]
    return rows[:ROWS] if found.by else []
