"""The API: one version, described by its OpenAPI document, for who is signed in.

There is no page of documentation that runs scripts: the policy of all pages forbids what it
would need, and `/api/v1/openapi.json` opens in any tool.
"""

from __future__ import annotations

from importlib.metadata import version

from ninja import NinjaAPI
from ninja.security import SessionAuth

from bursar.api import (
    acts,
    ai_use,
    books,
    clusters,
    cost_model,
    documents,
    entities,
    evidence,
    figures,
    issued,
    periods,
    profiles,
    rates,
    registers,
    services,
    statements,
    taxonomy,
    watching,
)
from bursar.api.refusals import answer_refusals

api = NinjaAPI(
    title="Bursar",
    version=version("bursar"),
    description="IT cost, allocation and statements. Amounts are exact text. Every figure names "
    "its basis, and is limited to what the caller may see.",
    auth=SessionAuth(csrf=True),
    docs_url=None,
    openapi_url="/v1/openapi.json",
    urls_namespace="api",
)
for part in (
    figures,
    issued,
    statements,
    books,
    acts,
    rates,
    watching,
    clusters,
    entities,
    profiles,
    documents,
    ai_use,
    periods,
    evidence,
    registers,
    taxonomy,
    services,
    cost_model,
):
    api.add_router("/v1", part.router)
answer_refusals(api)
