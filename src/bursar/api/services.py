"""The catalogue of services over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from bursar.api.callers import scope_for
from bursar.report.services import services

router = Router(tags=["services"])


@router.get("/services", summary="What each service costs, in all and per unit")
def get_services(request: HttpRequest, *, period: str, basis: str = "effective") -> dict[str, Any]:
    return services(scope_for(request, "read.model"), period=period, basis=basis).to_json()
