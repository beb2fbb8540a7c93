"""Opening a file for an import: with the profile that is named, with one that fits, or without."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bursar.connect.profile import Profile
from bursar.connect.reading import Reading, open_reading
from bursar.record.profiles.recognizing import recognize
from bursar.record.profiles.stored import profile_of, stored_profile


@dataclass(frozen=True)
class Opened:
    """A reading, and the profile that it reads with: its name with its version, and its digest."""

    reading: Reading
    profile: str = ""
    digest: str = ""
    source: str = ""
    """What the stored profile says its files are recorded as."""


def open_file(
    paths: Sequence[Path],
    *,
    format: str,
    profile: str | Profile | None,
    source: str | None,
    default_currency: str | None = None,
) -> Opened:
    """A profile may be named, or be there itself; a file of known header finds its own.

    Refusals: import.unknown_profile, and those of `open_reading`.
    """
    if isinstance(profile, Profile):
        return _opened(paths, profile, profile.name, "")
    if profile is not None:
        row = stored_profile(profile)
        return _opened(paths, profile_of(row), f"{row.name} {row.number}", row.source)
    if format == "auto" and (found := recognize(paths, source)) is not None:
        row = found.row
        return _opened(paths, found.profile, f"{row.name} {row.number}", row.source)
    reading = open_reading(paths, format=format, default_currency=default_currency)
    return Opened(reading)


def _opened(paths: Sequence[Path], profile: Profile, name: str, source: str) -> Opened:
    return Opened(open_reading(paths, profile=profile), name, digest_of(profile), source)


def digest_of(profile: Profile) -> str:
    """What a profile says, as a short text: its name does not change how a file is read."""
    told = {key: value for key, value in profile.to_json().items() if key != "name"}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
