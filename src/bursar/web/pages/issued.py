"""Issued statements on pages: the list, bulk issue and acceptance, one document with its thread."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from bursar.allocate.actions.accept_statement import accept_statement
from bursar.allocate.actions.answer_dispute import answer_dispute
from bursar.allocate.actions.credit_statement import credit_statement
from bursar.allocate.actions.dispute_statement import dispute_statement
from bursar.allocate.actions.issue_statements import ANSWER_DAYS, issue_statements
from bursar.allocate.actions.make_einvoice import make_einvoice
from bursar.allocate.actions.resolve_dispute import resolve_dispute
from bursar.allocate.actions.settle_statement import settle_statement
from bursar.allocate.einvoices import may_be_invoiced
from bursar.allocate.models import EInvoice
from bursar.core.money.amount import parse_amount
from bursar.core.refusal import Refused
from bursar.office.people.models import User
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.report.documents.einvoice import FORMATS, einvoice_file, file_name
from bursar.report.documents.issued import FILES, issued_file
from bursar.report.issued_documents import (
    STANDINGS,
    DocumentView,
    difference_of,
    issued_document,
    issued_documents,
    lines_of,
    may_be_issued,
    thread_of,
)
from bursar.report.wording import period_name
from bursar.web.downloads import attachment
from bursar.web.filters import select
from bursar.web.requests import page_number, person

PER_PAGE = 100
READ = "read.figures"
ANSWER = "allocate.answer_statement"
ISSUE = "allocate.issue_statements"


@require_GET
def issued_list(request: HttpRequest) -> HttpResponse:
    """Documents in scope, those that wait for an answer first; several are accepted at once."""
    user = person(request)
    require(user, READ)
    scope, selection = scope_of(user), select(request)
    standing = request.GET.get("standing", "")
    found = issued_documents(scope, standing=standing if standing in STANDINGS else None)
    found.sort(key=lambda view: view.row.standing not in ("issued", "disputed"))
    start = (page_number(request) - 1) * PER_PAGE
    waiting = [v for v in found if v.row.standing == "issued" and not v.is_credit]
    period = selection.last_period or ""
    context = {
        "views": found[start : start + PER_PAGE],
        "total": len(found),
        "standing": standing,
        "standings": [(each.value, each.label) for each in STANDINGS],
        "may_answer": may(user, ANSWER) and bool(waiting),
        "may_issue": may(user, ISSUE) and bool(period),
        "period": period,
        "period_name": period_name(period) if period else "",
        "left": may_be_issued(scope, period) if period and may(user, ISSUE) else 0,
        "answer_days": ANSWER_DAYS,
        "trail": _trail(),
    }
    return render(request, "statements/issued.html", context)


@require_GET
def issued_page(request: HttpRequest, number: str) -> HttpResponse:
    """One document: what it says, where it stands, and what can be done about it."""
    user = person(request)
    require(user, READ)
    view = issued_document(scope_of(user), number)
    standing = view.row.standing
    open_statement = not view.is_credit and standing != "credited"
    context = {
        "view": view,
        "lines": [_shown(line) for line in lines_of(view)],
        "thread": [{**e, "at": e["at"][:16].replace("T", " ")} for e in thread_of(view)],
        "difference": difference_of(view),
        "notes": list(view.row.credit_notes.all()),
        "files": [(kind, reverse("web:issued_file", args=[number, kind])) for kind in FILES],
        "einvoice": _einvoice_shown(view, may_make=may(user, "allocate.make_einvoice")),
        "may_answer": open_statement and may(user, ANSWER),
        "may_issue": open_statement and may(user, ISSUE),
        "may_act": open_statement
        and (may(user, ISSUE) or (may(user, ANSWER) and standing in ("issued", "accepted"))),
        "may_decide": standing == "disputed" and may(user, "allocate.resolve_dispute"),
        "may_settle": standing == "accepted"
        and view.row.mode == "chargeback"
        and open_statement
        and may(user, "allocate.settle_statement"),
        "trail": [*_trail(), (number, "")],
    }
    return render(request, "statements/issued_document.html", context)


@require_GET
def issued_download(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """The document as a file."""
    user = person(request)
    require(user, READ)
    content = issued_file(issued_document(scope_of(user), number), kind)
    return attachment(content, name=number, kind=kind)


def _einvoice_shown(view: DocumentView, *, may_make: bool) -> dict[str, Any] | None:
    """Its e-invoice's files, or the offer to make it; None where there is none to speak of."""
    row = EInvoice.objects.filter(document=view.row).first()
    if row is not None:
        number = view.row.number
        told = {"gross": Decimal(row.content["gross"]), "due_on": row.content["due_on"]}
        files = [(kind, reverse("web:issued_einvoice", args=[number, kind])) for kind in FORMATS]
        return {"files": files, **told, "buyer": row.content["buyer"]["legal_name"]}
    return {"files": []} if may_make and may_be_invoiced(view.row) else None


@require_GET
def einvoice_download(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """The e-invoice as a file."""
    user = person(request)
    require(user, READ)
    content = einvoice_file(issued_document(scope_of(user), number), kind)
    media = "application/pdf" if kind == "factur-x" else "application/xml"
    answer = HttpResponse(content, content_type=media)
    answer["Content-Disposition"] = f'attachment; filename="{file_name(number, kind)}"'
    return answer


@require_POST
def issue(request: HttpRequest) -> HttpResponse:
    """Issues every statement of the period that nobody was given yet."""
    try:
        days = request.POST.get("answer_days", "")
        made = issue_statements(
            period=request.POST.get("period", ""),
            acting_user=person(request),
            answer_days=int(days) if days.isdecimal() else ANSWER_DAYS,
        )
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(
            request, f"{len(made)} statement{'s were' if len(made) != 1 else ' was'} issued."
        )
    return redirect("web:issued")


@require_POST
def accept_many(request: HttpRequest) -> HttpResponse:
    """Accepts the chosen documents; each by itself, so that one refusal stops no other."""
    done, user = 0, person(request)
    for number in request.POST.getlist("number"):
        try:
            accept_statement(number=number, acting_user=user)
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            done += 1
    if done:
        messages.success(request, f"{done} accepted.")
    return redirect("web:issued")


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """One step of the document's life, as its button says."""
    wish = ACTS.get(request.POST.get("act", ""))
    try:
        if wish is not None:
            wish(request, number, person(request))
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("web:issued_document", number)


def _accept(request: HttpRequest, number: str, user: User) -> None:
    accept_statement(number=number, acting_user=user, text=_text(request))
    messages.success(request, f"{number} is accepted.")


def _dispute(request: HttpRequest, number: str, user: User) -> None:
    lines = [int(line) for line in request.POST.getlist("line") if line.isdecimal()]
    dispute_statement(number=number, acting_user=user, text=_text(request), lines=lines)
    messages.success(request, f"{number} is disputed. IT finance sees it in its list.")


def _answer(request: HttpRequest, number: str, user: User) -> None:
    answer_dispute(number=number, acting_user=user, text=_text(request))


def _decide(request: HttpRequest, number: str, user: User) -> None:
    resolve_dispute(number=number, acting_user=user, text=_text(request), **_credited(request))
    messages.success(request, f"The dispute of {number} is decided.")


def _credit(request: HttpRequest, number: str, user: User) -> None:
    made = credit_statement(
        number=number, acting_user=user, text=_text(request), **_credited(request)
    )
    messages.success(request, f"{made.number} credits {number}.")


def _settle(request: HttpRequest, number: str, user: User) -> None:
    settle_statement(number=number, acting_user=user, text=_text(request))
    messages.success(request, f"{number} is settled.")


def _invoice(request: HttpRequest, number: str, user: User) -> None:
    make_einvoice(number=number, acting_user=user)
    messages.success(request, f"The e-invoice of {number} is made.")


ACTS: dict[str, Callable[[HttpRequest, str, User], None]] = {
    "accept": _accept,
    "dispute": _dispute,
    "answer": _answer,
    "decide": _decide,
    "credit": _credit,
    "settle": _settle,
    "einvoice": _invoice,
}


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")


def _credited(request: HttpRequest) -> dict[str, Any]:
    """The amount as people write it, and the line; empty is all."""
    amount, line = request.POST.get("amount", "").strip(), request.POST.get("line", "")
    return {
        "amount": parse_amount(amount) if amount else None,
        "line": int(line) if line.isdecimal() else None,
    }


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    left = Decimal(line["left"]) if line["left"] else None
    return {**line, "amount": Decimal(line["amount"]), "left": left}


def _trail() -> list[tuple[str, str]]:
    return [("Statements", reverse("web:statements")), ("Issued", reverse("web:issued"))]


urlpatterns = [
    path("statements/issued/", issued_list, name="issued"),
    path("statements/issued/issue", issue, name="issue_statements"),
    path("statements/issued/accept", accept_many, name="accept_statements"),
    path("statements/issued/<str:number>/", issued_page, name="issued_document"),
    path("statements/issued/<str:number>/act", act, name="issued_act"),
    path(
        "statements/issued/<str:number>/einvoice/<str:kind>",
        einvoice_download,
        name="issued_einvoice",
    ),
    path("statements/issued/<str:number>.<str:kind>", issued_download, name="issued_file"),
]
