"""Which columns a rule may read, and of what kind each is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import pyarrow as pa

from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import DIMENSION_COLUMNS, PROMOTABLE

Kind = Literal["text", "number", "date"]
TAG = "tag."
NODE_COLUMNS = ("cost_pool", "tower", "solution", "consumer", "legal_entity", "currency")
"""What the rules of a step may look at: the layers reached so far, and whose money it is."""

_LINE_COLUMNS = {c.name: c.type for c in COST_LINE.columns if c.name != "dim_id"}


def promoted_names(promote: Iterable[str]) -> tuple[str, ...]:
    """Columns of the dimension for promoted tag keys and own columns, in the ledger's order."""
    own = {p for p in promote if p.startswith(("x_", TAG)) or p in PROMOTABLE}
    return tuple(sorted(own | {TAG + p for p in promote if p not in own}))


def column_kinds(promoted: Iterable[str]) -> dict[str, Kind]:
    """Every column that a classification rule may read."""
    kinds: dict[str, Kind] = {name: _kind(type_) for name, type_ in _LINE_COLUMNS.items()}
    kinds |= dict.fromkeys(DIMENSION_COLUMNS, "text")
    kinds |= dict.fromkeys(promoted, "text")
    return kinds


def node_kinds() -> dict[str, Kind]:
    """Every column that a rule of a step may read."""
    return dict.fromkeys(NODE_COLUMNS, "text")


def line_columns(read: Iterable[str], promoted: Iterable[str]) -> tuple[str, ...]:
    """Those of the columns that stand on lines only, so that reading them needs the lines."""
    return tuple(sorted(set(read) - set(DIMENSION_COLUMNS) - set(promoted)))


def snake(name: str) -> str:
    """A standard's own spelling (`ServiceName`) as the ledger writes it (`service_name`)."""
    spelled = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    return spelled.removeprefix("_")


def _kind(type_: pa.DataType) -> Kind:
    if pa.types.is_decimal(type_) or pa.types.is_integer(type_):
        return "number"
    return "date" if pa.types.is_temporal(type_) else "text"
