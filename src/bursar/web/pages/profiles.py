"""Profiles: how files of one kind are read, what each says, and its versions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from bursar.office.people.permissions import may, require
from bursar.record.actions.delete_profile import ACT, delete_profile
from bursar.record.profiles.stored import profile_json, profile_of, profiles, stored_profile
from bursar.web.downloads import json_attachment
from bursar.web.requests import person


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Every profile, with what its files are recorded as."""
    require(person(request), "read.data")
    return render(request, "pages/profiles.html", {"profiles": profiles()})


@require_GET
def profile(request: HttpRequest, name: str) -> HttpResponse:
    """One profile: its columns, what is the same for every row, and earlier versions."""
    user = person(request)
    require(user, "read.data")
    row = stored_profile(name)
    if request.GET.get("as") == "json":
        return json_attachment(row.data, name=f"profile-{row.pk}")
    context = {
        "row": row,
        "profile": profile_of(row),
        "told": profile_json(row, whole=True),
        "may_delete": may(user, ACT),
    }
    return render(request, "pages/profile.html", context)


@require_POST
def delete(request: HttpRequest, name: str) -> HttpResponse:
    """Delete it; imports made with it stay."""
    delete_profile(name=name, acting_user=person(request))
    messages.success(request, f"Profile {name} is deleted. Imports made with it stay.")
    return redirect("web:profiles")


urlpatterns = [
    path("data/profiles/", listed, name="profiles"),
    path("data/profiles/<str:name>", profile, name="profile"),
    path("data/profiles/<str:name>/delete", delete, name="profile_delete"),
]
