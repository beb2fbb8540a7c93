"""Expressions of a mapping: how one FOCUS column follows from the fields of a native bill.

An expression is asked for the kind of its column, so that a mapping says nothing twice: text,
json, moment, decimal for costs, and quantity for amounts that reject no row. All work is done on
whole columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.tags import UNREADABLE, read_tags
from bursar.connect.clouds.block import Block
from bursar.connect.clouds.cells import credits_of, rekeyed, tags_as_json
from bursar.connect.clouds.conditions import Condition, MappingError, parse_condition
from bursar.connect.clouds.exact import added, multiplied
from bursar.core.tables.table import LEDGER, MOMENT

TYPES = {
    "text": pa.string(),
    "json": pa.string(),
    "decimal": LEDGER,
    "quantity": LEDGER,
    "moment": MOMENT,
}
AMOUNTS = ("decimal", "quantity")
PRODUCT_ROUNDED = "import.product_rounded"
_DAY = pa.scalar(86_400_000_000, pa.duration("us"))
_MONTH_AND_A_BIT = pa.scalar(32 * 86_400_000_000, pa.duration("us"))


@dataclass(frozen=True)
class Expression:
    """What gives a column, the fields it looks at, and how it reads aloud."""

    column: Callable[[Block, str], pa.Array]
    fields: tuple[str, ...]
    said: str
    sure: bool = False
    """Whether it gives a value whatever the file has."""


def parse_expression(node: Any, tables: Mapping[str, Mapping[str, str]]) -> Expression:
    """A field's name, or a map with one of the words below."""
    if isinstance(node, str):
        return _field(node)
    if isinstance(node, list):
        return _parse_list(_first, node, tables)
    if not isinstance(node, Mapping):
        raise MappingError(f"an expression is a field, a list or a map, not {node!r}")
    if "when" in node:
        return _when(node, tables)
    if "lookup" in node:
        return _lookup(node, tables)
    word, value = next(iter(node.items()))
    return _parse_word(str(word), value, tables)


def _parse_word(word: str, value: Any, tables: Mapping[str, Mapping[str, str]]) -> Expression:
    if word in _LISTS:
        return _parse_list(_LISTS[word], value, tables)
    if word in _INNER:
        return _INNER[word](parse_expression(value, tables))
    if word in _PLAIN:
        return _PLAIN[word](value)
    raise MappingError(f"there is no expression '{word}'")


def _parse_list(
    build: Callable[[Sequence[Expression]], Expression],
    nodes: Sequence[Any],
    tables: Mapping[str, Mapping[str, str]],
) -> Expression:
    return build([parse_expression(node, tables) for node in nodes])


def _all_fields(parts: Sequence[Expression]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(field for part in parts for field in part.fields))


def _field(name: str) -> Expression:
    def column(block: Block, kind: str) -> pa.Array:
        if kind in AMOUNTS:
            return block.amounts(name, strict=kind == "decimal")
        return block.moments(name) if kind == "moment" else block.text(name)

    return Expression(column, (name,), name)


def _constant(value: Any) -> Expression:
    def column(block: Block, kind: str) -> pa.Array:
        typed = Decimal(str(value)) if kind in AMOUNTS and value is not None else value
        return pa.repeat(pa.scalar(typed, TYPES[kind]), block.count)

    said = "nothing" if value is None else f"“{value}”"
    return Expression(column, (), said, sure=value is not None)


def _first(parts: Sequence[Expression]) -> Expression:
    def column(block: Block, kind: str) -> pa.Array:
        return pc.coalesce(*(part.column(block, kind) for part in parts))

    said = " or else ".join(part.said for part in parts if part.said != "nothing")
    return Expression(column, _all_fields(parts), said, sure=any(part.sure for part in parts))


def _sum(parts: Sequence[Expression]) -> Expression:
    return _added(parts, [1] * len(parts), " + ")


def _minus(parts: Sequence[Expression]) -> Expression:
    return _added(parts, [1] + [-1] * (len(parts) - 1), " less ")


def _added(parts: Sequence[Expression], signs: Sequence[int], word: str) -> Expression:
    def column(block: Block, kind: str) -> pa.Array:
        return added([part.column(block, "decimal") for part in parts], signs)

    return Expression(column, _all_fields(parts), word.join(p.said for p in parts))


def _times(parts: Sequence[Expression]) -> Expression:
    left, right = parts

    def column(block: Block, kind: str) -> pa.Array:
        products, rounded = multiplied(
            left.column(block, "decimal"), right.column(block, "decimal")
        )
        if rounded:
            block.note(PRODUCT_ROUNDED, right.said, rounded)
        return products

    return Expression(column, _all_fields(parts), f"{left.said} times {right.said}")


def _when(node: Mapping[str, Any], tables: Mapping[str, Mapping[str, str]]) -> Expression:
    rules: list[tuple[Condition, Expression]] = [
        (parse_condition(rule["if"]), parse_expression(rule["then"], tables))
        for rule in node["when"]
    ]
    otherwise = parse_expression(node.get("else", {"constant": None}), tables)

    def column(block: Block, kind: str) -> pa.Array:
        found = otherwise.column(block, kind)
        for condition, then in reversed(rules):
            found = pc.if_else(condition.mask(block), then.column(block, kind), found)
        return found

    looked_at = [field for condition, _ in rules for field in sorted(condition.fields)]
    fields = _all_fields([*(then for _, then in rules), otherwise])
    said = "; ".join(f"{then.said} where {condition.said}" for condition, then in rules)
    rest = "" if otherwise.said == "nothing" else f"; else {otherwise.said}"
    every = tuple(dict.fromkeys([*fields, *looked_at]))
    return Expression(column, every, said + rest, sure=otherwise.sure)


def _lookup(node: Mapping[str, Any], tables: Mapping[str, Mapping[str, str]]) -> Expression:
    """A table of the mapping, by the text in any case; what it lacks is nothing."""
    inner = parse_expression(node["lookup"], tables)
    table = {key.lower(): value for key, value in tables[node["in"]].items()}

    def column(block: Block, kind: str) -> pa.Array:
        texts = pc.dictionary_encode(pc.utf8_lower(inner.column(block, "text")))
        found = [table.get(text) if text else None for text in texts.dictionary.to_pylist()]
        return pa.array(found, pa.string()).take(texts.indices)

    return Expression(column, inner.fields, f"by {inner.said} in the table `{node['in']}`")


def _extract(node: Mapping[str, str]) -> Expression:
    """The part of a text that a pattern with one named group `part` finds."""
    (field, pattern), *_ = node.items()

    def column(block: Block, kind: str) -> pa.Array:
        return pc.struct_field(pc.extract_regex(block.text(field), pattern), "part")

    return Expression(column, (field,), f"part of {field}")


def _tags(node: Any) -> Expression:
    """Columns of one tag each, and fields that hold tags in any known spelling.

    `rename` says with what a key begins in the file, and what stands there instead.
    """
    fields = node["in"] if isinstance(node, Mapping) else node
    renamed = tuple(node["rename"].items()) if isinstance(node, Mapping) else ()

    def column(block: Block, kind: str) -> pa.Array:
        texts = [_readable(block, field) for field in fields if block.targets(field)]
        pairs = [rekeyed(text, renamed) for text in texts] if renamed else texts
        return tags_as_json(block.tags(), pairs, block.count)

    said = f"{', '.join(fields)} as one JSON object" if fields else "one column per tag"
    return Expression(column, tuple(fields), said)


def _readable(block: Block, field: str) -> pa.Array:
    cells = read_tags(block.text(field))
    for code, count in cells.noticed.items():
        block.note(code if code else UNREADABLE, field, count)
    return pc.if_else(pc.equal(cells.values, "{}"), pa.scalar(None, pa.string()), cells.values)


def _credits(field: str) -> Expression:
    def column(block: Block, kind: str) -> pa.Array:
        amounts, bad = credits_of(block.text(field))
        targets = block.targets(field)
        for row, reason in bad.items():
            block.reject(row, targets[0] if targets else None, reason)
        return amounts

    return Expression(column, (field,), f"the amounts in {field}")


def _month_start(inner: Expression) -> Expression:
    return Expression(
        lambda block, kind: _floor(inner.column(block, "moment")),
        inner.fields,
        f"the month of {inner.said}",
    )


def _month_after(inner: Expression) -> Expression:
    def column(block: Block, kind: str) -> pa.Array:
        return _floor(pc.add(_floor(inner.column(block, "moment")), _MONTH_AND_A_BIT))

    return Expression(column, inner.fields, f"the month after {inner.said}")


def _day_after(inner: Expression) -> Expression:
    return Expression(
        lambda block, kind: pc.add(inner.column(block, "moment"), _DAY),
        inner.fields,
        f"the day after {inner.said}",
    )


def _floor(moments: pa.Array) -> pa.Array:
    return pc.floor_temporal(moments, unit="month")


_LISTS: Mapping[str, Callable[[Sequence[Expression]], Expression]] = {
    "first": _first,
    "sum": _sum,
    "minus": _minus,
    "times": _times,
}
_INNER: Mapping[str, Callable[[Expression], Expression]] = {
    "month": _month_start,
    "month_after": _month_after,
    "day_after": _day_after,
}
_PLAIN: Mapping[str, Callable[[Any], Expression]] = {
    "constant": _constant,
    "tags": _tags,
    "credits": _credits,
    "extract": _extract,
}
