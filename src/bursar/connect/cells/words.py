"""Words from a closed list: charge categories, currencies and the like."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from bursar.connect.cells.cell import (
    NULL_WORDS,
    CellReader,
    Cells,
    Known,
    Parse,
    Reason,
    as_text,
    read_distinct,
)
from bursar.core.money.currency import is_currency


def word_reader(words: Sequence[str], *, code: str, what: str) -> CellReader:
    """Reads words in any case, as the list writes them; any other word is refused."""
    by_key = {word.lower(): word for word in words}
    listed = ", ".join(words)

    def parse(text: str) -> str | Reason | None:
        bare = text.strip()
        if bare.lower() in NULL_WORDS:
            return None
        known = by_key.get(bare.lower())
        return known or Reason(code, f"'{bare[:40]}' is no {what}; write one of {listed}")

    return _reader(parse)


def currency_reader() -> CellReader:
    """Reads ISO 4217 codes in any case."""

    def parse(text: str) -> str | Reason | None:
        bare = text.strip().upper()
        if bare.lower() in NULL_WORDS:
            return None
        if is_currency(bare):
            return bare
        return Reason(
            "import.currency_unknown",
            f"'{text.strip()[:40]}' is no currency; write its three-letter ISO 4217 code",
        )

    return _reader(parse)


def _reader(parse: Parse) -> CellReader:
    known: Known = {}

    def read(column: pa.Array) -> Cells:
        texts = as_text(column).values
        return read_distinct(texts, parse, type_=pa.string(), known=known)[0]

    return read
