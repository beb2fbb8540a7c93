"""Every combination of layers as one integer, so that nodes sort, group and compare fast.

The places of the number are entity-and-currency, cost pool, tower, solution, consumer; a digit is
0 where the layer is missing, else one more than the member's rank by name. So the order of the
numbers is the order of the names, whatever order they came in (rule S11).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bursar.core.calc.allocation.model import Step
from bursar.core.calc.classification import LAYERS

Keys = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int64]

_LARGEST = 1 << 62


@dataclass(frozen=True)
class NodeSpace:
    """The names that can occur in a run, and the numbers that stand for their combinations."""

    owners: tuple[tuple[str, str], ...]
    """Pairs of legal entity and currency, ascending."""
    names: Mapping[str, tuple[str, ...]]
    """Members by layer, ascending."""

    @classmethod
    def of(
        cls, nodes: pa.Table, steps: Sequence[Step], charged: Mapping[str, Collection[str]]
    ) -> NodeSpace:
        """All names of the nodes, of the rules' targets, and those `charged` by drivers."""
        entities, currencies = (_distinct(nodes, name) for name in ("legal_entity", "currency"))
        owners = sorted((e, c) for e in entities for c in currencies)
        names = {}
        for layer in LAYERS:
            found = _distinct(nodes, layer)
            for step in steps:
                if step.to == layer:
                    found.update(name for rule in step.rules for name in rule.members)
                    found.update(charged.get(layer, ()))
            names[layer] = tuple(sorted(found))
        space = cls(tuple(owners), names)
        if prod(space._bases()) >= _LARGEST:
            raise ValueError("the layers have more combinations than a run can number (2^62)")
        return space

    def keys(self, nodes: pa.Table) -> Keys:
        """One number per row of a table that has the layers' columns."""
        entities, currencies = (sorted({owner[place] for owner in self.owners}) for place in (0, 1))
        # Owners are all pairs, ascending, so a pair's number follows from its two ranks.
        entity, currency = (
            _codes(nodes["legal_entity"], entities),
            _codes(nodes["currency"], currencies),
        )
        keys = entity * len(currencies) + currency + 1
        for layer, base in zip(LAYERS, self._bases()[1:], strict=True):
            keys = keys * base + _codes(nodes[layer], self.names[layer]) + 1
        return keys

    def codes(self, keys: Keys, layer: str) -> Codes:
        """The rank of each node's member in this layer; -1 where the layer is missing."""
        base = self._bases()[1 + LAYERS.index(layer)]
        return keys // self._stride(layer) % base - 1

    def filled(self, keys: Keys, layer: str, codes: Codes) -> Keys:
        """The nodes that these nodes become when a layer they miss is filled."""
        return keys + (codes + 1) * self._stride(layer)

    def replaced(self, keys: Keys, layer: str, codes: Codes) -> Keys:
        """The nodes that these nodes become when another member takes the layer's place."""
        return keys + (codes - self.codes(keys, layer)) * self._stride(layer)

    def owner_codes(self, keys: Keys) -> Codes:
        """The rank of each node's pair of legal entity and currency."""
        return keys // prod(self._bases()[1:]) - 1

    def columns(self, keys: Keys) -> dict[str, pa.Array]:
        """The nodes' names, column by column, dictionary-encoded."""
        owners = pa.array(self.owner_codes(keys).astype(np.int32))
        entities = pa.array([entity for entity, _ in self.owners], pa.string())
        currencies = pa.array([currency for _, currency in self.owners], pa.string())
        columns = {
            "legal_entity": pa.DictionaryArray.from_arrays(owners, entities),
            "currency": pa.DictionaryArray.from_arrays(owners, currencies),
        }
        for layer in LAYERS:
            codes = self.codes(keys, layer).astype(np.int32)
            members = pa.array(self.names[layer], pa.string())
            columns[layer] = pa.DictionaryArray.from_arrays(
                pa.array(codes, mask=codes < 0), members
            )
        return columns

    def _bases(self) -> list[int]:
        return [len(self.owners) + 1, *(len(self.names[layer]) + 1 for layer in LAYERS)]

    def _stride(self, layer: str) -> int:
        return prod(self._bases()[2 + LAYERS.index(layer) :])


def _distinct(table: pa.Table, column: str) -> set[str]:
    return {name for name in table[column].unique().to_pylist() if name is not None}


def _codes(column: pa.ChunkedArray, names: Iterable[str]) -> Codes:
    ranks: dict[str | None, int] = {name: rank for rank, name in enumerate(names)}
    array = column.combine_chunks()
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    values = [*array.dictionary.to_pylist(), None]
    # Names of the dictionary that no node has are no names of the run either.
    of_value = np.array([ranks.get(value, -1) for value in values], np.int64)
    indices = array.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
    codes: Codes = of_value[indices]
    return codes
