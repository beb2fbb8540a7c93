"""Forgetting how files of one kind are read."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.errors import ProfileInUse
from bursar.record.models import Watch
from bursar.record.profiles.stored import stored_profile

ACT = "record.delete_profile"


def delete_profile(*, name: str, acting_user: User | None) -> None:
    """Remove a profile with its versions; the journal and imports made with it keep what it said.

    Refusals: people.not_allowed, import.unknown_profile, record.profile_in_use.
    """
    require(acting_user, ACT)
    with transaction.atomic():
        row = stored_profile(name)
        if watch := Watch.objects.filter(profile=name).first():
            raise ProfileInUse(
                f"Files of the watched place of '{watch.source}' are read with profile '{name}'. "
                "Watch it with another profile first."
            )
        detail = {"version": row.number, "profile": row.data}
        row.delete()
        record_act(act=ACT, subject=name, actor=acting_user, detail=detail)
