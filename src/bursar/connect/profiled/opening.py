"""Opens files with a profile: any table as cost lines, in the way that the profile says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from bursar.connect.errors import BadProfile
from bursar.connect.grids.opening import find_table_parts
from bursar.connect.layout import (
    Format,
    Header,
    nothing_absent,
    notice_nothing,
    only_version,
    settle_targets,
)
from bursar.connect.looking import grid_for, heading_for
from bursar.connect.notices import ReadingWarning
from bursar.connect.parts import Part
from bursar.connect.profile import AMOUNTS, MatrixColumn, Profile, checked
from bursar.connect.profiled.finishing import finisher
from bursar.connect.profiled.placing import place_profile
from bursar.connect.profiled.rows import Rows
from bursar.connect.profiled.sieve import Sieve
from bursar.connect.schema import cost_line_schema
from bursar.connect.underway import Reading, Recognised, View

PROFILED = "profile"
"""The name of the format of files that a profile reads."""


def open_profiled(
    paths: Sequence[Path], profile: Profile, *, notes: Sequence[ReadingWarning] = ()
) -> Reading:
    """The files with this profile; `notes` are said with the warnings.

    Refusals: those of `open_reading`.
    """
    checked(profile)
    _refuse_without_amount(profile)
    parts, skipped = find_table_parts(paths)
    said = list(notes)
    targets: dict[str, str] = {}
    recognised = [_recognise(part, profile, targets, said) for part in parts]
    return Reading(recognised[0].views[0].format, recognised, skipped, notes=_once(said))


def _refuse_without_amount(profile: Profile) -> None:
    filled = {use.target for use in profile.columns}
    money = filled & set(AMOUNTS) - {"vat"} or profile.matrix
    if not money:
        raise BadProfile(
            "the profile names no column for the amount; say amount=COLUMN, or debit=COLUMN and "
            "credit=COLUMN where there are two"
        )
    dated = filled & {"posting_date", "period"} or profile.matrix or profile.period_from_name
    if not dated and profile.constant("period") is None:
        raise BadProfile(
            "the profile names no date; say posting_date=COLUMN, period=COLUMN or period=YYYY-MM"
        )


def _recognise(
    part: Part, profile: Profile, targets: dict[str, str], notes: list[ReadingWarning]
) -> Recognised:
    grid = grid_for(part, profile)
    heading = heading_for(grid, profile, part.name)
    notes += grid.notes
    headers = tuple(Header(name, pa.string()) for name in heading.names)
    ways: Sequence[MatrixColumn | None] = profile.matrix or (None,)
    views = []
    for matrix in ways:
        placed = place_profile(part.name, headers, profile, matrix)
        settled = tuple(settle_targets(part.name, placed, targets))
        views.append(View(_format(profile, matrix, part.name), settled))
    return Recognised(part, headers, Rows(part, grid, heading), tuple(views))


def _format(profile: Profile, matrix: MatrixColumn | None, file: str) -> Format:
    own = [f"x_{part}_amount" for part in ("net", "vat", "gross") if profile.fills(part)]
    if profile.matrix:
        own += ["x_amount_column", "x_scenario"]
    constants = {
        "billing_currency" if target == "currency" else target
        for target, _ in profile.constants
        if target not in ("basis", "period")
    }

    def schema(placed: Sequence[object]) -> pa.Schema:
        found = cost_line_schema(placed, also=constants)  # type: ignore[arg-type]
        for name in own:
            found = found.append(pa.field(name, pa.string()))
        return found

    return Format(
        name=PROFILED,
        place=lambda file, headers: place_profile(file, headers, profile, matrix),
        finish=finisher(profile, matrix, file),
        notice=notice_nothing,
        schema=schema,
        version=only_version,
        absent=nothing_absent,
        sieve=lambda placed: Sieve(
            placed, totals=profile.totals, matrix=matrix is not None,
            names=[item.header.name for item in placed],
        ),
    )  # fmt: skip


def _once(notes: Sequence[ReadingWarning]) -> list[ReadingWarning]:
    return list(dict.fromkeys(notes))


def with_sheet(profile: Profile, sheet: str | None) -> Profile:
    """The same profile for another sheet."""
    return profile if sheet is None else replace(profile, sheet=sheet)
