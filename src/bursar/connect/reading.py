"""The one door for files: recognises them, and reads them as lines and rejected rows.

    reading = open_reading([Path("bill.csv.gz")])
    for chunk in reading.chunks():
        ...

Nothing is kept in memory beyond a few blocks. Problems of a whole file are raised as refusals,
at the latest while its chunks are read; problems of a row are in the chunk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from bursar.connect.ai_usage import AI_USAGE_FORMAT, is_ai_usage
from bursar.connect.clouds.format import cloud_format, recognises, view_column
from bursar.connect.clouds.mapping import PROVIDERS
from bursar.connect.csv_blocks import read_csv
from bursar.connect.errors import (
    ImportRefused,
    MissingColumns,
    MixedFormats,
    NotATable,
    NothingInFolder,
    UnknownFormat,
    UnknownProfile,
    WrongEncoding,
)
from bursar.connect.focus import FOCUS_FORMAT
from bursar.connect.focus_side import SIDE_FORMATS, side_format_of
from bursar.connect.json_lines import read_json_lines, read_json_names
from bursar.connect.kubernetes import KUBERNETES_FORMAT, kind_of
from bursar.connect.layout import Header, key_of, settle_targets
from bursar.connect.ledger import LEDGER_FORMAT
from bursar.connect.notices import ReadingWarning
from bursar.connect.parquet_blocks import read_headers, read_parquet
from bursar.connect.parts import Part, find_parts
from bursar.connect.profile import Profile
from bursar.connect.profiled.automatic import open_automatically
from bursar.connect.profiled.opening import PROFILED, open_profiled
from bursar.connect.raw import RawBlock
from bursar.connect.shaping import Chunk
from bursar.connect.text import Dialect, read_dialect
from bursar.connect.trial_balance import TRIAL_BALANCE_FORMAT
from bursar.connect.underway import Reading, Recognised, View
from bursar.connect.usage import USAGE_FORMAT, usage_key

__all__ = ["FORMATS", "Chunk", "Reading", "ReadingWarning", "open_reading"]

BILLS = (
    FOCUS_FORMAT,
    *map(cloud_format, PROVIDERS),
    cloud_format("azure", name="azure-actual", view="billed"),
    cloud_format("azure", name="azure-amortised", view="effective"),
)
BILL_NAMES = frozenset(one.name for one in BILLS)
"""Formats of bills: they name their providers and accounts, and so their source."""

FORMATS = {
    one.name: one
    for one in (
        *BILLS,
        *SIDE_FORMATS,
        LEDGER_FORMAT,
        USAGE_FORMAT,
        KUBERNETES_FORMAT,
        TRIAL_BALANCE_FORMAT,
        AI_USAGE_FORMAT,
    )
}


def open_reading(
    paths: Sequence[Path],
    *,
    format: str = "auto",
    profile: Profile | str | None = None,
    default_currency: str | None = None,
) -> Reading:
    """Recognises the files (one, several parts, or folders of parts); refuses what is no table.

    With a profile, any table is read as it says. Without one, a file of none of the formats is
    read by the profile that is proposed for it, where that leaves no question open; the currency
    is then `default_currency` where the file names none.

    Refusals: import.no_such_file, import.nothing_in_folder, import.empty_file,
    import.not_a_table, import.truncated, import.damaged, import.unreadable, import.encoding,
    import.missing_columns, import.duplicate_columns, import.column_type,
    import.mixed_formats, import.part_missing, import.several_versions, import.unknown_format,
    import.unknown_profile, import.profile_needed, import.profile_invalid,
    import.profile_mismatch, import.encrypted, import.no_such_sheet;
    while reading also import.no_rows, import.changed_while_read.
    """
    if isinstance(profile, Profile):
        return open_profiled(paths, profile)
    if profile is not None:
        raise UnknownProfile(f"there is no profile '{profile}'; leave --profile out")
    if format not in ("auto", PROFILED, *FORMATS):
        raise UnknownFormat(
            f"there is no format '{format}'; choose one of auto, {', '.join((*FORMATS, PROFILED))}"
        )
    if format == PROFILED:
        return open_automatically(paths, default_currency)
    try:
        return _open_known(paths, format)
    except _NONE_OF_THEM as refusal:
        if format != "auto":
            raise
        return open_automatically(paths, default_currency, instead=refusal)


def read_natively(paths: Sequence[Path]) -> str | None:
    """The format that files are read as without a proposal; None where they need one."""
    try:
        found = _open_known(paths, "auto")
    except ImportRefused:
        return None
    return f"{found.format} {found.format_version}".strip()


_NONE_OF_THEM = (NotATable, WrongEncoding, MissingColumns, NothingInFolder)
"""Refusals of the strict formats after which a file may still be some table."""


def _open_known(paths: Sequence[Path], format: str) -> Reading:
    """Files of one of our formats, by their column names."""
    parts, skipped = find_parts(paths)
    looked = [_look(part) for part in parts]
    names = [format if format != "auto" else guess_format(h) for _, _, h in looked]
    if len(set(names)) > 1:
        listed = "; ".join(f"{p.name}: {n}" for (p, _, _), n in zip(looked, names, strict=True))
        raise MixedFormats(f"the files are of different formats ({listed}); import them one by one")
    chosen = FORMATS[names[0]]
    recognised = []
    targets: dict[str, str] = {}
    views = chosen.views([part.name for part, _, _ in looked]) if chosen.views else []
    for number, (part, dialect, headers) in enumerate(looked):
        placed = settle_targets(part.name, chosen.place(part.name, headers), targets)
        if views:
            placed.append(view_column(headers[0], views[number]))
        view = View(chosen, tuple(placed))
        recognised.append(Recognised(part, headers, _Blocks(part, dialect, headers), (view,)))
    return Reading(chosen, recognised, skipped)


class RawReading:
    """Files as they are, under their own column names, for whoever judges their form."""

    def __init__(self, looked: Sequence[tuple[Part, Dialect | None, tuple[Header, ...]]]) -> None:
        self._looked = looked
        self.files = [part.name for part, _, _ in looked]
        self.headers = [header for _, _, headers in looked for header in headers]
        self.names = list(dict.fromkeys(header.name.strip() for header in self.headers))

    def blocks(self) -> Iterator[RawBlock]:
        """All rows, numbered over all files."""
        row = 1
        for part, dialect, headers in self._looked:
            for block in _Blocks(part, dialect, headers)(row, frozenset()):
                row += block.rows_seen
                yield block


def raw_reading(paths: Sequence[Path]) -> RawReading:
    """Opens files without asking what they mean. Refusals: those of `open_reading` for a file."""
    return RawReading([_look(part) for part in find_parts(paths)[0]])


def _look(part: Part) -> tuple[Part, Dialect | None, tuple[Header, ...]]:
    if part.packing == "parquet":
        return part, None, tuple(read_headers(part))
    if part.packing in ("jsonl", "jsonl.gz"):
        return part, None, tuple(Header(name, pa.string()) for name in read_json_names(part))
    dialect = read_dialect(part)
    return part, dialect, tuple(Header(name, pa.string()) for name in dialect.header)


def guess_format(headers: Sequence[Header]) -> str:
    """The format that the column names speak of; FOCUS when none does."""
    keys = {key_of(header.name) for header in headers}
    if side := side_format_of(headers):
        return side
    if "billedcost" in keys:
        return "focus"
    return _native_bill(headers) or _own_format(headers, keys)


def _native_bill(headers: Sequence[Header]) -> str | None:
    """The format whose columns no other format has: clusters, AI use, clouds."""
    if kind_of(headers):
        return KUBERNETES_FORMAT.name
    if is_ai_usage(headers):
        return AI_USAGE_FORMAT.name
    return next((provider for provider in PROVIDERS if recognises(provider, headers)), None)


def _own_format(headers: Sequence[Header], keys: set[str]) -> str:
    usage = {usage_key(header.name) for header in headers}
    if "quantity" in usage and usage & {"driver", "to"}:
        return "usage"
    if "amount" in keys and keys & {"currency", "postingdate", "period"}:
        return "ledger"
    return "focus"


class _Blocks:
    """The rows of one part, as often as they are asked for."""

    def __init__(self, part: Part, dialect: Dialect | None, headers: Sequence[Header]) -> None:
        self._part = part
        self._dialect = dialect
        self._names = tuple(header.name for header in headers)

    def __call__(self, first_row: int, codable: frozenset[str]) -> Iterator[RawBlock]:
        if self._part.packing == "parquet":
            return read_parquet(self._part, first_row=first_row)
        if self._dialect is None:
            return read_json_lines(self._part, names=self._names, first_row=first_row)
        return read_csv(
            self._part, dialect=self._dialect, names=self._names, first_row=first_row,
            codable=codable,
        )  # fmt: skip
