"""Writing logs of AI use: names become pseudonyms before anything reaches the lake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from bursar.connect.shaping import Chunk
from bursar.core.tables.ai_usage import AI_USAGE_LINE
from bursar.office.reference.pseudonyms import pseudonym_of
from bursar.record.clusters.writing import MonthlyWriter, by_month


class AiUsageWriter(MonthlyWriter):
    """Takes chunks of a log; `names` holds whom its pseudonyms stand for."""

    def __init__(self, lake: Path, feed: str) -> None:
        super().__init__(lake)
        self._feed = feed
        self._tokens: dict[str, str] = {}

    @property
    def names(self) -> dict[str, str]:
        """Pseudonym → name."""
        return {token: name for name, token in self._tokens.items()}

    def add(self, lines: pa.Table) -> None:
        place = lines.column_names.index("principal")
        hidden = pa.array([self._hidden(n) for n in lines["principal"].to_pylist()], pa.string())
        lines = lines.set_column(place, "principal", hidden)
        feed = pa.array([self._feed] * lines.num_rows, pa.string())
        for period, part in by_month(lines.append_column("feed", feed), "used_at"):
            self.write(AI_USAGE_LINE, period, part)

    def _hidden(self, name: str | None) -> str | None:
        if name is None:
            return None
        if name not in self._tokens:
            self._tokens[name] = pseudonym_of(name)
        return self._tokens[name]


def without_raw(chunk: Chunk) -> Chunk:
    """The chunk without the texts of its rejected rows: a torn row holds names too."""
    place = chunk.rejected.column_names.index("raw")
    nothing = pa.nulls(chunk.rejected.num_rows, pa.string())
    return replace(chunk, rejected=chunk.rejected.set_column(place, "raw", nothing))
