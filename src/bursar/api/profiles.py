"""Profiles over HTTP: how files of one kind are read."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from bursar.api.acts import saved
from bursar.api.callers import caller, scope_for
from bursar.connect.looking import look
from bursar.connect.looks.asking import questions
from bursar.connect.looks.proposing import propose
from bursar.connect.profile import Profile
from bursar.office.people.permissions import require
from bursar.record.actions.delete_profile import delete_profile
from bursar.record.actions.save_profile import ACT, save_profile
from bursar.record.profiles.stored import profile_json, profiles, stored_profile

router = Router(tags=["profiles"])


class NewProfile(Schema):
    """A profile as `GET /profiles/{name}` and the proposal give it."""

    profile: dict[str, Any]
    source: str | None = None


@router.get("/profiles", summary="The profiles that files are read with")
def get_profiles(request: HttpRequest) -> dict[str, Any]:
    scope_for(request, "read.data")
    return {"profiles": profiles()}


@router.post("/profile-proposals", summary="How a file would be read, and what it leaves open")
def post_proposal(request: HttpRequest, *, file: File[UploadedFile]) -> dict[str, Any]:
    require(caller(request), ACT)
    with tempfile.TemporaryDirectory(prefix=".upload-", dir=settings.BURSAR_HOME) as folder:
        seen = look([saved(Path(folder) / "0", file)])
    profile = propose(seen)
    asked = [{"code": q.code, "message": q.message, "answers": list(q.answers)}
             for q in questions(seen, profile)]  # fmt: skip
    return {"profile": profile.to_json(), "questions": asked}


@router.get("/profiles/{name}", summary="One profile with its versions")
def get_profile(request: HttpRequest, *, name: str) -> dict[str, Any]:
    scope_for(request, "read.data")
    return profile_json(stored_profile(name), whole=True)


@router.put("/profiles/{name}", summary="Save a profile, or a further version of it")
def put_profile(request: HttpRequest, *, name: str, order: NewProfile) -> dict[str, Any]:
    profile = Profile.from_json(order.profile)
    row = save_profile(name=name, profile=profile, source=order.source, acting_user=caller(request))
    return profile_json(row)


@router.delete("/profiles/{name}", summary="Delete a profile; imports made with it stay")
def delete_named(request: HttpRequest, *, name: str) -> dict[str, Any]:
    delete_profile(name=name, acting_user=caller(request))
    return {"deleted": name}
