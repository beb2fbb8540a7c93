"""Watched places: what is looked at, what arrived there, and adding, removing and looking now."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from bursar.core.refusal import Refused
from bursar.office.people.models import User
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.record.actions.add_watch import ACT, WatchOrder, add_watch
from bursar.record.actions.poll_watches import poll_watches
from bursar.record.actions.remove_watch import remove_watch
from bursar.record.arrivals.listing import recent_arrivals, watches
from bursar.record.models import Rhythm
from bursar.report.arrivals import alerts
from bursar.web.requests import person


class WatchForm(forms.Form):
    """A place to watch."""

    source = forms.CharField(
        max_length=100, help_text="What its cost is called; a file restates this source's periods."
    )
    url = forms.CharField(
        label="Place",
        max_length=500,
        help_text="s3://bucket/path, gs://…, abfs://…; a folder of the server only for "
        "administrators. Credentials come from the server's environment and are never stored.",
    )
    pattern = forms.CharField(
        max_length=200, initial="*", help_text="Of file names, such as payables-*.csv."
    )
    profile = forms.CharField(
        max_length=120, required=False, help_text="Empty: files of a known layout find theirs."
    )
    rhythm = forms.ChoiceField(choices=Rhythm.choices, initial=Rhythm.MONTHLY)
    due_day = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=31,
        help_text="Day of the following month by which a month's file is there. Empty: the 10th.",
    )
    grace_days = forms.IntegerField(label="Days of grace", min_value=0, max_value=366, initial=0)
    each_adds = forms.BooleanField(
        required=False, label="Each file adds to the others instead of restating its periods"
    )


@require_http_methods(["GET", "POST"])
def watched(request: HttpRequest) -> HttpResponse:
    """The list, what arrived last, and the form that adds a place."""
    user = person(request)
    require(user, "read.data")
    form = WatchForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(form, user):
        messages.success(request, "The place is watched from now on; it is looked at in minutes.")
        return redirect("web:watches")
    context = {
        "watches": watches(),
        "recent": recent_arrivals(),
        "alerts": alerts(scope_of(user), today=timezone.now().date()),
        "may_watch": may(user, ACT),
        "form": form,
    }
    return render(request, "pages/watches.html", context, status=422 if form.errors else 200)


def _added(form: WatchForm, user: User) -> bool:
    try:
        add_watch(order=WatchOrder(**form.cleaned_data), acting_user=user)
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return False
    return True


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Look at every place now; files that were refused are taken again."""
    found = poll_watches(acting_user=person(request), retry=True)
    imported, refused = (sum(len(getattr(f, n)) for f in found) for n in ("imported", "refused"))
    waiting = sum(len(one.waiting) for one in found)
    messages.success(request, f"{imported} imported, {refused} refused, {waiting} waiting.")
    return redirect("web:watches")


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Watch a place no longer."""
    source = request.POST.get("source", "")
    remove_watch(source=source, acting_user=person(request))
    messages.success(request, f"{source} is no longer watched. What was imported stays.")
    return redirect("web:watches")


urlpatterns = [
    path("data/watches/", watched, name="watches"),
    path("data/watches/look", look, name="watches_look"),
    path("data/watches/remove", remove, name="watches_remove"),
]
