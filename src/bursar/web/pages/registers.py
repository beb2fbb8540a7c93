"""Registers: lists of assets, contracts and positions, one record in full, and what is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bursar.core.money.amount import parse_amount
from bursar.core.refusal import Refused
from bursar.office.people.models import User
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.record.actions.attach_record_file import ACT as ATTACH
from bursar.record.actions.attach_record_file import attach_record_file
from bursar.record.actions.keep_records import ACT as KEEP
from bursar.record.actions.keep_records import keep_records
from bursar.record.actions.retire_assets import retire_assets
from bursar.record.actions.set_standard_rates import set_standard_rates
from bursar.record.actions.spread_registers import ACT as SPREAD
from bursar.record.actions.spread_registers import spread_registers
from bursar.record.actions.withdraw_records import withdraw_records
from bursar.record.documents.attachments import LARGEST
from bursar.record.models import RegisterRecord, Spread
from bursar.record.registers.fields import Content, Field, Holds, Problem, read_content
from bursar.record.registers.known import REGISTERS, register_named
from bursar.record.registers.queries import (
    READ,
    SALARIES,
    Asked,
    due,
    files_of,
    history,
    one_file,
    one_record,
    records,
    schedule_of,
    shown,
    visible,
)
from bursar.record.registers.register import EXTRA, Due, Register, Schedule
from bursar.record.registers.spreading import horizon
from bursar.record.registers.told import due_json
from bursar.record.registers.writing import Entry
from bursar.report.balance import require_everything
from bursar.report.charts.history import history_bars
from bursar.report.register_table import register_csv, register_xlsx
from bursar.web.downloads import attachment
from bursar.web.filters import EVERY_PERIOD
from bursar.web.register_form import changed, form_of, sent_content
from bursar.web.requests import page_number, person

PER_PAGE = 50
MOST_CHOICES = 200
SPANS = (30, 90, 365)
_FILTERED = ("asset_class", "kind", "state", "status", "cost_center", "location", "vendor", "team")


@require_GET
def first_register(request: HttpRequest) -> HttpResponse:
    return redirect("web:register", name=REGISTERS[0].source)


@require_GET
def register_list(request: HttpRequest, name: str) -> HttpResponse:
    """Records that match, filtered, grouped, sorted and paged; or all of them as a table."""
    user, register = reader(request), register_named(name)
    asked, chosen = _asked(request, register)
    rows = records(user, register, asked)
    if request.GET.get("as") in ("csv", "xlsx"):
        return _table(user, register, list(rows), request.GET["as"])
    page, total = page_number(request), rows.count()
    start = (page - 1) * PER_PAGE
    shown_rows = [shown(user, register, record) for record in rows[start : start + PER_PAGE]]
    columns = [f for f in register.fields if f.listed and not f.secret]
    kept = [(key, value) for key, value in request.GET.items() if key != "page" and value]
    here = f"{reverse('web:register', args=[register.source])}?{urlencode([*kept, ('page', '')])}"
    filters = _filters(user, register, chosen)
    group = request.GET.get("group", "")
    context = frame(user, register) | {
        "columns": [(f, f"{'-' if asked.order == f.name else ''}{f.name}") for f in columns],
        "rows": [(row, _cells(row.content, columns)) for row in shown_rows],
        "asked": asked,
        "group": group,
        "groups": _groups(user, register, asked, group),
        "filters": filters,
        "groupings": [field for field, _, _ in filters],
        "editable": [f for f in register.fields if _bulk(f)],
        "filtered": bool(kept),
        "query": urlencode([pair for pair in kept if pair[0] not in ("order", "as")]),
        "pager": {
            "first": start + 1, "last": start + len(shown_rows), "total": total,
            "before": f"{here}{page - 1}" if page > 1 else "",
            "after": f"{here}{page + 1}" if start + len(shown_rows) < total else "",
        },
    }  # fmt: skip
    return render(request, "pages/register.html", context)


@require_GET
def record_page(request: HttpRequest, name: str, number: str) -> HttpResponse:
    """One record: fields, months as chart and table, what is due, and its history."""
    user, register = reader(request), register_named(name)
    record = one_record(user, register, number)
    today = timezone.localdate()
    months = schedule_of(user, register, record, today) if not record.withdrawn else None
    content = visible(user, record)
    context = frame(user, register) | {
        "record": shown(user, register, record),
        "fields": [(f, _shown(content[f.name], f)) for f in register.fields if f.name in content],
        "currency": content.get("currency", ""),
        "months": months,
        "chart": _chart(months, f"{today:%Y-%m}"),
        "due": _coming(register, record, today),
        "history": _timeline(history(user, record), register),
        "lines_url": _lines_url(register) if months and may(user, "read.data") else "",
        "may_read_journal": may(user, "read.journal"),
        "may_edit": may(user, KEEP),
        "files": files_of(user, register, record),
        "may_attach": may(user, ATTACH) and (not register.secrets or may(user, SALARIES)),
        "largest": LARGEST // 1024**2,
        "retirable": register.name == "asset" and record.content.get("status") != "retired",
    }
    return render(request, "pages/register_record.html", context)


@require_http_methods(["GET", "POST"])
def record_form(request: HttpRequest, name: str, number: str = "") -> HttpResponse:
    """Enter a new record or change one; what was written stays when something is refused."""
    user, register = reader(request), register_named(name)
    require(user, KEEP)
    secrets = may(user, SALARIES)
    record = one_record(user, register, number) if number else None
    content = visible(user, record) if record is not None else {}
    problems: list[Problem] = []
    refusal: Refused | None = None
    if request.method == "POST":
        given = sent_content(register, request.POST, secrets=secrets)
        told = changed(content, given) if record is not None else given
        try:
            made = keep_records(
                acting_user=user, register=register.name, update=record is not None,
                entries=[Entry(number or request.POST.get("number", "").strip(), told)],
                reason=request.POST.get("reason", ""), seen_version=_seen(request, record),
            )  # fmt: skip
        except Refused as problem:
            refusal = problem
            whole = {**content, **given, EXTRA.name: content.get(EXTRA.name, "")}
            read, problems = read_content(register.fields, whole)
            problems = problems or list(register.check(read))
            content = {**content, **given}
        else:
            numbers = made.entered + made.changed + made.unchanged
            messages.success(request, f"{register.one} {numbers[0]} is kept.")
            return redirect("web:register_record", name=register.source, number=numbers[0])
    context = frame(user, register) | {
        "record": record,
        "number": number or request.POST.get("number", ""),
        "form": form_of(register, content, secrets=secrets, problems=problems),
        "refusal": refusal,
        "shown_problems": bool(problems),
        "reason": request.POST.get("reason", ""),
    }
    status = 422 if refusal else 200
    return render(request, "pages/register_form.html", context, status=status)


@require_POST
def attach(request: HttpRequest, name: str, number: str) -> HttpResponse:
    """Keep files with a record."""
    user, register = reader(request), register_named(name)
    try:
        for file in request.FILES.getlist("files"):
            attach_record_file(
                acting_user=user, register=register.name, number=number,
                name=file.name or "", content=file.read(),
            )  # fmt: skip
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("web:register_record", name=register.source, number=number)


@require_GET
def file(request: HttpRequest, name: str, sha256: str, number: str) -> HttpResponseBase:
    """A file of a record, always saved and never shown."""
    user, register = reader(request), register_named(name)
    found, place = one_file(user, register, one_record(user, register, number), sha256)
    return FileResponse(
        place.open("rb"), as_attachment=True, filename=found.name,
        content_type="application/octet-stream",
    )  # fmt: skip


@require_POST
def bulk(request: HttpRequest, name: str) -> HttpResponse:
    """Set a field of the chosen records, retire them, or take them back; all of them or none."""
    user, register = reader(request), register_named(name)
    numbers = request.POST.getlist("number")
    reason = request.POST.get("reason", "")
    try:
        told = _bulk_act(request, register, numbers, (user, reason))
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, told)
    return redirect(_back(request, reverse("web:register", args=[register.source])))


def _bulk_act(
    request: HttpRequest, register: Register, numbers: list[str], who: tuple[User, str]
) -> str:
    user, reason = who
    act = request.POST.get("act", "")
    if not numbers:
        return "Nothing was chosen, so nothing was changed."
    if act == "withdraw":
        withdraw_records(acting_user=user, register=register.name, numbers=numbers, reason=reason)
        return f"{len(numbers)} withdrawn."
    if act == "retire":
        day = _day(request.POST.get("date", "")) or timezone.localdate()
        proceeds = parse_amount(request.POST.get("proceeds", "").strip() or "0")
        retire_assets(acting_user=user, numbers=numbers, day=day, proceeds=proceeds, reason=reason)
        return f"{len(numbers)} retired on {day}."
    field, value = request.POST.get("field", ""), request.POST.get("value", "").strip()
    done = keep_records(
        acting_user=user, register=register.name, update=True, reason=reason,
        entries=[Entry(number, {field: value}) for number in numbers],
    )  # fmt: skip
    return f"{len(done.changed)} changed, {len(done.unchanged)} were so already."


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """What is due over all registers, by month: renewals, notices, ends, warranties."""
    user = reader(request)
    today = timezone.localdate()
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, SPANS) else SPANS[1]
    what = request.GET.get("what", "")
    found = due_json(due(user, today - timedelta(days=30), today + timedelta(days=days)))
    kinds = sorted({one["what"] for one in found})
    months: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        if what in ("", one["what"]):
            source = register_named(one["register"]).source
            late = one["date"] < today.isoformat()
            months.setdefault(one["date"][:7], []).append(one | {"source": source, "late": late})
    context = frame(user, None) | {
        "tab": "calendar", "months": list(months.items()), "days": days, "spans": SPANS,
        "what": what,
        "kinds": [(kind, kind.replace("_", " ").capitalize()) for kind in kinds],
        "counted": Counter(one["what"] for one in found),
    }  # fmt: skip
    return render(request, "pages/register_calendar.html", context)


@require_POST
def spread(request: HttpRequest) -> HttpResponse:
    """Derive the months of all registers through the one that was asked for."""
    user = reader(request)
    try:
        span = spread_registers(acting_user=user, through=request.POST.get("through", ""))
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Cost of all registers is derived through {span.last}.")
    return redirect(_back(request, reverse("web:registers")))


@require_POST
def rates(request: HttpRequest) -> HttpResponse:
    """Freeze standard rates of labour from today on."""
    user = reader(request)
    try:
        done = set_standard_rates(acting_user=user, day=timezone.localdate())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        told = f"{len(done.new)} rates are new, {len(done.kept)} stay as they were."
        left = f" No group hides {', '.join(done.unpriced)}." if done.unpriced else ""
        messages.success(request, told + left)
    return redirect("web:register", name="standard_rates")


def reader(request: HttpRequest) -> User:
    """Who may read the registers of the whole company."""
    user = person(request)
    require(user, READ)
    require_everything(scope_of(user), "A register")
    return user


def frame(user: User, register: Register | None) -> dict[str, Any]:
    """What every page of registers shows: its tabs, and how far months are derived."""
    spread = Spread.objects.filter(register=register.name).first() if register else None
    return {
        "register": register,
        "registers": REGISTERS,
        "span": horizon(spread),
        "problem": spread.problem if spread else "",
        "this_month": f"{timezone.localdate():%Y-%m}",
        "costs": register is not None and bool(register.spread or register.spread_with),
        "may_keep": may(user, KEEP),
        "may_spread": may(user, SPREAD),
        "sees_pay": may(user, SALARIES),
    }


def _asked(request: HttpRequest, register: Register) -> tuple[Asked, dict[str, str]]:
    chosen = {
        field.name: request.GET[field.name]
        for field in register.fields
        if not field.secret and request.GET.get(field.name)
    }
    order = request.GET.get("order", "number")
    withdrawn = request.GET.get("withdrawn") == "yes"
    return Asked(request.GET.get("search", "").strip(), chosen, order, withdrawn), chosen


def _filters(
    user: User, register: Register, chosen: Mapping[str, str]
) -> list[tuple[Field, list[str], str]]:
    """Fields to filter by, with the values that records have."""
    found = []
    names = [f for f in register.fields if f.name in _FILTERED and not f.secret]
    rows = list(records(user, register, Asked()).values_list("content", flat=True))
    for field in names:
        values = sorted({row[field.name] for row in rows if row.get(field.name)})
        if values and len(values) <= MOST_CHOICES:
            found.append((field, values, chosen.get(field.name, "")))
    return found


def _groups(
    user: User, register: Register, asked: Asked, name: str
) -> list[tuple[str, int, list[tuple[str, Decimal]]]]:
    """Value, count and sums by currency of the listed money."""
    field = register.field(name)
    if field is None or field.secret:
        return []
    money = next((f.name for f in register.fields if f.holds is Holds.MONEY and f.listed), "")
    counted: Counter[str] = Counter()
    sums: dict[str, dict[str, Decimal]] = {}
    for content in records(user, register, asked).values_list("content", flat=True):
        value = content.get(name, "")
        value = value if isinstance(value, str) else ""
        counted[value] += 1
        if content.get(money):
            held = sums.setdefault(value, {})
            currency = content.get("currency", "")
            held[currency] = held.get(currency, Decimal(0)) + parse_amount(content[money])
    return [
        (value, counted[value], sorted(sums.get(value, {}).items())) for value in sorted(counted)
    ]


def _cells(content: Mapping[str, Any], columns: list[Field]) -> list[tuple[Field, str]]:
    return [(field, str(content.get(field.name, ""))) for field in columns]


def _shown(value: Any, field: Field) -> Any:
    """A text, or the rows of a list in the order of its parts."""
    if field.holds is not Holds.LIST:
        return value
    return [[entry.get(part.name, "") for part in field.parts] for entry in value]


def _coming(register: Register, record: RegisterRecord, today: date) -> list[Due]:
    """What is due from a month ago to a year and a half ahead, in the order of days."""
    if record.withdrawn:
        return []
    first, last = today - timedelta(days=30), today + timedelta(days=550)
    found = [one for one in register.due(record.content, last) if first <= one.day <= last]
    return sorted(found, key=lambda one: (one.day, one.what))


def _bulk(field: Field) -> bool:
    return field.holds is not Holds.LIST and not field.secret and not field.required


def _chart(months: Schedule | None, now: str) -> dict[str, Any] | None:
    if months is None or not months.charted or len(months.rows) < 2:
        return None
    name = months.charted[0]
    past = [(row["month"], parse_amount(row[name])) for row in months.rows]
    return history_bars(past, marked=now)


def _timeline(
    versions: list[tuple[Any, Content]], register: Register
) -> list[tuple[Any, list[tuple[str, str, str]]]]:
    """Each version with what it changed: title, before, after."""
    told = []
    titles = {field.name: field.title for field in register.fields}
    for place, (version, content) in enumerate(versions):
        before = versions[place + 1][1] if place + 1 < len(versions) else {}
        names = [n for n in titles if content.get(n) != before.get(n)] if before else []
        told.append((version, [(titles[n], _brief(before.get(n)), _brief(content.get(n)))
                               for n in names]))  # fmt: skip
    return told


def _brief(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} entries" if len(value) != 1 else "1 entry"
    return str(value or "nothing")


def _back(request: HttpRequest, otherwise: str) -> str:
    """The page of registers that the form came from; never an address elsewhere."""
    back = request.POST.get("back", "")
    return back if back.startswith("/registers/") else otherwise


def _lines_url(register: Register) -> str:
    """The cost lines of the whole register: a record's number is no dimension to filter by."""
    asked = {"period": EVERY_PERIOD, "source": register.source}
    return f"{reverse('web:cost_lines')}?{urlencode(asked)}"


def _seen(request: HttpRequest, record: RegisterRecord | None) -> int | None:
    seen = request.POST.get("seen_version", "")
    return int(seen) if record is not None and seen.isdecimal() else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _table(user: User, register: Register, rows: list[RegisterRecord], kind: str) -> HttpResponse:
    made = register_xlsx if kind == "xlsx" else register_csv
    return attachment(made(user, register, rows), name=register.source, kind=kind)


urlpatterns = [
    path("registers/", first_register, name="registers"),
    path("registers/calendar", calendar, name="register_calendar"),
    path("registers/spread", spread, name="register_spread"),
    path("registers/rates", rates, name="register_rates"),
    path("registers/<slug:name>/", register_list, name="register"),
    path("registers/<slug:name>/bulk", bulk, name="register_bulk"),
    path("registers/<slug:name>/new", record_form, name="register_new"),
    path("registers/<slug:name>/edit/<path:number>", record_form, name="register_edit"),
    path("registers/<slug:name>/attach/<path:number>", attach, name="register_attach"),
    path("registers/<slug:name>/file/<slug:sha256>/<path:number>", file, name="register_file"),
    path("registers/<slug:name>/record/<path:number>", record_page, name="register_record"),
]
