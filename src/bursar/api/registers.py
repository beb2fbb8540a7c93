"""Registers over HTTP: assets, contracts and positions, one shape for all of them."""

from __future__ import annotations

import datetime
import json
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from bursar.api.acts import saved
from bursar.api.callers import caller, scope_for
from bursar.api.shapes import Reason
from bursar.core.money.amount import parse_amount
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.actions.add_change import add_change
from bursar.record.actions.decide_invoice import decide_invoice
from bursar.record.actions.import_register import TableChoices, import_register
from bursar.record.actions.keep_records import keep_records
from bursar.record.actions.retire_assets import retire_assets
from bursar.record.actions.search_invoices import search_invoices
from bursar.record.actions.set_standard_rates import set_standard_rates
from bursar.record.actions.spread_registers import spread_registers
from bursar.record.actions.undo_register_import import undo_register_import
from bursar.record.actions.withdraw_records import withdraw_records
from bursar.record.registers.known import REGISTERS, register_named
from bursar.record.registers.queries import (
    READ,
    Asked,
    due,
    one_record,
    record_matches,
    records,
    register_imports,
    rejected_of,
)
from bursar.record.registers.told import (
    due_json,
    fields_json,
    import_json,
    match_json,
    record_json,
    row_json,
    written_json,
)
from bursar.record.registers.writing import Entry
from bursar.report.balance import require_everything
from bursar.report.labour import labour_variance, variance_json
from bursar.report.register_table import register_csv, register_xlsx
from bursar.report.roll_forward import roll_forward, roll_forward_json

router = Router(tags=["registers"])
MOST_LISTED = 500
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class RecordGiven(Schema):
    """One record; money, days and numbers as text. Without a number it gets the next one."""

    number: str = ""
    content: dict[str, Any]


class RecordsOrder(Schema):
    """Records to keep; with `update` known ones get their next version."""

    records: list[RecordGiven]
    update: bool = False
    reason: str = ""


class ChangeOrder(Schema):
    """Fields that change; one given as "" is emptied."""

    content: dict[str, Any]
    reason: str = ""
    seen_version: int | None = None


class AddOrder(Schema):
    """One entry to add to a list, as `changes`, of each of these records."""

    numbers: list[str]
    field: str = "changes"
    change: dict[str, Any]
    also: dict[str, Any] = {}
    reason: str = ""


class WithdrawOrder(Schema):
    """Records that were entered by mistake."""

    numbers: list[str]
    reason: str


class RetireOrder(Schema):
    """Assets that are sold, scrapped or lost; proceeds are shared by cost."""

    numbers: list[str]
    date: datetime.date
    proceeds: str = "0"
    percent: str | None = None
    reason: str = ""


class ThroughOrder(Schema):
    """The month, YYYY-MM, through which cost is derived."""

    through: str


class DecisionOrder(Schema):
    """Whether an invoice and a record are the same money."""

    confirm: bool
    remember: bool = False


class DayOrder(Schema):
    """The day from which rates are frozen."""

    date: datetime.date


def reader(request: HttpRequest) -> User:
    """The caller, who may read the registers of the whole company."""
    require_everything(scope_for(request, READ), "A register")
    return caller(request)


@router.get("/registers", summary="The registers, with the fields of their records")
def get_registers(request: HttpRequest) -> dict[str, Any]:
    reader(request)
    told = [
        {"name": r.source, "one": r.name, "title": r.title, "fields": fields_json(r.fields)}
        for r in REGISTERS
    ]
    return {"registers": told}


@router.get("/registers/due", summary="What is due between two days, over all registers")
def get_due(request: HttpRequest, *, first: datetime.date, last: datetime.date) -> dict[str, Any]:
    return {"due": due_json(due(reader(request), first, last))}


@router.post("/registers/spread", summary="Derive the cost of all registers through a month")
def post_spread(request: HttpRequest, *, order: ThroughOrder) -> dict[str, Any]:
    span = spread_registers(acting_user=caller(request), through=order.through)
    return {"first": span.first, "last": span.last}


@router.post("/registers/assets/retirements", summary="Retire assets, all of them or a part")
def post_retirement(request: HttpRequest, *, order: RetireOrder) -> dict[str, Any]:
    done = retire_assets(
        acting_user=caller(request), numbers=order.numbers, day=order.date,
        proceeds=parse_amount(order.proceeds),
        percent=parse_amount(order.percent) if order.percent else None, reason=order.reason,
    )  # fmt: skip
    return written_json(done)


@router.post("/registers/standard_rates/issues", summary="Work out standard rates from salaries")
def post_standard_rates(request: HttpRequest, *, order: DayOrder) -> dict[str, Any]:
    done = set_standard_rates(acting_user=caller(request), day=order.date)
    return {"new": done.new, "kept": done.kept, "unpriced": done.unpriced}


@router.get("/registers/assets/roll-forward", summary="Cost and depreciation, opening to closing")
def get_roll_forward(
    request: HttpRequest, *, first: str, last: str, book: str = "main"
) -> dict[str, Any]:
    return roll_forward_json(roll_forward(scope_for(request, READ), first, last, book=book))


@router.get("/registers/positions/variance", summary="What is paid beside what rates charge")
def get_variance(request: HttpRequest, *, first: str, last: str) -> dict[str, Any]:
    rows = labour_variance(reader(request), first, last)
    return {"months": [variance_json(row) for row in rows]}


@router.get("/registers/invoices", summary="Invoices that pay for records, largest money first")
def get_invoices(request: HttpRequest, *, state: str = "") -> dict[str, Any]:
    return {"matches": [match_json(m) for m in record_matches(reader(request), state)]}


@router.post("/registers/invoices/search", summary="Search for invoices of records anew")
def post_search(request: HttpRequest) -> dict[str, Any]:
    return {"proposed": search_invoices(acting_user=caller(request))}


@router.post("/registers/invoices/{match}", summary="An invoice and a record are one, or not")
def post_decision(request: HttpRequest, match: int, *, order: DecisionOrder) -> dict[str, Any]:
    found = decide_invoice(
        acting_user=caller(request), match=match, confirm=order.confirm, remember=order.remember
    )
    return match_json(found)


@router.get("/registers/{name}", summary="Records of a register")
def get_records(
    request: HttpRequest,
    name: str,
    *,
    search: str = "",
    where: Query[list[str]] = [],  # noqa: B006 - ninja reads the default, nobody changes it
    order: str = "number",
    withdrawn: bool = False,
    offset: int = 0,
) -> dict[str, Any]:
    user, kind = reader(request), register_named(name)
    chosen = dict(text.partition("=")[::2] for text in where)
    rows = records(user, kind, Asked(search, chosen, order, withdrawn))
    begin = max(0, offset)
    page = rows[begin : begin + MOST_LISTED]
    return {"count": rows.count(), "records": [row_json(user, kind, row) for row in page]}


@router.post("/registers/{name}", summary="Keep records, all of them or none")
def post_records(request: HttpRequest, name: str, *, order: RecordsOrder) -> dict[str, Any]:
    done = keep_records(
        acting_user=caller(request), register=name, update=order.update, reason=order.reason,
        entries=[Entry(given.number, given.content) for given in order.records],
    )  # fmt: skip
    return written_json(done)


@router.post("/registers/{name}/changes", summary="Add a change to many records at once")
def post_change(request: HttpRequest, name: str, *, order: AddOrder) -> dict[str, Any]:
    done = add_change(
        acting_user=caller(request), register=name, numbers=order.numbers, field=order.field,
        change=order.change, also=order.also, reason=order.reason,
    )  # fmt: skip
    return written_json(done)


@router.post("/registers/{name}/withdrawals", summary="Withdraw records entered by mistake")
def post_withdrawal(request: HttpRequest, name: str, *, order: WithdrawOrder) -> dict[str, Any]:
    withdraw_records(
        acting_user=caller(request), register=name, numbers=order.numbers, reason=order.reason
    )
    return {"withdrawn": order.numbers}


@router.get("/registers/{name}/table", summary="A register as a table that reads back")
def get_table(request: HttpRequest, name: str, *, format: str = "csv") -> HttpResponse:
    user, kind = reader(request), register_named(name)
    rows = list(records(user, kind, Asked()))
    if format == "xlsx":
        return HttpResponse(register_xlsx(user, kind, rows), content_type=_XLSX)
    return HttpResponse(register_csv(user, kind, rows), content_type="text/csv; charset=utf-8")


@router.get("/registers/{name}/imports", summary="Tables that were read into a register")
def get_imports(request: HttpRequest, name: str) -> dict[str, Any]:
    made = register_imports(reader(request), register_named(name))[:MOST_LISTED]
    return {"imports": [import_json(one) for one in made]}


@router.post("/registers/{name}/imports", summary="Read a table into a register")
def post_register_import(
    request: HttpRequest,
    name: str,
    *,
    files: File[list[UploadedFile]],
    update: Form[bool] = False,
    dates: Form[str | None] = None,
    sheet: Form[str | None] = None,
    constants: Form[str] = "{}",
    columns: Form[str] = "{}",
    reason: Form[str] = "",
) -> dict[str, Any]:
    user = caller(request)
    require(user, "record.import_register")
    choices = TableChoices(
        update=update, constants=_texts(constants), dates=dates, columns=_texts(columns),
        sheet=sheet, reason=reason,
    )  # fmt: skip
    home = Path(settings.BURSAR_HOME)
    with tempfile.TemporaryDirectory(prefix=".upload-", dir=home) as folder:
        paths = [saved(Path(folder) / str(n), upload) for n, upload in enumerate(files)]
        made = import_register(acting_user=user, register=name, paths=paths, choices=choices)
    return {"imports": [import_json(one) for one in made]}


@router.get("/register-imports/{token}/rejected", summary="Rows of a table that were refused")
def get_rejected(request: HttpRequest, token: str) -> dict[str, Any]:
    return {"rejected": rejected_of(reader(request), token)}


@router.post("/register-imports/{token}/undo", summary="Take the reading of a table back")
def post_import_undo(request: HttpRequest, token: str, *, reason: Reason) -> dict[str, Any]:
    undo_register_import(acting_user=caller(request), token=token, reason=reason.reason)
    return {"undone": token}


@router.get("/registers/{name}/{path:number}", summary="One record: months, history, due days")
def get_record(
    request: HttpRequest, name: str, number: str, *, day: datetime.date | None = None
) -> dict[str, Any]:
    user, kind = reader(request), register_named(name)
    record = one_record(user, kind, number)
    return record_json(user, kind, record, day or datetime.date.today())  # noqa: DTZ011


@router.patch("/registers/{name}/{path:number}", summary="Write a record's next version")
def patch_record(
    request: HttpRequest, name: str, number: str, *, order: ChangeOrder
) -> dict[str, Any]:
    user, kind = reader(request), register_named(name)
    one_record(user, kind, number)
    done = keep_records(
        acting_user=user, register=name, entries=[Entry(number, order.content)], update=True,
        reason=order.reason, seen_version=order.seen_version,
    )  # fmt: skip
    return written_json(done)


def _texts(given: str) -> dict[str, str]:
    """A form's JSON object of texts; anything else is no choice at all."""
    try:
        found = json.loads(given)
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
