"""Cells of native bills that hold more than one value: tags in columns, and lists of credits."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import Reason
from bursar.core.money.amount import AmountError, exact_sum, parse_amount
from bursar.core.tables.table import LEDGER

CREDITS_UNREADABLE = "import.credits_unreadable"
_SPELLING = json.JSONEncoder(ensure_ascii=False)
_AMOUNT_IN_PYTHON = re.compile(
    r"""['"]amount['"]\s*:\s*(?:Decimal\(['"])?(?P<amount>[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)"""
)


def tags_as_json(
    columns: Mapping[str, pa.Array], texts: Sequence[pa.Array], count: int
) -> pa.Array:
    """One JSON object per row of the filled tag columns, or else the first filled text."""
    inside = pa.nulls(count, pa.string())
    for key in sorted(columns):
        pair = _pairs(key, columns[key])
        inside = pc.coalesce(pc.binary_join_element_wise(inside, pair, ", "), inside, pair)
    found = pc.binary_join_element_wise("{", inside, "}", "")
    return pc.coalesce(found, *texts) if texts else found


def _pairs(key: str, values: pa.Array) -> pa.Array:
    """`"key": "value"` for every filled cell; each distinct value is spelled once."""
    coded = pc.dictionary_encode(values)
    spelled = _SPELLING.encode(key)
    pairs = [f"{spelled}: {_SPELLING.encode(value)}" for value in coded.dictionary.to_pylist()]
    return pa.array(pairs, pa.string()).take(coded.indices)


def rekeyed(column: pa.Array, renamed: Sequence[tuple[str, str]]) -> pa.Array:
    """Each JSON object with other beginnings of its keys; what is no object stays."""
    coded = pc.dictionary_encode(column)
    texts = [_rekeyed(text, renamed) for text in coded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(coded.indices)


def _rekeyed(text: str, renamed: Sequence[tuple[str, str]]) -> str:
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        return text
    if not isinstance(found, dict):
        return text
    pairs = {}
    for key, value in found.items():
        old, new = next((pair for pair in renamed if key.startswith(pair[0])), ("", ""))
        pairs[new + key.removeprefix(old)] = value
    return json.dumps(pairs, ensure_ascii=False, sort_keys=True)


def credits_of(column: pa.Array) -> tuple[pa.Array, dict[int, Reason]]:
    """The exact sum of the amounts in each list of credits; what is no such list is bad."""
    coded = pc.dictionary_encode(column)
    sums: list[Decimal | None] = []
    wrong: dict[int, Reason] = {}
    for place, text in enumerate(coded.dictionary.to_pylist()):
        try:
            sums.append(exact_sum(parse_amount(str(one)) for one in _amounts(text)))
        except (ValueError, SyntaxError, TypeError, AmountError, KeyError, RecursionError):
            said = f"'{text[:60]}' is no list of credits with an amount each"
            wrong[place] = Reason(CREDITS_UNREADABLE, said)
            sums.append(None)
    bad = {}
    if wrong:
        for row, place in enumerate(coded.indices.to_pylist()):
            if place in wrong:
                bad[row] = wrong[place]
    return pa.array(sums, LEDGER).take(coded.indices), bad


def _amounts(text: str) -> list[Any]:
    """The amounts as they stand in the text, from JSON or from a list as Python prints it."""
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        plain = re.sub(r"Decimal\((['\"][^'\"]*['\"])\)", r"\1", text)
        items = _as_list(ast.literal_eval(plain))
        amounts = [match["amount"] for match in _AMOUNT_IN_PYTHON.finditer(plain)]
        if len(amounts) != len(items):
            quoted = [item["amount"] for item in items]
            if all(isinstance(one, str) for one in quoted):
                return quoted
            raise ValueError("not every credit has one amount") from None
        return amounts
    return [item["amount"] for item in _as_list(found) if item.get("amount") is not None]


def _as_list(found: Any) -> list[dict[str, Any]]:
    items = found if isinstance(found, list | tuple) else [found]
    if not all(isinstance(item, dict) for item in items):
        raise ValueError("credits are objects")
    return list(items)
