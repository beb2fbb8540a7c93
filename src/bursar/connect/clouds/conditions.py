"""Conditions of a mapping: which rows a rule of the file speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.clouds.block import Block
from bursar.core.tables.table import LEDGER


class MappingError(ValueError):
    """A mapping file says something that the engine does not know; found when it is loaded."""


@dataclass(frozen=True)
class Condition:
    """A test of rows, the fields it looks at, and how it reads aloud."""

    mask: Callable[[Block], pa.Array]
    fields: frozenset[str]
    said: str


def parse_condition(node: Any) -> Condition:
    """`{field: value}`, `{field: [values]}`, and the words filled, empty, present, nonzero,
    differ, like, before, view, any, not.

    Several keys of one condition must all hold.
    """
    if not isinstance(node, Mapping) or not node:
        raise MappingError(f"a condition is a map of fields to values, not {node!r}")
    parts = [_part(str(key), value) for key, value in node.items()]
    return parts[0] if len(parts) == 1 else _joined(parts, pc.and_, " and ")


def _part(key: str, value: Any) -> Condition:
    if key in _WORDS:
        return _WORDS[key](value)
    words = value if isinstance(value, list) else [value]
    return _is_one_of(key, [str(word) for word in words])


def _is_one_of(field: str, words: Sequence[str]) -> Condition:
    lowered = pa.array([word.lower() for word in words], pa.string())

    def mask(block: Block) -> pa.Array:
        return block.true_where(field, lambda texts: pc.is_in(texts, lowered))

    return Condition(mask, frozenset({field}), f"{field} is {' or '.join(words)}")


def _filled(field: str) -> Condition:
    return Condition(
        lambda block: pc.is_valid(block.text(field)), frozenset({field}), f"{field} is filled"
    )


def _empty(field: str) -> Condition:
    return Condition(
        lambda block: pc.is_null(block.text(field)), frozenset({field}), f"{field} is empty"
    )


def _present(field: str) -> Condition:
    """Whether the file has the field at all, filled or not."""
    return Condition(
        lambda block: pa.repeat(bool(block.targets(field)), block.count),
        frozenset({field}),
        f"the file has {field}",
    )


def _nonzero(field: str) -> Condition:
    zero = pa.scalar(Decimal(0), LEDGER)
    return Condition(
        lambda block: pc.fill_null(pc.not_equal(block.amounts(field), zero), False),
        frozenset({field}),
        f"{field} is not zero",
    )


def _differ(fields: Sequence[str]) -> Condition:
    one, other = fields

    def mask(block: Block) -> pa.Array:
        zero = pa.scalar(Decimal(0), LEDGER)
        return pc.fill_null(
            pc.not_equal(block.amounts(one), pc.fill_null(block.amounts(other), zero)), False
        )

    return Condition(mask, frozenset(fields), f"{one} and {other} differ")


def _like(node: Mapping[str, str]) -> Condition:
    parts = []
    for field, pattern in node.items():

        def mask(block: Block, field: str = field, pattern: str = pattern) -> pa.Array:
            return block.true_where(
                field, lambda texts: pc.match_substring_regex(texts, pattern, ignore_case=True)
            )

        parts.append(Condition(mask, frozenset({field}), f"{field} matches `{pattern}`"))
    return _joined(parts, pc.and_, " and ")


def _before(fields: Sequence[str]) -> Condition:
    early, late = fields
    return Condition(
        lambda block: pc.fill_null(pc.less(block.moments(early), block.moments(late)), False),
        frozenset(fields),
        f"{early} lies before {late}",
    )


def _any(nodes: Sequence[Any]) -> Condition:
    return _joined([parse_condition(node) for node in nodes], pc.or_, " or ")


def _not(node: Any) -> Condition:
    inner = parse_condition(node)
    return Condition(lambda block: pc.invert(inner.mask(block)), inner.fields, f"not {inner.said}")


def _view(view: str) -> Condition:
    """What the whole file shows, where a provider gives two files of one period."""

    def mask(block: Block) -> pa.Array:
        return pc.equal(block.view(), view)

    return Condition(mask, frozenset(), f"the file fills the {view} view only")


def _joined(
    parts: Sequence[Condition], join: Callable[[pa.Array, pa.Array], pa.Array], word: str
) -> Condition:
    def mask(block: Block) -> pa.Array:
        found = parts[0].mask(block)
        for part in parts[1:]:
            found = join(found, part.mask(block))
        return found

    fields = frozenset().union(*(part.fields for part in parts))
    said = word.join(part.said for part in parts)
    return Condition(mask, fields, f"({said})" if join is pc.or_ and len(parts) > 1 else said)


_WORDS: Mapping[str, Callable[[Any], Condition]] = {
    "filled": _filled,
    "empty": _empty,
    "present": _present,
    "nonzero": _nonzero,
    "differ": _differ,
    "like": _like,
    "before": _before,
    "any": _any,
    "not": _not,
    "view": _view,
}
