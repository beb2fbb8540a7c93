"""The Bill of IT on pages: all statements of a period, one in full, and each as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from bursar.office.people.permissions import may, require
from bursar.report.bill_of_it import statement, statements
from bursar.report.change import change_of
from bursar.report.charts.bars import statement_bars
from bursar.report.charts.history import history_bars
from bursar.report.documents.kinds import KINDS, document, file_name
from bursar.report.documents.printed import BASIS_TOLD, grouped
from bursar.report.fairness import fairness
from bursar.report.periods import Organization
from bursar.report.statement import Statement, StatementLine, Statements
from bursar.report.wording import period_name
from bursar.web.downloads import json_attachment
from bursar.web.filters import Selection, select, state_line
from bursar.web.requests import person

FILES = tuple(KINDS)
FIELDS = ("period", "currency", "legal_entity")
PARTS = ("solution", "tower", "cost_pool")


@require_GET
def statement_list(request: HttpRequest) -> HttpResponse:
    """Every statement of the period in scope, largest first, with its sums and files."""
    require(person(request), "read.figures")
    selection = select(request)
    found = _found(selection)
    shown = sorted(found.statements, key=lambda s: (s.period, -s.document_total, s.consumer))
    here = reverse("web:statement_files", args=["kind"])
    context = {
        "state": state_line(selection, fields=FIELDS),
        "found": found,
        "rows": [(s, reverse("web:statement", args=[s.statement_id])) for s in shown],
        "largest": max((abs(s.document_total) for s in shown), default=None),
        "sums": _sums(selection, found),
        "files": [(kind, selection.link(here.replace("kind", kind))) for kind in FILES if shown],
        "many": len(found.periods) > 1,
        "may_run": may(person(request), "allocate.run_model"),
        "period": selection.last_period,
        "focus_charges": _focus_charges(selection, found),
    }
    return render(request, "statements/list.html", context)


def _focus_charges(selection: Selection, found: Statements) -> str | None:
    """The address of a month's split charges, for who sees everything."""
    if not selection.scope.everything or len(found.periods) != 1:
        return None
    return reverse("web:focus_charges", args=[found.periods[0], found.basis])


@require_GET
def one_statement(request: HttpRequest, statement_id: str) -> HttpResponse:
    """One statement: total, what changed, charts, lines with their traces, and its files."""
    require(person(request), "read.figures")
    selection = select(request)
    told = statement(selection.scope, statement_id=statement_id)
    address = reverse("web:statement_file", args=[statement_id, "kind"])
    files = [(kind, address.replace("/kind", f"/{kind}")) for kind in FILES]
    return _page(request, selection, [told], files)


@require_GET
def statement_change(request: HttpRequest, statement_id: str) -> HttpResponse:
    """Why a statement is not what it was, in parts, line by line."""
    require(person(request), "read.figures")
    selection = select(request)
    before, against = request.GET.get("before") or None, request.GET.get("against") or None
    found = change_of(selection.scope, statement_id=statement_id, before=before, against=against)
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name=f"change-{found.consumer}-{found.period}")
    runs = selection.choices.run_periods
    sizes = [abs(amount) for _, amount in found.parts]
    context = {
        "state": state_line(selection, fields=()),
        "found": found,
        "period_name": period_name(found.period),
        "before_name": period_name(found.before_period),
        "against": against,
        "choices": sorted((p for p in runs if p < found.period), reverse=True),
        "largest": max(sizes, default=None),
        "here": reverse("web:statement_change", args=[statement_id]),
        "statement_url": reverse("web:statement", args=[statement_id]),
    }
    return render(request, "statements/change.html", context)


@require_GET
def statement_fairness(request: HttpRequest, statement_id: str) -> HttpResponse:
    """Each charge of a statement beside other ways that could be defended."""
    require(person(request), "read.figures")
    selection = select(request)
    found = fairness(selection.scope, statement_id=statement_id)
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name=f"fairness-{found.consumer}-{found.period}")
    told = []
    for charge in found.charges:
        amounts = [abs(way.amount) for way in charge.ways if way.amount is not None]
        told.append({"charge": charge, "largest": max(amounts, default=None)})
    here = reverse("web:statement", args=[statement_id])
    context = {
        "state": state_line(selection, fields=()),
        "found": found,
        "period_name": period_name(found.period),
        "charges": told,
        "trail": [
            ("Statements", selection.link(reverse("web:statements"), period=found.period)),
            (f"{found.consumer}, {period_name(found.period)}", here),
            ("Is this fair?", ""),
        ],
    }
    return render(request, "statements/fairness.html", context)


@require_GET
def consumer_statements(request: HttpRequest, consumer: str) -> HttpResponse:
    """A consumer's statements of the period, and the sum of all below her."""
    require(person(request), "read.figures")
    selection = select(request)
    found = _found(selection, consumer)
    files = [
        (kind, selection.link(reverse("web:statement_files", args=[kind]), [("of", consumer)]))
        for kind in FILES
        if kind != "focus" or not all(s.rollup for s in found.statements)
    ]
    return _page(request, selection, list(found.statements), files)


@require_GET
def statement_file(request: HttpRequest, statement_id: str, kind: str) -> HttpResponse:
    """One statement as a file."""
    require(person(request), "read.figures")
    scope = select(request).scope
    found = Statements.of(statement(scope, statement_id=statement_id))
    return _file(*document(scope, found, kind), file_name(found, kind))


@require_GET
def statement_files(request: HttpRequest, kind: str) -> HttpResponse:
    """All statements of the list, or one consumer's with `of`, in one file."""
    require(person(request), "read.figures")
    selection = select(request)
    found = _found(selection, request.GET.get("of") or None)
    return _file(*document(selection.scope, found, kind), file_name(found, kind))


def _found(selection: Selection, consumer: str | None = None) -> Statements:
    """The statements that the address asks for; none for a period that was never run."""
    run = [p for p in selection.periods if p in selection.choices.run_periods]
    if not run and consumer is None:
        return Statements(selection.basis, (), (), ())
    return statements(
        selection.scope,
        periods=run or None,
        consumer=consumer,
        basis=selection.basis if selection.basis != "effective" else None,
        currency=selection.currency or None,
        legal_entity=selection.legal_entity or None,
    )


def _page(
    request: HttpRequest,
    selection: Selection,
    shown: list[Statement],
    files: list[tuple[str, str]],
) -> HttpResponse:
    first = shown[0]
    context: dict[str, Any] = {
        "state": state_line(selection, fields=()),
        "first": first,
        "period_name": period_name(first.period),
        "parts": [_part(each, selection) for each in shown],
        "files": files,
        "basis_told": BASIS_TOLD[first.basis],
        "trail": [
            ("Statements", selection.link(reverse("web:statements"), period=first.period)),
            (f"{first.consumer}, {period_name(first.period)}", ""),
        ],
    }
    return render(request, "statements/statement.html", context)


def _part(told: Statement, selection: Selection) -> dict[str, Any]:
    """One statement as the template shows it, each line with the address of its trace."""
    return {
        "told": told,
        "previous_name": period_name(told.previous_period or ""),
        "change_url": None
        if told.rollup
        else reverse("web:statement_change", args=[told.statement_id]),
        "fair_url": None
        if told.rollup
        else reverse("web:statement_fairness", args=[told.statement_id]),
        "towers": statement_bars(told),
        "history": history_bars(told.past) if len(told.past) > 1 else None,
        "past": list(reversed(told.past)),
        "groups": [
            {
                "solution": solution,
                "rows": [(line, _trace(told, line, selection)) for line in lines],
                "total": sum(line.document_amount for line in lines),
                "share": sum(line.share for line in lines),
            }
            for solution, lines in grouped(told.lines)
        ],
    }


def _trace(told: Statement, line: StatementLine, selection: Selection) -> str:
    """Where the line's sources are; a roll-up is traced through the consumers that it sums."""
    if told.rollup or line.gone:
        return ""
    parts = [(name, getattr(line, name)) for name in PARTS]
    return selection.link(
        reverse("web:trace"),
        [("consumer", told.consumer), *parts],
        period=told.period,
        currency=told.currency,
        legal_entity=told.legal_entity,
    )


def _sums(selection: Selection, found: Statements) -> list[tuple[str, str]]:
    """Consumers with others below them, and the address of their roll-up."""
    if not found.periods:
        return []
    period = found.periods[-1]
    organization = Organization(selection.scope, [period])
    charged = {s.consumer for s in found.statements if s.period == period}
    parents = [
        name
        for name in selection.choices.consumers
        if len(organization.below(period, name)) > 1 and charged & organization.below(period, name)
    ]
    return [
        (name, selection.link(reverse("web:consumer_statements", args=[name]), period=period))
        for name in parents
    ]


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


urlpatterns = [
    path("statements/", statement_list, name="statements"),
    path("statements/all.<str:kind>", statement_files, name="statement_files"),
    path("statements/of/<path:consumer>", consumer_statements, name="consumer_statements"),
    path("statements/<str:statement_id>/", one_statement, name="statement"),
    path("statements/<str:statement_id>/change/", statement_change, name="statement_change"),
    path("statements/<str:statement_id>/fairness/", statement_fairness, name="statement_fairness"),
    path("statements/<str:statement_id>/<str:kind>", statement_file, name="statement_file"),
]
