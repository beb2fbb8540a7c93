"""Clusters and AI use over HTTP: what they cost, and how it is split."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from bursar.api.callers import caller, scope_for
from bursar.record.actions.set_cluster import ClusterChange, set_cluster
from bursar.report.clusters import cluster_costs, clusters

router = Router(tags=["clusters"])


class ClusterSettings(Schema):
    """What shall be set; what is left out stays as it is."""

    active: bool | None = None
    bill: str | None = None
    sub_account: str | None = None
    extent: str | None = None
    tag_key: str | None = None
    tag_value: str | None = None
    driver: str | None = None
    cpu_share: Decimal | None = None
    idle: str | None = None
    platform: list[str] | None = None
    label_keys: list[str] | None = None


@router.get("/clusters", summary="Clusters that sent usage, and how each is split")
def get_clusters(request: HttpRequest) -> dict[str, Any]:
    return {"clusters": clusters(scope_for(request, "read.data"))}


@router.get("/clusters/costs", summary="What clusters cost, with idle and platform cost")
def get_cluster_costs(
    request: HttpRequest,
    *,
    cluster: str | None = None,
    by: str = "namespace",
    period: Query[list[str] | None] = None,
    basis: str = "effective",
) -> dict[str, Any]:
    scope = scope_for(request, "read.data")
    found = cluster_costs(scope, cluster=cluster, by=by, periods=period, basis=basis)
    return found.to_json()


@router.post("/clusters/{name}", summary="Say how a cluster is split, and split it")
def post_cluster(request: HttpRequest, *, name: str, settings: ClusterSettings) -> dict[str, Any]:
    given = settings.dict()
    for field in ("platform", "label_keys"):
        given[field] = None if given[field] is None else tuple(given[field])
    done = set_cluster(acting_user=caller(request), name=name, change=ClusterChange(**given))
    return {
        "name": done.name,
        "state": done.state,
        "version": done.version,
        "problem": done.problem,
    }
