"""Reading without a profile: the proposed one, where it leaves no question open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from bursar.connect.errors import ImportRefused, MissingColumns, NotATable, ProfileNeeded
from bursar.connect.grids.opening import find_table_parts
from bursar.connect.kinship import is_a_bill
from bursar.connect.layout import Header
from bursar.connect.looking import Look, look
from bursar.connect.looks.asking import assumptions, needed, questions
from bursar.connect.looks.proposing import propose
from bursar.connect.notices import ReadingWarning
from bursar.connect.profile import AMOUNTS, DATES, Profile
from bursar.connect.profiled.opening import open_profiled
from bursar.connect.underway import Reading

ASSUMED = "import.assumed"


def open_automatically(
    paths: Sequence[Path],
    default_currency: str | None,
    *,
    instead: ImportRefused | None = None,
) -> Reading:
    """Reads with the proposal and says what it took for granted.

    Where the file looks like another format that it fails, `instead` is raised as it is.
    Refusals: import.profile_needed, and those of `open_reading`.
    """
    if instead is not None and not _may_be_a_table(paths, instead):
        raise instead
    seen = look(paths)
    profile = propose(seen, default_currency)
    if instead is not None and _says_more(instead, seen, profile):
        raise instead
    asked = questions(seen, profile)
    if asked:
        raise ProfileNeeded(needed(seen, asked))
    said = "; ".join(assumptions(seen, profile))
    note = ReadingWarning(ASSUMED, f"{seen.files[0]}: read without a profile: {said}")
    return open_profiled(paths, profile, notes=[note])


def _may_be_a_table(paths: Sequence[Path], refusal: ImportRefused) -> bool:
    """Whether a profile reads this kind of file, or reads it better than the strict formats."""
    kinds = {part.packing for part in find_table_parts(paths)[0]}
    if "parquet" in kinds:
        return False
    return not isinstance(refusal, NotATable) or bool(kinds & {"workbook", "html"})


def _says_more(refusal: ImportRefused, seen: Look, profile: Profile) -> bool:
    """Whether the refusal of a strict format helps more than questions about columns.

    It does for the bills of clouds, and for lists that hold neither money nor days.
    """
    if is_a_bill([Header(name, pa.string()) for name in seen.headers]):
        return True
    filled = {use.target for use in profile.columns}
    bare = not profile.matrix and not filled & {*AMOUNTS, *DATES}
    return bare and isinstance(refusal, MissingColumns)
