"""What any engine is asked: one SQL text over files of the lake, with the shape of its answer.

Questions only filter, join on integers, group and SUM, for there engines agree to the last digit;
what they disagree on (divisions, products, roundings of decimals) is never asked of them. The text
is DuckDB's; other engines take it translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

import pyarrow as pa

from bursar.lake.errors import EngineMissing

OWNER = "batch_id"
"""Every relation has this column: the batch that the line's file belongs to, the name of its
folder."""


@dataclass(frozen=True)
class Relation:
    """Files of one table of the lake, as a question reads them."""

    files: tuple[str, ...]
    """Absolute paths; never none."""
    columns: tuple[tuple[str, pa.DataType], ...]
    """Name and type of what may be read, beside `OWNER`; null where a file lacks it."""
    uneven: bool = False
    """Whether its files may differ in their columns."""


class Engine(Protocol):
    """Where sums are computed."""

    name: str

    def ask(
        self,
        query: str,
        shape: pa.Schema,
        relations: Mapping[str, Relation],
        *,
        given: Mapping[str, pa.Table] | None = None,
        values: Mapping[str, str] | None = None,
    ) -> pa.Table:
        """The answer to a query over these relations and small given tables, in this shape.

        `$name` in the query stands for a value. Refuses: `import.sum_overflow`,
        `lake.file_damaged`, `run.engine_failed`.
        """

    def close(self) -> None:
        """Lets go of what the engine holds; never fails."""


def translated(query: str, dialect: str) -> Any:
    """The query as a syntax tree of sqlglot, to be written in that dialect."""
    return library("sqlglot", dialect).parse_one(query, read="duckdb")


def library(module: str, engine: str) -> Any:
    """A module that only this engine needs. Refuses: `run.engine_missing`."""
    try:
        return import_module(module)
    except ImportError as error:
        raise EngineMissing(
            f"The engine '{engine}' needs the library '{module.partition('.')[0]}', which is not "
            f"installed. Install it: pip install 'bursar[{engine}]'. Nothing was run."
        ) from error
