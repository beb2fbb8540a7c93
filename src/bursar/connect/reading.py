"""The one door for files: recognises them, and reads them as lines and rejected rows.

    reading = open_reading([Path("bill.csv.gz")])
    for chunk in reading.chunks():
        ...

Nothing is kept in memory beyond a few blocks. Problems of a whole file are raised as refusals,
at the latest while its chunks are read; problems of a row are in the chunk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from bursar.connect.clouds.format import cloud_format, recognises, view_column
from bursar.connect.clouds.mapping import PROVIDERS
from bursar.connect.csv_blocks import read_csv
from bursar.connect.errors import MixedFormats, NoRows, UnknownFormat, UnknownProfile
from bursar.connect.focus import FOCUS_FORMAT
from bursar.connect.json_lines import read_json_lines, read_json_names
from bursar.connect.kubernetes import KUBERNETES_FORMAT, cluster_of_file, kind_of
from bursar.connect.layout import Format, Header, Placed, key_of, settle_targets
from bursar.connect.ledger import LEDGER_FORMAT
from bursar.connect.notices import ReadingWarning, as_warnings
from bursar.connect.parquet_blocks import read_headers, read_parquet
from bursar.connect.parts import Part, find_parts, fingerprint
from bursar.connect.raw import RawBlock
from bursar.connect.shaping import Chunk, Shaper
from bursar.connect.text import Dialect, read_dialect
from bursar.connect.usage import USAGE_FORMAT, usage_key
from bursar.core.tables.table import LEDGER

__all__ = ["FORMATS", "Chunk", "Reading", "ReadingWarning", "open_reading"]

BILLS = (
    FOCUS_FORMAT,
    *map(cloud_format, PROVIDERS),
    cloud_format("azure", name="azure-actual", view="billed"),
    cloud_format("azure", name="azure-amortised", view="effective"),
)
BILL_NAMES = frozenset(one.name for one in BILLS)
"""Formats of bills: they name their providers and accounts, and so their source."""

FORMATS = {one.name: one for one in (*BILLS, LEDGER_FORMAT, USAGE_FORMAT, KUBERNETES_FORMAT)}


@dataclass(frozen=True)
class _Recognised:
    """One part with its columns placed."""

    part: Part
    dialect: Dialect | None
    headers: tuple[Header, ...]
    placed: tuple[Placed, ...]


class Reading:
    """Files that were recognised and wait to be read; `chunks()` may be called again."""

    def __init__(
        self, format_: Format, recognised: Sequence[_Recognised], skipped: Sequence[str]
    ) -> None:
        self._format = format_
        self._recognised = recognised
        self._skipped = skipped
        self._tally: Counter[tuple[str, str]] = Counter()
        self._kinds: dict[str, pa.DataType] = {}
        every = [header for one in recognised for header in one.headers]
        self.placed = [item for one in recognised for item in one.placed]
        self.format = format_.name
        self.format_version = format_.version(every)
        self.files = [one.part.name for one in recognised]
        self.schema = format_.schema(self.placed)

    @cached_property
    def content_sha256(self) -> str:
        """SHA-256 over the bytes of all files, in order."""
        return fingerprint([one.part for one in self._recognised])

    @property
    def source_name(self) -> str | None:
        """What the files themselves say their source is called: a cluster's name."""
        if self.format != KUBERNETES_FORMAT.name:
            return None
        parts = [one.part for one in self._recognised]
        told = [part.owner for part in parts if part.owner]
        return next(iter(told), None) or cluster_of_file(parts[0].name)

    @property
    def warnings(self) -> list[ReadingWarning]:
        """What was read but deserves a look; complete when the chunks are."""
        absent = self._format.absent(self.placed, self.format_version)
        return as_warnings(self._tally, absent=absent, skipped=self._skipped)

    def chunks(self) -> Generator[Chunk, None, None]:
        """All rows, block by block, each either a line or rejected."""
        self._tally.clear()
        read, row = 0, 1
        for one in self._recognised:
            shaper = Shaper(
                format_=self._format, file=one.part.name, placed=one.placed,
                schema=self.schema, tally=self._tally, kinds=self._kinds,
            )  # fmt: skip
            for block in _blocks(one, row, codable=self._codable(one)):
                row += block.rows_seen
                chunk = shaper.shape(block)
                read += chunk.rows_read
                yield chunk
        if not read:
            raise NoRows(
                f"{', '.join(self.files)}: there is a header but no row; export it again "
                "for a period that has costs"
            )

    def _codable(self, one: _Recognised) -> frozenset[str]:
        """Columns of a part that may come as codes: texts, and what is read from few of them."""
        if not self._format.repetitive:
            return frozenset()
        return frozenset(item.header.name for item in one.placed if item.type != LEDGER)


def open_reading(
    paths: Sequence[Path],
    *,
    format: str = "auto",
    profile: str | None = None,
) -> Reading:
    """Recognises the files (one, several parts, or folders of parts); refuses what is no table.

    Refusals: import.no_such_file, import.nothing_in_folder, import.empty_file,
    import.not_a_table, import.truncated, import.damaged, import.unreadable, import.encoding,
    import.missing_columns, import.duplicate_columns, import.column_type,
    import.mixed_formats, import.part_missing, import.several_versions, import.unknown_format,
    import.unknown_profile;
    while reading also import.no_rows.
    """
    if format != "auto" and format not in FORMATS:
        raise UnknownFormat(
            f"there is no format '{format}'; choose one of auto, {', '.join(FORMATS)}"
        )
    if profile is not None:
        raise UnknownProfile(f"there is no profile '{profile}'; leave --profile out")
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
        recognised.append(_Recognised(part, dialect, headers, tuple(placed)))
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
            one = _Recognised(part, dialect, headers, ())
            for block in _blocks(one, row, codable=frozenset()):
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
    if "billedcost" in keys:
        return "focus"
    if kind_of(headers):
        return KUBERNETES_FORMAT.name
    for provider in PROVIDERS:
        if recognises(provider, headers):
            return provider
    usage = {usage_key(header.name) for header in headers}
    if "quantity" in usage and usage & {"driver", "to"}:
        return "usage"
    if "amount" in keys and keys & {"currency", "postingdate", "period"}:
        return "ledger"
    return "focus"


def _blocks(one: _Recognised, first_row: int, *, codable: frozenset[str]) -> Iterator[RawBlock]:
    if one.part.packing == "parquet":
        return read_parquet(one.part, first_row=first_row)
    names = tuple(header.name for header in one.headers)
    if one.dialect is None:
        return read_json_lines(one.part, names=names, first_row=first_row)
    return read_csv(
        one.part, dialect=one.dialect, names=names, first_row=first_row, codable=codable
    )
