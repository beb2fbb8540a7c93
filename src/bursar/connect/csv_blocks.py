"""CSV text as tables of text cells, quickly where lines are sound and carefully where not.

The quick parser joins and shifts cells where quotes are not well formed, so this is looked at
first, for a whole block at once. A block with unsound quotes, or in which a row has another
number of cells than the header, is split into records again by `records.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from bursar.connect.ahead import ahead
from bursar.connect.coding import CODED, fitted, repeating
from bursar.connect.parts import Part
from bursar.connect.quotes import quotes_are_sound
from bursar.connect.raw import RawBlock, row_numbers
from bursar.connect.records import split_records
from bursar.connect.text import Dialect, encoding_refusal, read_blocks

NULLS = ["", "NULL", "null", "Null"]
_LONGEST_RAW = 2000


class CsvParser:
    """Parses blocks of one file; knows its column names and delimiter.

    Which of the `codable` columns are coded is seen in the first block and holds for all others.
    """

    def __init__(
        self, names: tuple[str, ...], delimiter: str, *, codable: frozenset[str] = frozenset()
    ) -> None:
        self._width = len(names)
        self._delimiter = delimiter
        self._names = list(names)
        self._codable = codable
        self._convert = _conversion(dict.fromkeys(names, pa.string()))

    def parse(self, text: bytes) -> pa.Table | None:
        """The block as a table, or nothing when a line in it is not a whole sound row."""
        if not text:
            return pa.table({name: pa.nulls(0, pa.string()) for name in self._names})
        torn: list[int] = []

        def note(row: arrow_csv.InvalidRow) -> str:
            torn.append(row.actual_columns)
            return "skip"

        table = arrow_csv.read_csv(
            pa.py_buffer(text),
            read_options=arrow_csv.ReadOptions(
                column_names=self._names, block_size=len(text) + 1, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._delimiter, invalid_row_handler=note
            ),
            convert_options=self._convert,
        )
        if torn:
            return None
        return self._coded(table) if self._codable else table

    def _coded(self, first: pa.Table) -> pa.Table:
        """The first block with its repeating texts coded, as those of the following blocks."""
        coded = repeating(first, self._codable)
        kinds = dict.fromkeys(self._names, pa.string()) | dict.fromkeys(coded, CODED)
        self._convert = _conversion(kinds)
        self._codable = frozenset()
        return pa.table({name: fitted(first[name], kind) for name, kind in kinds.items()})

    def parse_if_sound(self, text: bytes) -> pa.Table | None:
        """As `parse`, and nothing as well when quotes are not well formed."""
        if _has_lone_return(text) or not quotes_are_sound(text, self._delimiter):
            return None
        return self.parse(text)

    def parse_carefully(
        self, text: bytes, first_row: int, *, at_end: bool
    ) -> tuple[RawBlock, bytes]:
        """The sound records as a table, the torn ones aside, and the unfinished rest."""
        found = split_records(text, width=self._width, delimiter=self._delimiter, at_end=at_end)
        table = self.parse(bytes(found.clean))
        if table is None or table.num_rows != len(found.positions):
            raise AssertionError("records that were found whole did not parse as such")
        torn = [
            (first_row + position, line[:_LONGEST_RAW].decode(errors="replace"))
            for position, line in found.torn
        ]
        rows = pa.array(np.asarray(found.positions, dtype=np.int64) + first_row)
        return RawBlock(table, rows, torn), found.rest


def _conversion(kinds: dict[str, pa.DataType]) -> arrow_csv.ConvertOptions:
    return arrow_csv.ConvertOptions(
        column_types=kinds,
        null_values=NULLS,
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )


def read_csv(
    part: Part,
    *,
    dialect: Dialect,
    names: tuple[str, ...],
    first_row: int,
    codable: frozenset[str] = frozenset(),
) -> Iterator[RawBlock]:
    """All rows of a CSV part, numbered from `first_row`; `codable` columns may come as codes."""
    parser = CsvParser(names, dialect.delimiter, codable=codable)
    blocks = ahead(read_blocks(part, dialect))
    parsed = ahead(((text, parser.parse_if_sound(text)) for text in blocks), depth=1)
    row, rest = first_row, b""
    try:
        for text, table in parsed:
            if isinstance(table, pa.Table) and not rest:
                block = RawBlock(table, row_numbers(row, table.num_rows), [])
            else:
                block, rest = parser.parse_carefully(rest + text, row, at_end=False)
            row += block.rows_seen
            yield block
        if rest:
            yield parser.parse_carefully(rest, row, at_end=True)[0]
    except pa.ArrowInvalid as failure:
        if "UTF8" in str(failure):
            raise encoding_refusal(part.name, row) from failure
        raise
    finally:
        parsed.close()
        blocks.close()


def _has_lone_return(text: bytes) -> bool:
    """A carriage return without a line feed would end a row that no other reader sees."""
    return b"\r" in text and text.count(b"\r") != text.count(b"\r\n")
