"""Every address of the product."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = []
if find_spec("bursar.api.routes"):
    from bursar.api.routes import api

    urlpatterns.append(path("api/", api.urls))
if find_spec("bursar.web.urls"):
    urlpatterns.append(path("", include("bursar.web.urls")))

handler403 = "bursar.web.refusals.forbidden"
handler404 = "bursar.web.refusals.missing"
handler500 = "bursar.web.refusals.broken"
