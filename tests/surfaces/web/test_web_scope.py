"""A budget owner asks every address that there is, and never learns another's figure or name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from tests.surfaces.web.visitor import Visitor

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]

# What a placeholder of an address is tried with; a new placeholder has to be named here.
TRIED = {
    "line_id": ("{line}",),
    "kind": ("json", "csv"),
    "username": ("ada",),
    "statement_id": ("{statement}",),
    "batch_id": ("{batch}",),
    "token": ("guess",),
    "import_token": ("guess",),
    "name": ("guess", "assets", "tbm-5.0"),
    "source": ("guess",),
    "code": ("main",),
    "legal_entity": ("main",),
    "entity_code": ("main",),
    "check": ("sources_in",),
    "cluster": ("guess",),
    "feed": ("guess",),
    "group_id": ("guess",),
    "match_id": ("guess",),
    "match": ("1",),
    "sha256": ("0" * 64,),
    "number": ("1",),
    "act": ("accept",),
    "basis": ("effective",),
    "job": ("guess",),
    "path": ("bursar/bursar.css",),
    "uidb36": ("1",),
    "key": ("guess",),
    "period": ("2026-01",),
    "consumer": ("Corporate",),
}
PUBLIC = re.compile(r"Shared (?:&|&amp;|\\u0026) Corporate|Corporate Communications")
"""Names of a shipped taxonomy, which anybody may read; no consumer is meant."""
QUESTIONS = (
    "",
    "?period=2026-01&by=consumer&across=solution&q=e&focus=consumer:Corporate",
    "?period=2026-01&by=outcome&layer=solution&source=tbm-5.0&target=tbm-4.1",
    "?period=2026-01&consumer=Corporate&business_unit=Corporate&by=solution",
    "?as=json&period=2026-01&consumer=Corporate",
)
# Corporate's cost, the whole firm's, what nobody pays, whole lines, and others' pools in full.
SECRETS = re.compile(
    r"(?<![\d.])(1,?819\.96|14,?926\.1\d*|606\.65|9,?000(\.00)?|1,?100(\.00)?|1,?200\.13?|12,?577\.77)(?!\d)"
)
TEXTUAL = ("text/", "application/json")


def addresses(patterns: list[Any], prefix: str = "/") -> Iterator[str]:
    """Every address of the product, placeholders filled with what is tried."""
    for pattern in patterns:
        text = prefix + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, text)
        elif isinstance(pattern, URLPattern):
            yield from _filled(text)


def _filled(text: str) -> Iterator[str]:
    found = re.search(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", text)
    if found is None:
        yield text
        return
    name = found.group(1) or found.group(2)
    assert name in TRIED, f"{text}: say in TRIED what <{name}> is tried with"
    for value in TRIED[name]:
        yield from _filled(text[: found.start()] + value + text[found.end() :])


def test_no_address_tells_a_budget_owner_more_than_hers(visit: Visit) -> None:
    known = _what_there_is(visit("ada"))
    olga = visit("olga")
    asked, leaks = 0, []
    for path in sorted(set(addresses(get_resolver().url_patterns))):
        if "logout" in path:
            continue
        for question in QUESTIONS:
            address = path.format(**known) + question
            answer = olga.context.request.get(olga.address + address, max_redirects=3)
            assert answer.status < 500, f"{address}: {answer.status}"
            kind = answer.headers.get("content-type", "")
            if answer.status != 200 or not kind.startswith(TEXTUAL):
                continue
            asked += 1
            text = answer.text()
            if SECRETS.search(text):
                leaks.append(f"{address}: {SECRETS.search(text)}")
            if "Corporate" in PUBLIC.sub("", text) and "Corporate" not in address:
                leaks.append(f"{address} names Corporate")
    assert leaks == []
    assert asked > 30


def _what_there_is(ada: Visitor) -> dict[str, str]:
    """A line, a batch and a statement that Olga may not see."""
    ada.go("/costs/lines?period=2026-01")
    line = str(ada.page.locator("tbody th a").first.inner_text())
    told = ada.context.request.get(f"{ada.address}/api/v1/statements?consumer=Corporate").json()
    return {
        "line": line,
        "batch": line.partition("-")[0],
        "statement": told["statements"][0]["statement_id"],
    }


def test_the_secrets_are_really_there_for_who_may_see_them(visit: Visit) -> None:
    ada = visit("ada")
    seen = [
        ada.context.request.get(ada.address + path).text()
        for path in (
            "/costs/?by=consumer&period=2026-01",
            "/costs/?by=pool&period=2026-01",
            "/costs/lines?period=2026-01",
            "/api/v1/balance?period=2026-01",
        )
    ]
    assert [n for n, text in enumerate(seen) if not SECRETS.search(text)] == []
    assert "Corporate" in seen[0]
