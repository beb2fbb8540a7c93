"""Cells of measured usage: quantities, intervals and labels as operators of clusters write them."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import pyarrow as pa

from bursar.connect.cells.cell import (
    NULL_WORDS,
    CellReader,
    Cells,
    Known,
    Reason,
    as_text,
    read_distinct,
)
from bursar.connect.cells.moments import parse_moment
from bursar.core.tables.cluster_usage import QUANTITY
from bursar.core.tables.table import MOMENT

QUANTITY_ROUNDED = "import.quantity_rounded"
_KEEP = 500_000
_PLAIN = re.compile(r"\d*\.?\d+(?:[eE][+-]?\d{1,3})?|\d+\.")
_ZONE = re.compile(r"\s+UTC$")
_UNIT = Decimal(1).scaleb(-QUANTITY.scale)
_WIDE = Context(prec=120)


def measure_reader(*, known: Known | None = None) -> CellReader:
    """Quantities from zero up; they are measures, so digits past the twentieth are rounded off."""
    seen: Known = {} if known is None else known

    def read(column: pa.Array) -> Cells:
        if len(seen) > _KEEP:
            seen.clear()
        texts = as_text(column).values
        cells, distinct = read_distinct(texts, _measure, type_=QUANTITY, known=seen)
        finer = sum(_is_finer(text) for text in distinct if text)
        if finer:
            cells.noticed[QUANTITY_ROUNDED] = finer
        return cells

    return read


def _measure(text: str) -> Decimal | Reason | None:
    bare = text.strip() if text else ""
    if bare.lower() in NULL_WORDS:
        return None
    if bare.startswith("-"):
        return Reason("import.quantity_negative", f"'{bare[:40]}' is below zero; use is not")
    if not _PLAIN.fullmatch(bare):
        said = f"'{bare[:40]}' is not a quantity; write digits and one decimal point"
        return Reason("import.amount_not_a_number", said)
    value = Decimal(bare)
    if value and value.adjusted() >= QUANTITY.precision - QUANTITY.scale:
        said = f"'{bare[:40]}' has more than 18 digits before the point; check its unit"
        return Reason("import.amount_too_large", said)
    return value.quantize(_UNIT, rounding=ROUND_HALF_EVEN, context=_WIDE)


def _is_finer(text: str) -> bool:
    if len(text) <= QUANTITY.scale or not _PLAIN.fullmatch(text.strip()):
        return False
    return Decimal(text.strip()) % _UNIT != 0 if len(text) < 100 else True


def interval_reader() -> CellReader:
    """Moments such as `2019-04-01 00:00:00 +0000 UTC`."""
    return _moments(lambda moment: moment)


def interval_end_reader() -> CellReader:
    """Ends of intervals; one that names its last second ends with the next one."""
    return _moments(lambda m: m + timedelta(seconds=1) if m.second == 59 else m)


def _moments(settled: Any) -> CellReader:
    known: Known = {}

    def parse(text: str) -> datetime | Reason | None:
        found = parse_moment(_ZONE.sub("", text.strip()))
        return settled(found) if isinstance(found, datetime) else found

    def read(column: pa.Array) -> Cells:
        return read_distinct(as_text(column).values, parse, type_=MOMENT, known=known)[0]

    return read


def label_reader() -> CellReader:
    """Labels as a JSON object with its keys in order, from `label_a:x|label_b:y` or from JSON."""
    known: Known = {}

    def parse(text: str) -> str | None:
        found = labels_of(text)
        return canonical(found) if found else None

    def read(column: pa.Array) -> Cells:
        if len(known) > _KEEP:
            known.clear()
        return read_distinct(as_text(column).values, parse, type_=pa.string(), known=known)[0]

    return read


def labels_of(text: str) -> dict[str, str]:
    """Labels that an operator joined by bars; the prefix it puts before each key goes."""
    bare = (text or "").strip()
    if bare.startswith("{"):
        try:
            found = json.loads(bare)
        except ValueError:
            found = None
        if isinstance(found, dict):
            return {str(key): "" if value is None else str(value) for key, value in found.items()}
    pairs = (piece.partition(":") for piece in bare.split("|") if piece.strip())
    return {key.strip().removeprefix("label_"): value.strip() for key, _, value in pairs}


def canonical(labels: dict[str, str]) -> str:
    return json.dumps(labels, ensure_ascii=False, sort_keys=True, separators=(", ", ": "))


def merged_labels(under: pa.Array, over: pa.Array) -> pa.Array:
    """Both label sets as one; where both know a key, the second decides."""
    known: dict[tuple[str | None, str | None], str | None] = {}
    merged = []
    for pair in zip(under.to_pylist(), over.to_pylist(), strict=True):
        if pair not in known:
            both = {k: v for text in pair if text for k, v in json.loads(text).items()}
            known[pair] = canonical(both) if both else None
        merged.append(known[pair])
    return pa.array(merged, pa.string())
