"""Reading stored profiles."""

from __future__ import annotations

from typing import Any

from bursar.connect.errors import UnknownProfile
from bursar.connect.profile import Profile
from bursar.record.models import StoredProfile


def stored_profile(name: str) -> StoredProfile:
    """Refusals: import.unknown_profile."""
    found = StoredProfile.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(StoredProfile.objects.values_list("name", flat=True)) or "none yet"
        raise UnknownProfile(
            f"There is no profile '{name}' (there is: {known}). `bursar profile propose FILE "
            "--save NAME` makes one."
        )
    return found


def profile_of(row: StoredProfile) -> Profile:
    """What the row holds. Refusals: import.profile_invalid."""
    return Profile.from_json(row.data)


def profile_json(row: StoredProfile, *, whole: bool = False) -> dict[str, Any]:
    """One profile for surfaces; `whole` adds what it says, and its versions."""
    told: dict[str, Any] = {
        "name": row.name,
        "source": row.source,
        "signature": row.signature,
        "version": row.number,
        "made_at": row.made_at.isoformat(),
        "made_by": row.made_by,
        "columns": len(row.data.get("columns", ())),
    }
    if whole:
        told["profile"] = row.data
        told["versions"] = [
            {"version": v.number, "made_at": v.made_at.isoformat(), "made_by": v.made_by,
             "profile": v.data}
            for v in row.versions.all()
        ]  # fmt: skip
    return told


def profiles() -> list[dict[str, Any]]:
    """Every stored profile, by name."""
    return [profile_json(row) for row in StoredProfile.objects.all()]
