"""Other quantities for a driver, typed or dragged, and at once who would pay more or less."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from bursar.allocate.errors import BadQuantity
from bursar.allocate.what_if import AskedRun, Measured
from bursar.core.calc.allocation.drivers import Quantity
from bursar.core.money.amount import AmountError, exact_sum, parse_amount
from bursar.core.refusal import Refused
from bursar.office.people.permissions import require
from bursar.office.people.scope import scope_of
from bursar.report.what_if import run_to_ask, usage_text, what_if
from bursar.web.downloads import attachment
from bursar.web.filters import select, state_line
from bursar.web.requests import person

MOST_ROWS = 200
READ = "read.model"
Tried = dict[Quantity, Decimal]


@require_http_methods(["GET", "POST"])
def what_if_page(request: HttpRequest) -> HttpResponse:
    """A driver's quantities in a month, each of which can be changed."""
    require(person(request), READ)
    selection = select(request)
    period = request.POST.get("period") or selection.last_period or ""
    context: dict[str, Any] = {"trail": [("Allocation", reverse("web:model")), ("What if", "")]}
    context["state"] = state_line(selection, fields=("period",))
    try:
        asked = run_to_ask(selection.scope, period)
    except Refused as refusal:
        context["none"] = refusal.message
        return render(request, "pages/what_if.html", context)
    drivers = list(dict.fromkeys(one.key.measure for one in asked.quantities))
    driver = _given(request, "driver", drivers)
    mine = [one for one in asked.quantities if one.key.measure == driver]
    sources = list(dict.fromkeys(one.key.from_key or "" for one in mine))
    source = _given(request, "source", sources)
    shown = [one for one in mine if (one.key.from_key or "") == source][:MOST_ROWS]
    if request.POST.get("act") == "file":
        content = usage_text(asked, driver, _tried(request, asked))
        return attachment(content, name=f"{driver}-{period}", kind="csv")
    most = max((one.now for one in shown), default=Decimal(0))
    context |= {
        "period": period,
        "drivers": drivers,
        "driver": driver,
        "sources": sources,
        "source": source,
        "rows": [_row(request, number, one, most) for number, one in _numbered(asked, shown)],
        "unit": shown[0].unit if shown else "",
        "sum": exact_sum(one.now for one in shown),
    }
    context |= _answer(request, asked)
    return render(request, "pages/what_if.html", context)


@require_POST
def what_if_answer(request: HttpRequest) -> HttpResponse:
    """The part of the page that says who would pay more or less; asked for while one types."""
    user = person(request)
    require(user, READ)
    asked = run_to_ask(scope_of(user), request.POST.get("period", ""))
    return render(request, "parts/what_if_answer.html", _answer(request, asked))


def _answer(request: HttpRequest, asked: AskedRun) -> dict[str, Any]:
    try:
        view = what_if(asked, _tried(request, asked))
    except Refused as refusal:
        return {"refusal": refusal.message}
    largest = max((abs(Decimal(row["difference"])) for row in view.rows), default=Decimal(0))
    rows = [{**row, "size": abs(Decimal(row["difference"]))} for row in view.rows]
    return {"view": view, "moved": rows, "largest": largest, "ms": round(view.seconds * 1000)}


def _tried(request: HttpRequest, asked: AskedRun) -> Tried:
    """Quantities that were given and are others than the run's; each by its number in the run."""
    found: Tried = {}
    for number, one in enumerate(asked.quantities):
        text = request.POST.get(f"q{number}", "").strip()
        if not text:
            continue
        try:
            amount = parse_amount(text)
        except AmountError as error:
            raise BadQuantity(
                f"The quantity for '{one.key.to_key}' is '{text}': {error.message}"
            ) from error
        if amount != one.now:
            found[one.key] = amount
    return found


def _numbered(asked: AskedRun, shown: list[Measured]) -> list[tuple[int, Measured]]:
    number = {one.key: place for place, one in enumerate(asked.quantities)}
    return [(number[one.key], one) for one in shown]


def _row(request: HttpRequest, number: int, one: Measured, most: Decimal) -> dict[str, Any]:
    places = max(0, -int(one.now.normalize().as_tuple().exponent))
    given = request.POST.get(f"q{number}", "").strip()
    return {
        "name": f"q{number}",
        "target": one.key.to_key,
        "now": one.now,
        "value": given or f"{one.now.normalize():f}",
        "most": f"{2 * (one.now or most or Decimal(1)):f}",
        "step": f"{Decimal(1).scaleb(-places):f}",
    }


def _given(request: HttpRequest, name: str, known: list[str]) -> str:
    asked = request.POST.get(name, request.GET.get(name, ""))
    return asked if asked in known else (known[0] if known else "")


urlpatterns = [
    path("model/what-if", what_if_page, name="what_if"),
    path("model/what-if/answer", what_if_answer, name="what_if_answer"),
]
