"""Importing in the browser: send files, say how they are read, import, see how it ended.

Bills and ledger files of a known layout need no saying. Any other table opens the wizard, whose
state is its form: nothing is recorded, and nothing is kept, before *Import*.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bursar.connect.errors import ImportRefused
from bursar.connect.preview import Preview, preview
from bursar.connect.profile import Profile
from bursar.connect.reading import FORMATS
from bursar.connect.trial import Trial, try_reading
from bursar.core.refusal import Refused
from bursar.flow.jobs import ask_import
from bursar.flow.models import Job
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.actions.save_profile import save_profile
from bursar.record.errors import BadProfileName
from bursar.record.profiles.recognizing import recognize
from bursar.record.sources import name_of_file
from bursar.web.requests import person
from bursar.web.trial_table import trial_table
from bursar.web.uploads import UploadGone, forget, keep, kept, token_of
from bursar.web.wizard import Wizard, first_wizard, sent_wizard

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
        if "base" in request.POST:
            return _answer_wizard(request, token, paths)
        job = ask_import(acting_user=user, paths=list(map(str, paths)), source=_source(request))
        return redirect("web:data_job", token=job.token)
    context: dict[str, object] = {"token": token, "files": [found.name for found in paths]}
    by_hand = request.GET.get("columns") == "by-hand"
    try:
        known = None if by_hand else _known_layout(paths)
        if known is None:
            return _open_wizard(request, token, paths)
    except Refused as refusal:
        if not by_hand:
            forget(token)
        context["refusal"] = refusal
        return render(request, "pages/data_preview.html", context, status=422)
    context |= _of_known(known)
    return render(request, "pages/data_preview.html", context)


def _source(request: HttpRequest) -> str | None:
    return request.POST.get("source", "").strip() or None


def _known_layout(paths: list[Path]) -> Preview | None:
    """The preview of a bill, ledger or usage file; None where a profile has to say how to read.

    Refusals: what the reader refuses of a file that no profile could read either.
    """
    if recognize(paths) is not None:
        return None
    try:
        seen = preview(paths, rows=ROWS_PREVIEWED)
    except ImportRefused as refusal:
        if refusal.code in _UNREADABLE:
            raise
        return None
    return seen if seen.format in FORMATS else None


_UNREADABLE = frozenset(
    {"import.no_such_file", "import.empty_file", "import.encrypted", "import.unreadable",
     "import.truncated", "import.damaged", "import.no_rows", "import.mixed_formats"}
)  # fmt: skip
"""Refusals that no choice of columns could mend."""


def _of_known(seen: Preview) -> dict[str, object]:
    shown = [name for name in seen.columns if name not in _PLACES][:COLUMNS_PREVIEWED]
    return {
        "preview": seen,
        "columns": shown,
        "more_columns": len(seen.columns) - len(_PLACES) - len(shown),
        "rows": [[_short(row[name]) for name in shown] for row in seen.rows],
    }


def _short(text: str | None) -> str | None:
    """A moment at the start of a day reads as its day."""
    return text.removesuffix("T00:00:00Z") if text else text


def _open_wizard(request: HttpRequest, token: str, paths: list[Path]) -> HttpResponse:
    found = recognize(paths)
    wizard = first_wizard(paths, found.profile if found else None)
    naming = {
        "source": (found.row.source if found else "") or name_of_file(paths),
        "remember": True,
        "profile_name": found.row.name if found else name_of_file(paths),
        "recognized": found.row if found else None,
    }
    return _show(request, (token, paths), wizard, naming)


def _answer_wizard(request: HttpRequest, token: str, paths: list[Path]) -> HttpResponse:
    """Look again with what was chosen, or import with it."""
    form = request.POST
    wizard = sent_wizard(paths, form)
    naming = {
        "source": form.get("source", "").strip() or name_of_file(paths),
        "remember": "remember" in form,
        "profile_name": form.get("profile_name", "").strip() or name_of_file(paths),
        "recognized": None,
    }
    if form.get("act") != "import":
        return _show(request, (token, paths), wizard, naming)
    trial, problem = _tried(paths, wizard)
    moved = wizard.look.signature != form.get("signature")
    if moved or trial is None or problem or wizard.open:
        asked = "The header was moved, so its columns were proposed anew: look at them once more."
        said = problem or (asked if moved else "Answer what the file does not say, then import.")
        return _show(request, (token, paths), wizard, {**naming, "stopped": said}, status=422)
    try:
        return _ask(person(request), paths, wizard.profile, naming)
    except BadProfileName as refusal:
        naming["stopped"] = refusal.message
        return _show(request, (token, paths), wizard, naming, status=422)


def _ask(user: User, paths: list[Path], profile: Profile, naming: dict[str, Any]) -> HttpResponse:
    """Save the profile where that was asked for, and import behind the page."""
    told: str | Profile = profile
    if naming["remember"]:
        name = naming["profile_name"]
        save_profile(name=name, profile=profile, source=naming["source"], acting_user=user)
        told = name
    job = ask_import(
        acting_user=user, paths=list(map(str, paths)), source=naming["source"], profile=told
    )
    return redirect("web:data_job", token=job.token)


def _tried(paths: list[Path], wizard: Wizard) -> tuple[Trial | None, str]:
    """The first rows as they would be read, or why they cannot be."""
    if wizard.problem:
        return None, wizard.problem
    try:
        return try_reading(paths, wizard.profile), ""
    except ImportRefused as refusal:
        return None, refusal.message


def _show(
    request: HttpRequest,
    upload: tuple[str, list[Path]],
    wizard: Wizard,
    naming: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    token, paths = upload
    trial, problem = _tried(paths, wizard)
    context = {
        "token": token,
        "files": [found.name for found in paths],
        "wizard": wizard,
        "naming": naming,
        "trial": trial,
        "table": trial_table(trial) if trial else None,
        "problem": problem,
        "stopped": naming.get("stopped", ""),
    }
    return render(request, "pages/data_wizard.html", context, status=status)


@require_GET
def job(request: HttpRequest, token: str) -> HttpResponse:
    """How far an import is; asks again by itself while it runs, and shows the outcome then."""
    require(person(request), ACT)
    found = Job.objects.filter(token=token, act=ACT).first()
    if found is None:
        raise UploadGone("There is no such import. The Data page lists what was recorded.")
    finished = found.state in ("done", "refused")
    if found.state == "done":
        forget(token_of(found.arguments["paths"][0]))
    context = {
        "job": found,
        "finished": finished,
        "files": [name.rsplit("/", 1)[-1] for name in found.arguments["paths"]],
        "again": _again(found) if found.state == "refused" else "",
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


def _again(found: Job) -> str:
    """Where a refused file can be looked at again, while it is still here."""
    token = token_of(found.arguments["paths"][0])
    try:
        kept(token)
    except UploadGone:
        return ""
    return reverse("web:data_preview", args=[token]) + "?columns=by-hand"


urlpatterns = [
    path("data/files", send, name="data_send"),
    path("data/files/<str:token>", look, name="data_preview"),
    path("data/jobs/<str:token>", job, name="data_job"),
]
