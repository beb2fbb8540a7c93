"""Matches and control over HTTP: the same reports and acts as the pages and the command line."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from bursar.api.callers import caller, scope_for
from bursar.record.actions.confirm_match import confirm_match
from bursar.record.actions.learn_match_rule import learn_match_rule
from bursar.record.actions.link_evidence import link_evidence
from bursar.record.actions.propose_matches import propose_matches
from bursar.record.actions.reject_match import reject_match
from bursar.record.actions.sign_reconciliation import sign_reconciliation
from bursar.report import evidence as report
from bursar.report.coverage import coverage
from bursar.report.double_counting import double_counting
from bursar.report.reconciliation import reconciliation

router = Router(tags=["evidence"])


class Comment(Schema):
    comment: str = ""


class LinkOrder(Schema):
    summary: str
    details: list[str]
    comment: str = ""


class SignOrder(Schema):
    period: str
    legal_entity: str
    basis: str = "booked"
    comment: str = ""


@router.get("/matches", summary="Evidences of one obligation, the largest money first")
def get_matches(
    request: HttpRequest, *, state: str | None = None, period: str | None = None
) -> dict[str, Any]:
    return report.matches(scope_for(request, "read.data"), state=state, period=period).to_json()


@router.get("/matches/unmatched", summary="Evidence in no group, the largest money first")
def get_unmatched(request: HttpRequest) -> dict[str, Any]:
    return {"unmatched": report.unmatched(scope_for(request, "read.data"))}


@router.post("/matches/search", summary="Search for matches again")
def post_search(request: HttpRequest) -> dict[str, Any]:
    return dict(vars(propose_matches(acting_user=caller(request))))


@router.post("/matches/link", summary="Match lines by hand")
def post_link(request: HttpRequest, *, order: LinkOrder) -> dict[str, Any]:
    made = link_evidence(
        acting_user=caller(request),
        summary=order.summary,
        details=order.details,
        comment=order.comment,
    )
    return report.match(scope_for(request, "read.data"), made.group_id)


@router.get("/matches/{match_id}", summary="One match with the lines that count it once")
def get_match(request: HttpRequest, *, match_id: str) -> dict[str, Any]:
    return report.match(scope_for(request, "read.data"), match_id)


@router.get("/double-counting", summary="What is counted twice, suspected and netted")
def get_double_counting(request: HttpRequest, *, period: str | None = None) -> dict[str, Any]:
    return double_counting(scope_for(request, "read.data"), period=period).to_json()


@router.get("/reconciliation", summary="The general ledger beside Bursar")
def get_reconciliation(
    request: HttpRequest, *, period: str, basis: str = "booked"
) -> dict[str, Any]:
    scope = scope_for(request, "read.data")
    return reconciliation(scope, period=period, basis=basis).to_json()


@router.get("/coverage", summary="How much of each balance detail has replaced")
def get_coverage(request: HttpRequest, *, period: str, basis: str = "effective") -> dict[str, Any]:
    return coverage(scope_for(request, "read.data"), period=period, basis=basis).to_json()


@router.post("/matches/{match_id}/confirm", summary="Count a match once")
def post_confirm(request: HttpRequest, *, match_id: str, said: Comment) -> dict[str, Any]:
    confirm_match(acting_user=caller(request), group_id=match_id, comment=said.comment)
    return report.match(scope_for(request, "read.data"), match_id)


@router.post("/matches/{match_id}/reject", summary="Reject a match, or undo it")
def post_reject(request: HttpRequest, *, match_id: str, said: Comment) -> dict[str, Any]:
    reject_match(acting_user=caller(request), group_id=match_id, comment=said.comment)
    return report.match(scope_for(request, "read.data"), match_id)


@router.post("/matches/{match_id}/learn", summary="Confirm matches like this from now on")
def post_learn(request: HttpRequest, *, match_id: str) -> dict[str, Any]:
    rules = learn_match_rule(acting_user=caller(request), group_id=match_id)
    return {"rules": [rule.name for rule in rules]}


@router.post("/reconciliation/sign", summary="Sign a period's reconciliation")
def post_sign(request: HttpRequest, *, order: SignOrder) -> dict[str, Any]:
    made = sign_reconciliation(
        acting_user=caller(request),
        period=order.period,
        entity=order.legal_entity,
        basis=order.basis,
        comment=order.comment,
    )
    return {"period": made.period, "legal_entity": made.legal_entity,
            "unexplained": made.unexplained}  # fmt: skip
