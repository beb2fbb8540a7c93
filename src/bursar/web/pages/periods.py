"""Periods: which are open, what keeps one from being closed, and who changed it when and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from bursar.core.refusal import Refused
from bursar.flow.actions.add_closing_line import add_closing_line
from bursar.flow.actions.close_period import ACT as CLOSE
from bursar.flow.actions.close_period import close_period
from bursar.flow.actions.finish_check import finish_check
from bursar.flow.actions.reopen_period import reopen_period
from bursar.flow.actions.set_closing_rule import set_closing_rule
from bursar.flow.actions.soft_close_period import soft_close_period
from bursar.flow.actions.waive_check import waive_check
from bursar.flow.periods import period_told, periods_told
from bursar.office.people.models import User
from bursar.office.people.permissions import may, require
from bursar.office.people.queries import users
from bursar.office.reference.entities import entities
from bursar.web.downloads import json_attachment
from bursar.web.requests import person

WORDS = {"open": "Open", "soft_closed": "Soft-closed", "closed": "Closed"}
CHECK_WORDS = {"done": "Done", "open": "Open", "waived": "Waived", "not_used": "Not used"}
LOOKS = {"closed": "good", "soft_closed": "plain"}
CHECK_LOOKS = {"done": "good", "open": "watch"}


@require_GET
def period_list(request: HttpRequest) -> HttpResponse:
    """A grid of periods and legal entities, and the checklist of the one in the address."""
    user = person(request)
    require(user, "read.data")
    rows = periods_told()
    period, entity = request.GET.get("period", ""), request.GET.get("entity", "")
    if not period and rows:
        period, entity = _first_to_close(rows)
    told = period_told(period, entity) if period and entity else None
    if request.GET.get("as") == "json":
        return json_attachment(told or {"periods": rows}, name="periods")
    codes = sorted({row["legal_entity"] for row in rows})
    names = {one.code: one.name for one in entities()}
    context = {
        "entities": [names.get(code) or code for code in codes],
        "entity_name": (names.get(told["legal_entity"]) or told["legal_entity"]) if told else "",
        "grid": _grid(rows, codes),
        "told": told,
        "state_word": WORDS[told["state"]] if told else "",
        "state_look": LOOKS.get(told["state"], "") if told else "",
        "lines": [_line(check) for check in told["checks"]] if told else [],
        "changes": [_change(change) for change in told["changes"]] if told else [],
        "open_count": sum(c["state"] == "open" for c in told["checks"]) if told else 0,
        "may_close": may(user, CLOSE),
        "people": [one.username for one in users() if one.is_active],
    }
    return render(request, "pages/periods.html", context)


def _first_to_close(rows: list[dict[str, Any]]) -> tuple[str, str]:
    """The oldest period that is not closed, else the newest there is."""
    waiting = [row for row in reversed(rows) if row["state"] != "closed"]
    row = (waiting or rows)[0]
    return row["period"], row["legal_entity"]


def _grid(rows: list[dict[str, Any]], codes: list[str]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["period"], {})[row["legal_entity"]] = {
            **row,
            "word": WORDS[row["state"]],
            "look": LOOKS.get(row["state"], ""),
            "url": _address(row["period"], row["legal_entity"]),
        }
    return [
        {"period": period, "cells": [cells.get(code) for code in codes],
         "stale": next(iter(cells.values()))["stale"]}
        for period, cells in found.items()
    ]  # fmt: skip


def _line(check: dict[str, Any]) -> dict[str, Any]:
    word, look = CHECK_WORDS[check["state"]], CHECK_LOOKS.get(check["state"], "")
    return {**check, "word": word, "look": look}


def _change(change: dict[str, Any]) -> dict[str, Any]:
    return {**change, "word": WORDS[change["after"]]}


def _address(period: str, entity: str) -> str:
    query = urlencode({"period": period, "entity": entity})
    return f"{reverse('web:periods')}?{query}#checklist"


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """One act on a period, named by `do`; what is refused is told on the page itself."""
    user = person(request)
    require(user, CLOSE)
    given = request.POST
    act = ACTS.get(given.get("do", ""))
    try:
        if act is None:
            raise Refused("There is no such act on a period.", code="page.not_found")
        done, text = act(user, given)
        (messages.success if done else messages.warning)(request, text)
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect(_address(given.get("period", ""), given.get("entity", "")))


def _place(given: QueryDict) -> dict[str, Any]:
    return {"period": given.get("period", ""), "legal_entity": given.get("entity", "")}


def _close(user: User, given: QueryDict) -> tuple[bool, str]:
    done = close_period(acting_user=user, **_place(given))
    if done.changed:
        return True, f"{done.period} is closed. Its figures stand from now on."
    waiting = ", ".join(line.name for _, line in done.lines if line.state == "open")
    return False, f"Nothing was changed. Still open: {waiting}."


def _soft_close(user: User, given: QueryDict) -> tuple[bool, str]:
    done = soft_close_period(acting_user=user, **_place(given))
    return True, f"{done.period} is soft-closed. What arrives now is marked as late."


def _reopen(user: User, given: QueryDict) -> tuple[bool, str]:
    done = reopen_period(acting_user=user, **_place(given), reason=given.get("reason", ""))
    return True, f"{done.period} is open again."


def _waive(user: User, given: QueryDict) -> tuple[bool, str]:
    check, reason = given.get("check", ""), given.get("reason", "")
    waive_check(acting_user=user, **_place(given), check=check, reason=reason)
    return True, "Waived; your reason stands on the checklist and in the journal."


def _finish(user: User, given: QueryDict) -> tuple[bool, str]:
    check, note = given.get("check", ""), given.get("reason", "")
    finish_check(acting_user=user, **_place(given), check=check, note=note)
    return True, "Done; your name stands on the checklist."


def _add(user: User, given: QueryDict) -> tuple[bool, str]:
    line = add_closing_line(
        acting_user=user,
        **_place(given),
        name=given.get("name", ""),
        owner=given.get("owner", ""),
        due_days=_days(given) or 0,
    )
    return True, f"Added: {line.name}."


def _rule(user: User, given: QueryDict) -> tuple[bool, str]:
    check, owner = given.get("check", ""), given.get("owner", "")
    set_closing_rule(acting_user=user, check=check, owner=owner, due_days=_days(given))
    return True, "Saved for every period."


def _days(given: QueryDict) -> int | None:
    text = given.get("due_days", "").strip()
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 5 else None


ACTS: dict[str, Callable[[User, QueryDict], tuple[bool, str]]] = {
    "close": _close,
    "soft_close": _soft_close,
    "reopen": _reopen,
    "waive": _waive,
    "finish": _finish,
    "add": _add,
    "rule": _rule,
}

urlpatterns = [
    path("data/periods/", period_list, name="periods"),
    path("data/periods/change", change, name="period_change"),
]
