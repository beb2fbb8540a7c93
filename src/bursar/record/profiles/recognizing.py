"""Recognizing a file by its header: what was decided for its kind once is not asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bursar.connect.errors import ImportRefused
from bursar.connect.looking import look
from bursar.connect.profile import Profile
from bursar.record.models import StoredProfile
from bursar.record.profiles.stored import profile_of


@dataclass(frozen=True)
class Recognized:
    """The stored profile that fits a file."""

    row: StoredProfile
    profile: Profile


def recognize(paths: Sequence[Path], source: str | None = None) -> Recognized | None:
    """The stored profile whose header the first file has; that of the source where several fit."""
    rows = list(StoredProfile.objects.exclude(signature="").order_by("-made_at"))
    if not rows:
        return None
    plain = _signature(paths, None)
    fitting = [row for row in rows if row.signature == plain] or [
        # Its header stands where no look would seek it: the profile itself says where.
        row for row in rows
        if _says_where(row) and _signature(paths, profile_of(row)) == row.signature
    ]  # fmt: skip
    if not fitting:
        return None
    row = next((row for row in fitting if source and row.source == source), fitting[0])
    return Recognized(row, profile_of(row))


def _says_where(row: StoredProfile) -> bool:
    said = ("header_row", "sheet", "delimiter", "encoding")
    return any(row.data.get(name) is not None for name in said)


def _signature(paths: Sequence[Path], profile: Profile | None) -> str | None:
    """None where the file is no table that a profile could read."""
    try:
        return look(paths, profile=profile).signature
    except ImportRefused:
        return None
