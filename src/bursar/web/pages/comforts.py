"""What belongs to no subject: theme, help and the chart library."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from bursar.web.assets import CHART_BUNDLE, chart_bundle_file
from bursar.web.context import THEMES
from bursar.web.explain import GLOSSARY

A_YEAR = 365 * 24 * 3600


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the reader's choice of light or dark in a cookie, for pages without JavaScript."""
    back = request.POST.get("next", "/")
    # A path only: anything else could lead elsewhere, or be taken for the name of a view.
    if not (back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)):
        back = "/"
    answer = redirect(back)
    chosen = request.POST.get("theme", "auto")
    if chosen in THEMES:
        answer.set_cookie("theme", chosen, max_age=A_YEAR, samesite="Lax")
    return answer


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """Words, keys and where to find what."""
    return render(request, "pages/help.html", {"glossary": GLOSSARY})


@login_not_required
@require_GET
def chart_bundle(request: HttpRequest, name: str) -> HttpResponseBase:
    """The chart library, under a name that changes with its version."""
    if name != CHART_BUNDLE:
        raise Http404
    compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    content = chart_bundle_file(compressed=compressed).open("rb")
    answer = FileResponse(content, content_type="text/javascript; charset=utf-8")
    if compressed:
        answer["Content-Encoding"] = "gzip"
    answer["Vary"] = "Accept-Encoding"
    answer["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return answer


urlpatterns = [
    path("theme", theme, name="theme"),
    path("help", help_page, name="help"),
    path("assets/<str:name>", chart_bundle, name="chart_bundle"),
]
