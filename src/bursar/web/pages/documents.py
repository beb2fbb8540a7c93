"""Cost entered by hand: the list, the form with its grid of lines, and one document in full."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bursar.core.refusal import Refused
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.office.reference.entities import default_entity, entities
from bursar.record.actions.attach_file import ACT as ATTACH
from bursar.record.actions.attach_file import attach_file
from bursar.record.actions.enter_document import ACT as ENTER
from bursar.record.actions.enter_document import enter_document
from bursar.record.actions.reverse_document import ACT as REVERSE
from bursar.record.actions.reverse_document import reverse_document
from bursar.record.documents.attachments import LARGEST, attachment
from bursar.record.documents.draft import HEAD_FIELDS, LINE_FIELDS, Draft, read_draft, read_line
from bursar.record.documents.pasted import read_lines
from bursar.record.documents.queries import document_json, document_row, documents, listed_json
from bursar.record.errors import AttachmentEmpty, BadDocument
from bursar.record.models import DocumentKind, DocumentState, LineBasis
from bursar.report.balance import require_everything
from bursar.web.downloads import json_attachment
from bursar.web.requests import page_number, person

PER_PAGE = 50
ROWS_AT_FIRST = 4
ROWS_MORE = 8
MOST_ROWS = 200
FILTERS = ("kind", "period", "state", "text")

COLUMNS = (
    ("amount", "Amount"), ("basis", "Basis"), ("gl_account", "Account"),
    ("cost_center", "Cost center"), ("vendor", "Vendor"), ("description", "Description"),
    ("solution", "Solution"), ("initiative", "Initiative"), ("treatment", "Capex or opex"),
    ("intent", "Intent"), ("service_start", "Service from"), ("service_end", "Service to"),
    ("tags", "Tags"),
)  # fmt: skip
CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "basis": (("", "As the kind says"), *((v, str(label)) for v, label in LineBasis.choices)),
    "treatment": (("", "Not said"), ("opex", "opex"), ("capex", "capex")),
    "intent": (("", "Not said"), ("run", "run"), ("grow", "grow"), ("transform", "transform")),
}
SAYS = {
    DocumentKind.COST: "Cost that no file brings: it fills billed and effective cost.",
    DocumentKind.ACCRUAL: "Cost of this period whose invoice comes later: it takes itself back on "
    "the first day of the next period.",
    DocumentKind.RECLASSIFICATION: "Moves cost from one place to another; its lines add up to 0.",
    DocumentKind.CORRECTION: "Mends a line, a batch or a document, which it names.",
}


@dataclass(frozen=True)
class Cell:
    """One field of the grid as it is drawn."""

    name: str
    label: str
    kind: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()


@require_GET
def document_list(request: HttpRequest) -> HttpResponse:
    """Documents that match, newest first, with what their lines add up to."""
    user = _reader(request)
    asked = {name: request.GET.get(name, "").strip() for name in FILTERS}
    rows = documents(**asked)
    if request.GET.get("as") == "json":
        return json_attachment({"documents": listed_json(rows)}, name="documents")
    page, total = page_number(request), rows.count()
    start = (page - 1) * PER_PAGE
    shown = listed_json(rows[start : start + PER_PAGE])
    kept = urlencode([(name, value) for name, value in asked.items() if value])
    here = f"{reverse('web:documents')}?{kept + '&' if kept else ''}page="
    context = {
        "rows": shown,
        "asked": asked,
        "filtered": bool(kept),
        "kinds": DocumentKind.choices,
        "states": DocumentState.choices,
        "json_url": f"?{kept + '&' if kept else ''}as=json",
        "may_enter": may(user, ENTER),
        "pager": {
            "first": start + 1,
            "last": start + len(shown),
            "total": total,
            "before": f"{here}{page - 1}" if page > 1 else "",
            "after": f"{here}{page + 1}" if start + len(shown) < total else "",
        },
    }
    return render(request, "pages/documents.html", context)


@require_http_methods(["GET", "POST"])
def new_document(request: HttpRequest) -> HttpResponse:
    """The form; it keeps what was written when something is refused or more lines are wanted."""
    user = person(request)
    require(user, ENTER)
    refusal: Refused | None = None
    if request.method == "POST" and "more" not in request.POST:
        key = request.POST.get("request_key", "")[:100] or None
        try:
            made = enter_document(acting_user=user, draft=_drafted(request), request_key=key)
        except Refused as problem:
            refusal = problem
        else:
            told = f"{made.number} is entered and counts from now on."
            messages.success(request, told)
            return redirect("web:document", number=made.number)
    rows = _rows(request)
    if "more" in request.POST:
        rows += [{} for _ in range(min(ROWS_MORE, MOST_ROWS - len(rows)))]
    context = {
        "refusal": refusal,
        "head": _head(request),
        "kinds": [(kind, kind.label, SAYS[kind]) for kind in DocumentKind],
        "entities": entities(),
        "columns": COLUMNS,
        "rows": [_cells(row, number) for number, row in enumerate(rows)],
        "row_count": len(rows),
        "pasted": request.POST.get("pasted", ""),
        "fields": ", ".join(LINE_FIELDS),
        "request_key": request.POST.get("request_key") or secrets.token_hex(12),
    }
    return render(request, "pages/document_new.html", context, status=422 if refusal else 200)


@require_GET
def document(request: HttpRequest, number: str) -> HttpResponse:
    """One document: its head, lines and attachments, and what takes it back."""
    user = _reader(request)
    row = document_row(number)
    told = document_json(row)
    if request.GET.get("as") == "json":
        return json_attachment(told, name=f"document-{number}")
    standing = row.state == DocumentState.ENTERED and row.reverses is None
    context = {
        "document": row,
        "told": told,
        "columns": [(name, label) for name, label in COLUMNS if name not in ("amount", "tags")],
        "may_reverse": standing and may(user, REVERSE),
        "may_attach": may(user, ATTACH),
        "largest": LARGEST // 1024**2,
    }
    return render(request, "pages/document.html", context)


@require_POST
def reverse_one(request: HttpRequest, number: str) -> HttpResponse:
    """Take a document back."""
    text = request.POST.get("date", "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as problem:
        raise BadDocument(f"'{text}' is no date; write it as 2026-01-31.") from problem
    reason = request.POST.get("reason", "")
    made = reverse_document(acting_user=person(request), number=number, reason=reason, day=day)
    messages.success(request, f"{made.number} takes {number} back.")
    return redirect("web:document", number=number)


@require_POST
def attach(request: HttpRequest, number: str) -> HttpResponse:
    """Keep the files that came with the form."""
    user = person(request)
    require(user, ATTACH)
    files = request.FILES.getlist("files")
    if not files:
        raise AttachmentEmpty("No file came with the form. Choose one first.")
    for file in files:
        # One byte more than is allowed is enough to refuse it.
        content = file.read(LARGEST + 1)
        attach_file(acting_user=user, number=number, name=file.name or "", content=content)
    messages.success(request, f"Attached {len(files)} to {number}.")
    return redirect("web:document", number=number)


@require_GET
def download(request: HttpRequest, number: str, sha256: str) -> HttpResponseBase:
    """An attachment, always as a download: no browser shows what somebody sent."""
    _reader(request)
    found, place = attachment(number, sha256)
    return FileResponse(
        place.open("rb"),
        as_attachment=True,
        filename=found.name,
        content_type="application/octet-stream",
    )


def _reader(request: HttpRequest) -> Any:
    user = person(request)
    require(user, "read.data")
    require_everything(scope_of(user), "A document")
    return user


def _head(request: HttpRequest) -> dict[str, str]:
    """What the head says; at first today, in the default entity's currency."""
    if request.method == "POST":
        return {name: request.POST.get(name, "").strip() for name in HEAD_FIELDS if name != "lines"}
    owner = default_entity()
    kind = request.GET.get("kind", DocumentKind.COST)
    return {
        "kind": kind if kind in DocumentKind.values else DocumentKind.COST,
        "date": timezone.localdate().isoformat(),
        "currency": owner.currency,
        "legal_entity": owner.code,
        "corrects": request.GET.get("corrects", "")[:200],
    }


def _rows(request: HttpRequest) -> list[dict[str, str]]:
    """The grid as it came, one mapping for each of its rows."""
    told = request.POST.get("row_count", "")
    count = int(told) if told.isdecimal() and len(told) < 4 else ROWS_AT_FIRST
    names = [name for name, _ in COLUMNS]
    return [
        {name: request.POST.get(f"line-{number}-{name}", "").strip() for name in names}
        for number in range(min(max(count, 1), MOST_ROWS))
    ]


def _drafted(request: HttpRequest) -> Draft:
    """The document of the form: lines of the grid, then those that were pasted."""
    rows = [row for row in _rows(request) if any(row.values())]
    lines = [read_line(row, number) for number, row in enumerate(rows, start=1)]
    lines += read_lines(request.POST.get("pasted", ""), after=len(lines))
    if not lines:
        raise BadDocument("The document has no lines. Write an amount into the first one.")
    stand_in = {**_head(request), "lines": [{"amount": "1"}]}
    head = read_draft(stand_in)
    return Draft(**{**vars(head), "lines": tuple(lines)})


def _cells(row: dict[str, str], number: int) -> list[Cell]:
    found = []
    for name, label in COLUMNS:
        choices = CHOICES.get(name, ())
        kind = "choice" if choices else "date" if name.startswith("service") else "text"
        told = f"{label}, line {number + 1}"
        found.append(Cell(f"line-{number}-{name}", told, kind, row.get(name, ""), choices))
    return found


urlpatterns = [
    path("data/documents/", document_list, name="documents"),
    path("data/documents/new", new_document, name="document_new"),
    path("data/documents/<str:number>", document, name="document"),
    path("data/documents/<str:number>/reverse", reverse_one, name="document_reverse"),
    path("data/documents/<str:number>/files", attach, name="document_attach"),
    path("data/documents/<str:number>/files/<str:sha256>", download, name="document_file"),
]
