"""Parquet parts as blocks of typed cells."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from bursar.connect.ahead import ahead
from bursar.connect.errors import Damaged, Truncated
from bursar.connect.layout import Header
from bursar.connect.parts import Part
from bursar.connect.raw import RawBlock, row_numbers

_BATCH = 65_536
_END_SIGN = b"PAR1"


def read_headers(part: Part) -> list[Header]:
    """Names and types of the columns; views, dictionaries and long texts count as text."""
    with _open(part) as file:
        return [Header(field.name, plain_type(field.type)) for field in file.schema_arrow]


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type in which a column is handed on."""
    if pa.types.is_dictionary(kind):
        return plain_type(kind.value_type)
    texts = (pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary,
             pa.types.is_large_binary, pa.types.is_binary_view)  # fmt: skip
    return pa.string() if any(is_kind(kind) for is_kind in texts) else kind


def read_parquet(part: Part, *, first_row: int) -> Iterator[RawBlock]:
    """All rows of a Parquet part, numbered from `first_row`."""
    row = first_row
    with _open(part) as file:
        batches = ahead(file.iter_batches(batch_size=_BATCH), depth=2)
        try:
            for batch in batches:
                yield RawBlock(_plain(batch), row_numbers(row, batch.num_rows), [])
                row += batch.num_rows
        except (pa.ArrowInvalid, OSError) as failure:
            raise _damaged(part) from failure
        finally:
            batches.close()


def _plain(batch: pa.RecordBatch) -> pa.Table:
    table = pa.Table.from_batches([batch])
    schema = pa.schema([pa.field(f.name, plain_type(f.type)) for f in table.schema])
    return table if table.schema.equals(schema) else table.cast(schema)


def _open(part: Part) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(part.path)
    except (pa.ArrowInvalid, OSError) as failure:
        with part.path.open("rb") as file:
            file.seek(-len(_END_SIGN), 2)
            whole = file.read() == _END_SIGN
        raise (_damaged(part) if whole else _truncated(part)) from failure


def _damaged(part: Part) -> Damaged:
    return Damaged(f"{part.name}: the Parquet file is damaged; copy or download it again")


def _truncated(part: Part) -> Truncated:
    return Truncated(f"{part.name}: the Parquet file ends too early; copy or download it again")
