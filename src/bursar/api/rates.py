"""Exchange rates over HTTP: convert, list, import, set, and what they do to a difference."""

from __future__ import annotations

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from bursar.api.acts import saved
from bursar.api.callers import caller, scope_for
from bursar.api.figures import filter_pairs
from bursar.core.money.amount import parse_amount
from bursar.office.people.permissions import require
from bursar.record.actions.import_rates import ACT, import_rates
from bursar.record.actions.set_rate import set_rate
from bursar.record.actions.set_reporting_currency import set_reporting_currency
from bursar.report.conversion import REPORTING, CurrencyView, convert_amount
from bursar.report.currency_effect import currency_effect
from bursar.report.rates import rates

router = Router(tags=["rates"])


class ConvertedAmount(Schema):
    amount_exact: str
    amount: str
    amount_fraction: str
    currency: str
    type: str
    path: list[dict[str, str]]


class RateOrder(Schema):
    """One rate to set: how much `target` one `source` is; `until` is its last day."""

    type: str
    source: str
    target: str
    rate: str
    day: date
    until: date | None = None


class CurrencyOrder(Schema):
    currency: str


@router.get("/fx/convert", response=ConvertedAmount, summary="An amount in another currency")
def get_convert(
    request: HttpRequest,
    *,
    amount: str,
    source: str,
    target: str,
    day: date,
    type: str = "closing",
) -> dict[str, Any]:
    scope_for(request)
    found = convert_amount(parse_amount(amount), source, target, day=day, kind=type)
    return found.to_json()


@router.get("/fx/rates", summary="The newest rate of every pair, its reach and its gaps")
def get_rates(
    request: HttpRequest, *, type: str | None = None, currency: str | None = None
) -> dict[str, Any]:
    return rates(scope_for(request, "read.data"), kind=type, currency=currency).to_json()


@router.get("/fx/effect", summary="A difference between two periods, split into rates and money")
def get_effect(
    request: HttpRequest,
    *,
    before: str,
    after: str,
    by: str = "",
    where: Query[list[str] | None] = None,
    basis: str = "effective",
    currency: str = REPORTING,
    rate: str = "average",
) -> dict[str, Any]:
    """`before` is a period, or `plan` for the later period at plan rates."""
    found = currency_effect(
        scope_for(request),
        before=before,
        after=after,
        by=[name.strip() for name in by.split(",") if name.strip()],
        basis=basis,
        filters=filter_pairs(where),
        currency=CurrencyView(currency, rate),
    )
    return found.to_json()


@router.post("/fx/imports", summary="Take a file of exchange rates into force")
def post_rates(
    request: HttpRequest, *, file: File[UploadedFile], source: Form[str | None] = None
) -> dict[str, Any]:
    user = caller(request)
    require(user, ACT)
    with tempfile.TemporaryDirectory(prefix=".upload-", dir=Path(settings.BURSAR_HOME)) as folder:
        path = saved(Path(folder) / "rates", file)
        return import_rates(path=path, acting_user=user, source=source).to_json()


@router.post("/fx/rates", summary="Set one exchange rate")
def post_rate(request: HttpRequest, *, order: RateOrder) -> dict[str, Any]:
    rate: Decimal = parse_amount(order.rate)
    done = set_rate(
        acting_user=caller(request),
        kind=order.type,
        source=order.source,
        target=order.target,
        rate=rate,
        day=order.day,
        until=order.until,
    )
    return {
        "valid_from": done.valid_from.isoformat(),
        "valid_to": done.valid_to.isoformat() if done.valid_to else None,
    }


@router.post("/fx/reporting-currency", summary="Choose the currency of consolidated figures")
def post_reporting_currency(request: HttpRequest, *, order: CurrencyOrder) -> dict[str, Any]:
    done = set_reporting_currency(acting_user=caller(request), currency=order.currency)
    return {"reporting_currency": done}
