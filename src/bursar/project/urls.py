"""Every address of the product."""

from __future__ import annotations

from django.urls import include, path

from bursar.api.routes import api

urlpatterns = [
    path("api/", api.urls),
    path("", include("bursar.web.urls")),
]

handler403 = "bursar.web.refusals.forbidden"
handler404 = "bursar.web.refusals.missing"
handler500 = "bursar.web.refusals.broken"
