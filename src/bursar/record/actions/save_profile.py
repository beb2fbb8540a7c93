"""Remembering how files of one kind are read."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from bursar.connect.profile import Profile, checked
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.errors import BadProfileName
from bursar.record.models import ProfileVersion, StoredProfile

ACT = "record.save_profile"
_LONGEST = 120


def save_profile(
    *, name: str, profile: Profile, acting_user: User | None, source: str | None = None
) -> StoredProfile:
    """Store a profile; one of the same name gets a further version, and the old ones stay.

    Nothing changes where it says the same already. Refusals: people.not_allowed,
    record.bad_profile_name, import.profile_invalid.
    """
    require(acting_user, ACT)
    called = name.strip()
    too_long = len(called) > _LONGEST or len((source or "").strip()) > _LONGEST
    if not called or "/" in called or too_long:
        raise BadProfileName(
            f"The name of a profile has 1 to {_LONGEST} characters and no slash; its source "
            "has no longer name."
        )
    data = checked(replace(profile, name=called)).to_json()
    with transaction.atomic():
        row = StoredProfile.objects.select_for_update().filter(name=called).first()
        of_source = source.strip() if source is not None else (row.source if row else "")
        if row is not None and row.data == data and row.source == of_source:
            return row
        row = row or StoredProfile(name=called, number=0)
        row.source, row.data, row.signature = of_source, data, profile.signature
        row.number, row.made_at = row.number + 1, timezone.now()
        row.made_by = actor_name(acting_user)
        row.save()
        ProfileVersion.objects.create(
            profile=row, number=row.number, data=data, made_at=row.made_at, made_by=row.made_by
        )
        detail = {"version": row.number, "source": of_source, "profile": data}
        record_act(act=ACT, subject=called, actor=acting_user, detail=detail)
    return row
