"""Importing in the browser: send files, look at them, import behind the page, see how it ended."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bursar.connect.preview import preview
from bursar.core.refusal import Refused
from bursar.flow.jobs import ask_import
from bursar.flow.models import Job
from bursar.office.people.permissions import require
from bursar.web.requests import person
from bursar.web.uploads import UploadGone, forget, keep, kept, token_of

ACT = "record.import_files"
ROWS_PREVIEWED = 12
COLUMNS_PREVIEWED = 14
_PLACES = {"source_file", "source_row"}


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Take the files and go to their preview."""
    require(person(request), ACT)
    return redirect("web:data_preview", token=keep(request.FILES.getlist("files")))


@require_http_methods(["GET", "POST"])
def look(request: HttpRequest, token: str) -> HttpResponse:
    """How the file would be read and its first rows; the form imports it or throws it away."""
    user = person(request)
    require(user, ACT)
    paths = kept(token)
    if request.method == "POST":
        if "discard" in request.POST:
            forget(token)
            return redirect("web:data")
        source = request.POST.get("source", "").strip() or None
        names = [str(found) for found in paths]
        job = ask_import(acting_user=user, paths=names, source=source)
        return redirect("web:data_job", token=job.token)
    context: dict[str, object] = {"token": token, "files": [found.name for found in paths]}
    try:
        context["preview"] = seen = preview(paths, rows=ROWS_PREVIEWED)
        shown = [name for name in seen.columns if name not in _PLACES][:COLUMNS_PREVIEWED]
        context["columns"] = shown
        context["more_columns"] = len(seen.columns) - len(_PLACES) - len(shown)
        context["rows"] = [[_short(row[name]) for name in shown] for row in seen.rows]
    except Refused as refusal:
        context["refusal"] = refusal
        forget(token)
    status = 422 if "refusal" in context else 200
    return render(request, "pages/data_preview.html", context, status=status)


def _short(text: str | None) -> str | None:
    """A moment at the start of a day reads as its day."""
    return text.removesuffix("T00:00:00Z") if text else text


@require_GET
def job(request: HttpRequest, token: str) -> HttpResponse:
    """How far an import is; asks again by itself while it runs, and shows the outcome then."""
    require(person(request), ACT)
    found = Job.objects.filter(token=token, act=ACT).first()
    if found is None:
        raise UploadGone("There is no such import. The Data page lists what was recorded.")
    finished = found.state in ("done", "refused")
    if finished:
        forget(token_of(found.arguments["paths"][0]))
    context = {
        "job": found,
        "finished": finished,
        "files": [name.rsplit("/", 1)[-1] for name in found.arguments["paths"]],
        "here": reverse("web:data_job", args=[token]),
        "outcome": found.outcome,
    }
    # Finished: the whole page once more, so that its heading and the top bar are right.
    in_place = getattr(request, "htmx", False) and not request.htmx.boosted  # type: ignore[attr-defined]
    if in_place and not finished:
        return render(request, "pages/data_job_state.html", context)
    answer = render(request, "pages/data_job.html", context)
    if in_place:
        answer["HX-Redirect"] = context["here"]
    return answer


urlpatterns = [
    path("data/files", send, name="data_send"),
    path("data/files/<str:token>", look, name="data_preview"),
    path("data/jobs/<str:token>", job, name="data_job"),
]
