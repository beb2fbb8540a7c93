"""A proposal with what somebody says about the file, from the look on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bursar.connect.errors import ProfileNeeded
from bursar.connect.looking import Look, look
from bursar.connect.looks.asking import needed, questions
from bursar.connect.looks.proposing import propose
from bursar.connect.profile import Profile, told

_ABOUT_FORM = ("encoding", "delimiter", "header_row", "header_rows", "sheet")


def look_as_told(
    paths: Sequence[Path], sayings: Sequence[str], currency: str | None, sheet: str | None = None
) -> tuple[Look, Profile]:
    """What is said of the file's form is heeded by the look already.

    Refusals: those of `look`, import.profile_invalid.
    """
    form = [one for one in sayings if one.partition("=")[0].strip() in _ABOUT_FORM]
    how = told(Profile(sheet=sheet), form)
    seen = look(paths, profile=how)
    proposed = propose(seen, currency)
    proposed = replace(
        proposed, encoding=how.encoding, delimiter=how.delimiter, header_row=how.header_row,
        header_rows=how.header_rows if how.header_row else proposed.header_rows,
        sheet=how.sheet or proposed.sheet,
    )  # fmt: skip
    return seen, told(proposed, sayings)


def profile_as_told(paths: Sequence[Path], sayings: Sequence[str], currency: str | None) -> Profile:
    """The proposal with these answers. Refusals: import.profile_needed where one is missing."""
    seen, profile = look_as_told(paths, sayings, currency)
    if asked := questions(seen, profile):
        raise ProfileNeeded(needed(seen, asked))
    return profile
