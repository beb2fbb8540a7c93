"""Taxonomies over HTTP: names, crosswalks, decisions, and figures under two of them."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from bursar.allocate.actions.decide_crosswalk import decide_crosswalk
from bursar.api.callers import caller, scope_for
from bursar.api.figures import filter_pairs
from bursar.report.taxonomies import crosswalk_rows, taxonomies, taxonomy_names
from bursar.report.taxonomy import compare_taxonomies

router = Router(tags=["taxonomies"])
Number = Annotated[int, Field(ge=0, le=10**6)]


class CrosswalkOrder(Schema):
    """Own rows as YAML: `from`, `to`, and `cost_pools`, `towers` or `solutions`."""

    text: Annotated[str, Field(max_length=400_000)]
    comment: str = ""


@router.get("/taxonomies", summary="The taxonomies, and which one is in use")
def get_taxonomies(request: HttpRequest) -> dict[str, Any]:
    scope_for(request)
    return {"taxonomies": [line.to_json() for line in taxonomies()]}


@router.get("/taxonomies/crosswalk", summary="Where each name of a taxonomy went in another")
def get_crosswalk(
    request: HttpRequest,
    *,
    source: str,
    target: str,
    layer: str | None = None,
    decision: Number | None = None,
) -> dict[str, Any]:
    scope_for(request)
    return crosswalk_rows(source, target, layer=layer, decision=decision)


@router.post("/taxonomies/crosswalk", summary="Put own rows in the place of shipped ones")
def post_crosswalk(request: HttpRequest, order: CrosswalkOrder) -> dict[str, Any]:
    done = decide_crosswalk(text=order.text, acting_user=caller(request), comment=order.comment)
    return done.to_json()


@router.get("/taxonomies/compare", summary="The same figures under two taxonomies")
def get_comparison(
    request: HttpRequest,
    *,
    source: str,
    target: str,
    layer: str = "tower",
    period: Query[list[str] | None] = None,
    where: Query[list[str] | None] = None,
    basis: str = "effective",
    decision: Number | None = None,
    depth: Annotated[int, Field(ge=1, le=9)] | None = None,
) -> dict[str, Any]:
    """`layer` is cost_pool, tower or solution; `decision` 0 is the crosswalk as shipped."""
    found = compare_taxonomies(
        scope_for(request),
        source=source,
        target=target,
        layer=layer,
        periods=period,
        basis=basis,
        filters=filter_pairs(where),
        decision=decision,
        depth=depth,
    )
    return found.to_json()


@router.get("/taxonomies/{name}", summary="The names of a taxonomy")
def get_taxonomy(
    request: HttpRequest, *, name: str, layer: str | None = None, below: str | None = None
) -> dict[str, Any]:
    scope_for(request)
    return {"taxonomy": name, "names": taxonomy_names(name, layer=layer, below=below)}
