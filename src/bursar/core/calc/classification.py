"""Which layers a cost belongs to, by ordered rules over its columns (rules C1-C6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bursar.core.calc.allocation.model import LATER
from bursar.core.calc.matching import Matcher, Rows, Test, UnknownColumnError, Value
from bursar.core.calc.rule_note import RuleNote

__all__ = [
    "LAYERS",
    "ClassRule",
    "Classified",
    "FromColumn",
    "Target",
    "Test",
    "UnknownColumnError",
    "Value",
    "classify",
    "columns_read",
]

LAYERS = ("cost_pool", "tower", "solution", "consumer")
"""The four layers of the model, from where cost arises to who pays it."""


@dataclass(frozen=True)
class FromColumn:
    """A layer's value taken from a column, by way of a map where there is one."""

    column: str
    mapping: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Target:
    """What a rule sets: a layer, to a member or to what a column says."""

    layer: str
    value: str | FromColumn


@dataclass(frozen=True)
class ClassRule:
    """A named rule: where all tests hold, it sets its targets; without tests it always holds."""

    name: str
    when: tuple[Test, ...]
    sets: tuple[Target, ...]
    note: RuleNote | None = field(default=None, compare=False, metadata=LATER)


@dataclass(frozen=True)
class Classified:
    """One row per row of the input: the four layers, null where no rule set one, and `rules`,
    the names of the rules that decided, in the order of the layers, joined by '; '. All columns
    are numbers into the few names that occur.
    """

    layers: pa.Table


def columns_read(rules: Sequence[ClassRule]) -> tuple[str, ...]:
    """Every column that these rules look at: what the table to classify must have."""
    read = {test.column for rule in rules for test in rule.when}
    read |= {t.value.column for r in rules for t in r.sets if isinstance(t.value, FromColumn)}
    return tuple(sorted(read))


def classify(
    table: pa.Table, rules: Sequence[ClassRule], *, members: Mapping[str, Collection[str]]
) -> Classified:
    """Set each layer by the first matching rule that sets it.

    `members` are the names that a value from a column may take, by layer; another value falls
    through to the next rule. A column that is read and not in the table: `UnknownColumnError`.
    """
    matcher = Matcher(table)
    layers = {layer: _Layer.empty(table.num_rows) for layer in LAYERS}
    for number, rule in enumerate(rules):
        wanted = [layers[target.layer] for target in rule.sets]
        if not any(layer.open_rows for layer in wanted):
            continue
        rows = matcher.rows(rule.when)
        for target in rule.sets:
            names = frozenset(members.get(target.layer, ()))
            layers[target.layer].set(number, target, rows, matcher, names)
    decided = _deciding_rules([layer.rule for layer in layers.values()], rules)
    columns = {name: layer.column() for name, layer in layers.items()}
    return Classified(pa.table({**columns, "rules": decided}))


@dataclass
class _Layer:
    """One layer while it is being filled: per row, the value's number and the rule's, or -1."""

    value: npt.NDArray[np.int32]
    rule: npt.NDArray[np.int32]
    names: dict[str, int]
    open_rows: int

    @classmethod
    def empty(cls, rows: int) -> _Layer:
        return cls(np.full(rows, -1, np.int32), np.full(rows, -1, np.int32), {}, rows)

    def set(
        self, number: int, target: Target, rows: Rows, matcher: Matcher, members: frozenset[str]
    ) -> None:
        """Fill those of the rows that are still open and for which there is a value."""
        rows = rows[self.rule[rows] < 0]
        values: Any = None
        if isinstance(target.value, str):
            values = self._number(target.value)
        else:
            codes, numbers = self._from_column(target.value, matcher, members)
            values = numbers[codes[rows]]
            rows, values = rows[values >= 0], values[values >= 0]
        self.value[rows] = values
        self.rule[rows] = number
        self.open_rows -= len(rows)

    def column(self) -> pa.DictionaryArray:
        """The names, null where the layer stayed open."""
        names = pa.array(list(self.names), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(self.value, mask=self.value < 0), names)

    def _from_column(
        self, source: FromColumn, matcher: Matcher, members: frozenset[str]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[np.int32]]:
        codes, values = matcher.encoded(source.column)
        mapping = dict(source.mapping)
        # With a map, a value that it does not name may still be a member's own name.
        meant = [None if value is None else mapping.get(value, value) for value in values]
        numbers = [self._number(name) if name in members else -1 for name in meant]
        return codes, np.array(numbers, np.int32)

    def _number(self, name: str) -> int:
        return self.names.setdefault(name, len(self.names))


def _deciding_rules(
    by_layer: list[npt.NDArray[np.int32]], rules: Sequence[ClassRule]
) -> pa.DictionaryArray:
    """Names of the rules that decided each row; few combinations exist, so each is named once."""
    base = len(rules) + 1
    if base >= 1 << 15:
        raise ValueError(f"{len(rules)} rules are more than a rule set may have (32766)")
    key = np.zeros(len(by_layer[0]), np.int64)
    for decided in by_layer:
        key *= base
        key += decided + 1
    combinations = pa.array(key).dictionary_encode()
    texts = [_names(number, base, rules) for number in combinations.dictionary.to_pylist()]
    named = {text: n for n, text in enumerate(dict.fromkeys(t for t in texts if t is not None))}
    numbers = np.array([-1 if t is None else named[t] for t in texts], np.int32)
    places = numbers[combinations.indices.to_numpy()]
    names = pa.array(list(named), pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=places < 0), names)


def _names(key: int, base: int, rules: Sequence[ClassRule]) -> str | None:
    """The rules that a combination's key stands for, layer by layer, each named once."""
    numbers = [key // base**place % base - 1 for place in reversed(range(len(LAYERS)))]
    return "; ".join(rules[n].name for n in dict.fromkeys(numbers) if n >= 0) or None
