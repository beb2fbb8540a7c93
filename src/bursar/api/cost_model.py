"""Drafts of the cost model over HTTP, and what other quantities of its drivers would charge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from bursar.allocate.actions.publish_draft import publish_draft
from bursar.allocate.actions.review_draft import review_draft
from bursar.allocate.actions.save_draft import save_draft
from bursar.allocate.actions.withdraw_draft import withdraw_draft
from bursar.allocate.drafts import draft_json
from bursar.allocate.errors import BadQuantity
from bursar.api.callers import caller, scope_for
from bursar.core.calc.allocation.drivers import Quantity
from bursar.core.money.amount import AmountError, parse_amount
from bursar.report.model_drafts import draft_list, draft_view
from bursar.report.what_if import quantities_json, run_to_ask, what_if

router = Router(tags=["cost model"])


class DraftText(Schema):
    """A text to be reviewed; compared on the newest open period where none is named."""

    text: str
    draft: int | None = None
    from_period: str | None = None
    comment: str = ""
    periods: list[str] | None = None


class Review(Schema):
    """A reviewer's word on the text of this digest; a draft is returned with a reason."""

    sha256: str
    approve: bool
    text: str = ""


class Withdrawal(Schema):
    """Why a draft is taken back."""

    text: str = ""


class OtherQuantity(Schema):
    """A driver's quantity to be tried; `source` null is the driver's rows for any cost."""

    driver: str
    source: str | None = None
    target: str
    quantity: str


class OtherQuantities(Schema):
    """Quantities in the place of those that a published month had."""

    period: str
    quantities: list[OtherQuantity]


@router.get("/model/quantities", summary="What the drivers of a published month measured")
def get_quantities(request: HttpRequest, period: str, driver: str = "") -> dict[str, Any]:
    asked = run_to_ask(scope_for(request, "read.model"), period)
    return {"period": period, "quantities": quantities_json(asked, driver)}


@router.post("/model/what-if", summary="Who would pay more or less with other quantities")
def post_what_if(request: HttpRequest, order: OtherQuantities) -> dict[str, Any]:
    asked = run_to_ask(scope_for(request, "read.model"), order.period)
    changes = {
        Quantity(one.driver, one.source or None, one.target): _quantity(one)
        for one in order.quantities
    }
    return what_if(asked, changes).to_json()


def _quantity(one: OtherQuantity) -> Decimal:
    try:
        return parse_amount(one.quantity)
    except AmountError as error:
        raise BadQuantity(
            f"The quantity for '{one.target}' is '{one.quantity}': {error.message}"
        ) from error


@router.get("/model/drafts", summary="Every draft of the model, newest first")
def get_drafts(request: HttpRequest) -> dict[str, Any]:
    scope = scope_for(request, "read.model")
    return {"drafts": [draft_json(one) for one in draft_list(scope)]}


@router.post("/model/drafts", summary="Save a text for review, and compare it in money")
def post_draft(request: HttpRequest, order: DraftText) -> dict[str, Any]:
    draft = save_draft(
        text=order.text,
        acting_user=caller(request),
        number=order.draft,
        from_period=order.from_period,
        comment=order.comment,
        periods=order.periods,
    )
    return draft_json(draft)


@router.get("/model/drafts/{number}", summary="One draft, what it changes, and its history")
def get_draft(request: HttpRequest, number: int) -> dict[str, Any]:
    return draft_view(scope_for(request, "read.model"), number).to_json()


@router.post("/model/drafts/{number}/review", summary="Approve a draft, or return it")
def post_review(request: HttpRequest, number: int, review: Review) -> dict[str, Any]:
    return draft_json(review_draft(number=number, acting_user=caller(request), **review.dict()))


@router.post("/model/drafts/{number}/publish", summary="Put a reviewed draft in force")
def post_publish(request: HttpRequest, number: int) -> dict[str, Any]:
    return publish_draft(number=number, acting_user=caller(request)).to_json()


@router.post("/model/drafts/{number}/withdraw", summary="Take a draft back")
def post_withdraw(request: HttpRequest, number: int, why: Withdrawal) -> dict[str, Any]:
    return draft_json(withdraw_draft(number=number, acting_user=caller(request), text=why.text))
