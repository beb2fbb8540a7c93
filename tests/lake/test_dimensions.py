"""Dimension ids follow from content alone, however lines arrive.

Rule L20 of docs/spec/ledger.md.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bursar.core.tables.cube import DIMENSION_COLUMNS
from bursar.lake import dimensions
from bursar.lake.dimensions import DimensionIndex, LineDimensions, fingerprint

COLUMNS = ("source", "service_name", "region_id", "tag.team")
VALUES = st.one_of(st.none(), st.sampled_from(["a", "b", "ü", '"', ""]))
ROWS = st.lists(st.tuples(*[VALUES] * len(COLUMNS)), min_size=1, max_size=30)


def columns(rows: list[tuple[str | None, ...]], *, coded: bool) -> dict[str, pa.Array]:
    arrays = [pa.array([row[i] for row in rows], pa.string()) for i in range(len(COLUMNS))]
    return {n: a.dictionary_encode() if coded else a for n, a in zip(COLUMNS, arrays, strict=True)}


def expected(row: tuple[str | None, ...]) -> int:
    given_values = dict(zip(COLUMNS, row, strict=True))
    fixed = [given_values.get(name) for name in DIMENSION_COLUMNS]
    return fingerprint(fixed, [("tag.team", given_values["tag.team"])])


@settings(deadline=None, max_examples=60)
@given(ROWS, ROWS, st.booleans())
def test_each_line_gets_the_fingerprint_of_its_own_content(first, second, coded) -> None:
    index = DimensionIndex(["tag.team"])
    for rows in (first, second):
        ids = index.ids(columns(rows, coded=coded), len(rows))
        assert ids.tolist() == [expected(row) for row in rows]
    wanted = {expected(row) for row in [*first, *second]}
    table = index.table(list(wanted)).to_pylist()
    again = [
        fingerprint([r[n] for n in DIMENSION_COLUMNS], [("tag.team", r["tag.team"])]) for r in table
    ]
    assert [r["dim_id"] for r in table] == sorted(wanted) == again


def test_many_combinations_do_not_overflow_the_folded_code(monkeypatch) -> None:
    monkeypatch.setattr(dimensions, "_LIMIT", 50)
    rows = [(str(a), str(b), str(c), None) for a in range(5) for b in range(6) for c in range(7)]
    ids = DimensionIndex(["tag.team"]).ids(columns(rows, coded=False), len(rows))
    assert ids.tolist() == [expected(row) for row in rows]


def test_a_promoted_column_without_value_leaves_the_id_as_it_was() -> None:
    lines = pa.table({"service_name": ["S3", "S3"], "tags": ['{"team": "web"}', None]})
    before = LineDimensions().ids(lines)
    after = LineDimensions(("tag.team",)).ids(lines)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_ids_are_positive_and_known_to_stay() -> None:
    """A change of the fingerprint would part old files from new ones."""
    assert fingerprint([None] * len(DIMENSION_COLUMNS), []) == 4507173041870178564
    assert 0 < fingerprint(["x"] * len(DIMENSION_COLUMNS), [("tag.a", "b")]) < 2**63


def test_two_contents_with_one_fingerprint_stop_the_import(monkeypatch) -> None:
    monkeypatch.setattr(dimensions, "_hashed", lambda parts: 1)
    with pytest.raises(dimensions.InvariantBroken, match="fingerprint"):
        DimensionIndex().ids({"source": pa.array(["a", "b"])}, 2)


def test_no_lines_have_no_ids() -> None:
    assert LineDimensions().ids(pa.table({"source": pa.array([], pa.string())})).tolist() == []
    assert DimensionIndex().table([]).num_rows == 0
    assert np.array(DimensionIndex().ids({}, 3)).size == 3
