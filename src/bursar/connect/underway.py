"""A reading under way: parts that were recognised, read block by block into lines."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from bursar.connect.errors import ChangedWhileRead, NoRows
from bursar.connect.kubernetes import KUBERNETES_FORMAT, cluster_of_file
from bursar.connect.layout import Format, Header, Placed
from bursar.connect.notices import ReadingWarning, as_warnings, aside_warnings
from bursar.connect.parts import Part, fingerprint
from bursar.connect.raw import RawBlock
from bursar.connect.shaping import Chunk, Shaper
from bursar.core.tables.table import LEDGER

_SMALL = 32 * 1024 * 1024  # files up to here are compared by their content, larger ones by date

Blocks = Callable[[int, frozenset[str]], Iterator[RawBlock]]
"""The rows of a part, numbered from the first; the named columns may come as codes."""


@dataclass(frozen=True)
class View:
    """One way in which every row of a part is read: a matrix has one per amount column."""

    format: Format
    placed: tuple[Placed, ...]


@dataclass(frozen=True)
class Recognised:
    """One part with its columns placed."""

    part: Part
    headers: tuple[Header, ...]
    blocks: Blocks
    views: tuple[View, ...]


@dataclass
class Aside:
    """Rows that were set aside: how many by reason, and the first of them in words."""

    counts: Counter[str] = field(default_factory=Counter)
    said: dict[str, list[str]] = field(default_factory=dict)

    def add(self, skipped: pa.Table) -> None:
        for row in skipped.to_pylist():
            self.counts[row["code"]] += 1
            said = self.said.setdefault(row["code"], [])
            if len(said) < 5:
                said.append(f"row {row['row']}: {row['message']}")


class Reading:
    """Files that were recognised and wait to be read; `chunks()` may be called again."""

    def __init__(
        self,
        format_: Format,
        recognised: Sequence[Recognised],
        skipped: Sequence[str],
        *,
        notes: Sequence[ReadingWarning] = (),
    ) -> None:
        self._format = format_
        self._recognised = recognised
        self._skipped = skipped
        self._notes = list(notes)
        self._tally: Counter[tuple[str, str]] = Counter()
        self._aside = Aside()
        self._kinds: dict[str, pa.DataType] = {}
        self._state = self._stamp()
        every = [header for one in recognised for header in one.headers]
        self.placed = [item for one in recognised for view in one.views for item in view.placed]
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
        noticed = as_warnings(self._tally, absent=absent, skipped=self._skipped)
        return [*self._notes, *noticed, *aside_warnings(self._aside.counts, self._aside.said)]

    @property
    def rows_skipped(self) -> int:
        """Rows that were set aside as no lines; complete when the chunks are."""
        return self._aside.counts.total()

    def chunks(self) -> Generator[Chunk, None, None]:
        """All rows, block by block, each either a line, rejected, or set aside with a reason."""
        read = 0
        for _, chunks in self.pairs():
            for chunk in chunks:
                read += chunk.rows_read
                yield chunk
        self._refuse_changed()
        if not read:
            raise NoRows(
                f"{', '.join(self.files)}: there is a header but no row; export it again "
                "for a period that has costs"
            )

    def pairs(self) -> Generator[tuple[RawBlock, list[Chunk]], None, None]:
        """Blocks of rows as the file has them, each with what was read from it."""
        self._tally.clear()
        self._aside = Aside()
        row = 1
        for one in self._recognised:
            shapers = [
                Shaper(
                    format_=view.format, file=one.part.name, placed=view.placed,
                    schema=self.schema, tally=self._tally, kinds=self._kinds,
                )
                for view in one.views
            ]  # fmt: skip
            for block in one.blocks(row, self._codable(one)):
                row += block.rows_seen
                once = RawBlock(block.table, block.rows, [])
                chunks = [shaper.shape(once if at else block) for at, shaper in enumerate(shapers)]
                for chunk in chunks:
                    self._aside.add(chunk.skipped)
                yield block, chunks

    def _codable(self, one: Recognised) -> frozenset[str]:
        """Columns of a part that may come as codes: texts, and what is read from few of them."""
        if not self._format.repetitive:
            return frozenset()
        placed = [item for view in one.views for item in view.placed]
        return frozenset(item.header.name for item in placed if item.type != LEDGER)

    def _refuse_changed(self) -> None:
        """A file that was written meanwhile was read half old and half new, or may have been."""
        for one, before, now in zip(self._recognised, self._state, self._stamp(), strict=True):
            if before != now:
                raise ChangedWhileRead(
                    f"{one.part.name}: the file changed while it was being read; nothing was "
                    "recorded. Import it again when whoever writes it has finished"
                )

    def _stamp(self) -> list[tuple[object, ...]]:
        """Size, time of writing and identity of every file, and the content of small ones."""
        stamps: list[tuple[object, ...]] = []
        for one in self._recognised:
            try:
                found = one.part.path.stat()
                content = b""
                if found.st_size <= _SMALL:
                    content = hashlib.sha256(one.part.path.read_bytes()).digest()
            except OSError:
                stamps.append(())
            else:
                stamps.append((found.st_size, found.st_mtime_ns, found.st_ino, content))
        return stamps
