"""Tables read into a register: sent, looked at before anything is written, imported, undone."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bursar.core.refusal import Refused
from bursar.office.people.permissions import may, require
from bursar.record.actions.import_register import (
    ACT,
    TableChoices,
    import_register,
    preview_register,
)
from bursar.record.actions.undo_register_import import undo_register_import
from bursar.record.registers.fields import Holds
from bursar.record.registers.known import register_named
from bursar.record.registers.queries import SALARIES, register_imports, rejected_of
from bursar.record.registers.queries import one_import as found_import
from bursar.record.registers.register import EXTRA, Register
from bursar.record.registers.tables import NUMBER, ORDERS
from bursar.report.documents.cells import safe
from bursar.web.downloads import attachment
from bursar.web.pages.registers import frame, reader
from bursar.web.requests import person
from bursar.web.uploads import forget, keep, kept

MOST_SHOWN = 200
_CONSTANTS = (
    "currency", "useful_life_months", "legal_entity", "cost_center", "start", "kind", "role",
)  # fmt: skip


@require_GET
def imports(request: HttpRequest, name: str) -> HttpResponse:
    """Where a file is sent, and the tables that were read before."""
    user, register = reader(request), register_named(name)
    context = frame(user, register) | {
        "imports": register_imports(user, register)[:MOST_SHOWN],
        "may_import": may(user, ACT),
        "known": [field for field in register.fields if field is not EXTRA],
    }
    return render(request, "pages/register_imports.html", context)


@require_POST
def send(request: HttpRequest, name: str) -> HttpResponse:
    """Take the file and go to its preview."""
    require(person(request), ACT)
    register = register_named(name)
    token = keep(request.FILES.getlist("files"))
    return redirect("web:register_preview", name=register.source, token=token)


@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, name: str, token: str) -> HttpResponse:
    """How the table is understood and what would become of it; the form imports it."""
    user, register = reader(request), register_named(name)
    require(user, ACT)
    paths, sent = kept(token), request.POST
    if "discard" in sent:
        forget(token)
        return redirect("web:register_imports", name=register.source)
    choices = _choices(register, sent)
    context = frame(user, register) | {"token": token, "file": paths[0].name, "choices": choices}
    try:
        if "import" in sent:
            made = import_register(
                acting_user=user, register=register.name, paths=paths, choices=choices
            )
            forget(token)
            return redirect("web:register_import", token=made[0].token)
        found = preview_register(
            acting_user=user, register=register.name, paths=paths, choices=choices
        )
    except Refused as refusal:
        context |= {"refusal": refusal, "asks_dates": refusal.code == "record.date_order_unclear"}
        return render(request, "pages/register_preview.html", context, status=422)
    secrets = may(user, SALARIES)
    fields = [f for f in register.fields if f is not EXTRA and (secrets or not f.secret)]
    context |= {
        "tables": [
            (one, [(h, one.used.get(h, ""), one.examples.get(h, "")) for h in one.headers])
            for one in found
        ],
        "targets": [(NUMBER, "Number"), *((f.name, f.title) for f in fields)],
        "constants": [
            (f, choices.constants.get(f.name, ""))
            for f in fields
            if f.name in _CONSTANTS and f.holds is not Holds.LIST
        ],
        "orders": list(ORDERS),
        "shown": MOST_SHOWN,
    }
    return render(request, "pages/register_preview.html", context)


@require_GET
def one_import(request: HttpRequest, token: str) -> HttpResponse:
    """What a table brought, and its refused rows; as CSV to mend them."""
    user = reader(request)
    rows = rejected_of(user, token)
    made = found_import(user, token)
    register = register_named(made.register)
    if request.GET.get("as") == "csv":
        return attachment(_as_csv(rows), name=f"rejected-{token}", kind="csv")
    context = frame(user, register) | {
        "made": made, "rows": rows[:MOST_SHOWN], "rejected": len(rows), "may_undo": may(user, ACT),
    }  # fmt: skip
    return render(request, "pages/register_import.html", context)


@require_POST
def undo(request: HttpRequest, token: str) -> HttpResponse:
    user = reader(request)
    try:
        undo_register_import(acting_user=user, token=token, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "The import is undone.")
    return redirect("web:register_import", token=token)


def _choices(register: Register, sent: Mapping[str, str]) -> TableChoices:
    constants = {
        field.name: sent[f"set-{field.name}"].strip()
        for field in register.fields
        if sent.get(f"set-{field.name}", "").strip()
    }
    columns = {
        name.removeprefix("use-"): value
        for name, value in sent.items()
        if name.startswith("use-") and value
    }
    dates = sent.get("dates")
    return TableChoices(
        update="update" in sent, constants=constants, columns=columns or None,
        dates=dates if dates in ORDERS else None, reason=sent.get("reason", "").strip(),
    )  # fmt: skip


def _as_csv(rows: list[dict[str, Any]]) -> str:
    """The refused rows as they came, with the reasons first."""
    headers = list(dict.fromkeys(header for row in rows for header in row["cells"]))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["row", "reasons", *headers])
    for row in rows:
        told = " ".join(f"[{p['code']}] {p['message']}" for p in row["problems"])
        writer.writerow([row["row"], told, *(safe(row["cells"].get(h, "")) for h in headers)])
    return out.getvalue()


urlpatterns = [
    path("registers/imports/<slug:token>", one_import, name="register_import"),
    path("registers/imports/<slug:token>/undo", undo, name="register_import_undo"),
    path("registers/<slug:name>/imports", imports, name="register_imports"),
    path("registers/<slug:name>/send", send, name="register_send"),
    path("registers/<slug:name>/look/<slug:token>", preview, name="register_preview"),
]
