"""Rules EN1-EN3: absent columns, empty texts, order, and sums at the limit on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings

from bursar.allocate.facts import addresses
from bursar.lake.engines.known import ENGINES, open_engine
from bursar.lake.engines.relation import OWNER, Engine, Relation
from bursar.lake.errors import EngineFailed, SumOverflow

COST = pa.decimal128(38, 24)
COLUMNS = (("key", pa.int64()), ("said", pa.string()), ("day", pa.timestamp("us", "UTC")))
SUMS = "SELECT batch_id, said, sum(cost) AS amount FROM facts GROUP BY 1, 2 ORDER BY 1, 2"
SHAPE = pa.schema([(OWNER, pa.string()), ("said", pa.string()), ("amount", COST)])


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, reachable: None, home: Path) -> Iterator[Engine]:
    with open_engine(request.param, addresses()) as opened:
        yield opened


def _file(batch: str, **columns: pa.Array) -> str:
    """A file of the lake as a batch leaves it."""
    path = Path(settings.LAKE_FOLDER) / "fact" / batch / "one.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table(columns), path)
    return str(path)


def _costs(*amounts: str) -> pa.Array:
    return pa.array([Decimal(amount) for amount in amounts], COST)


def test_sums_are_exact_to_the_last_place_and_texts_are_in_the_order_of_their_bytes(
    engine: Engine,
) -> None:
    tiny = "0.000000000000000000000001"
    said = ["b", "B", "é", "", None, "b"]
    texts = pa.array(said, pa.string())
    costs = _costs("0.1", "-0.3", tiny, "99999999999999", "1", tiny)
    files = (_file("b1", said=texts, cost=costs), _file("b2", cost=_costs("0.2", "-0.2")))
    facts = Relation(files, (*COLUMNS, ("cost", COST)), uneven=True)
    found = engine.ask(SUMS, SHAPE, {"facts": facts})
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("b1", "", Decimal("99999999999999")),
        ("b1", "B", Decimal("-0.3")),
        ("b1", "b", Decimal("0.100000000000000000000001")),
        ("b1", "é", Decimal(tiny)),
        ("b1", None, Decimal(1)),
        ("b2", None, Decimal(0)),
    ]
    assert found.schema == SHAPE


def test_values_and_given_tables_take_part_in_a_question(engine: Engine) -> None:
    """A text that looks like SQL is a value like any other."""
    evil = "x'; DROP TABLE facts; --"
    said = pa.array([evil, "y", "z"], pa.string())
    file = _file("b1", key=pa.array([1, 2, 3]), said=said, cost=_costs("1", "2", "4"))
    facts = Relation((file,), (*COLUMNS, ("cost", COST)))
    query = (
        "SELECT c.class_id, sum(f.cost) AS amount FROM facts f LEFT JOIN classes c "
        "ON f.key = c.key WHERE f.said BETWEEN $first AND $last GROUP BY 1 ORDER BY 1"
    )
    shape = pa.schema([("class_id", pa.int64()), ("amount", COST)])
    classes = pa.table({"key": pa.array([1, 3]), "class_id": pa.array([7, 7])})
    expected_up_to = {"y": [(7, 1), (None, 2)], "z": [(7, 5), (None, 2)], evil: [(7, 1)]}
    for last, expected in expected_up_to.items():
        found = engine.ask(
            query, shape, {"facts": facts}, given={"classes": classes},
            values={"first": evil, "last": last},
        )  # fmt: skip
        assert [(row["class_id"], row["amount"]) for row in found.to_pylist()] == expected


def test_a_sum_beyond_the_ledger_is_refused_in_words(engine: Engine) -> None:
    most = "99999999999999.999999999999999999999999"
    facts = Relation((_file("b1", cost=_costs(most, most)),), (*COLUMNS, ("cost", COST)), True)
    with pytest.raises(SumOverflow, match="14 digits before the point"):
        engine.ask(SUMS, SHAPE, {"facts": facts})


def test_a_cluster_that_sees_the_lake_elsewhere_is_told_where(reachable: None, home: Path) -> None:
    file = _file("b1", cost=_costs("1", "2"))
    facts = Relation((file,), (*COLUMNS, ("cost", COST)))
    elsewhere = home / "mounted"
    wrong = replace(addresses(), spark_lake=elsewhere.as_uri())
    with open_engine("spark", wrong) as spark, pytest.raises(EngineFailed, match="SPARK_LAKE"):
        spark.ask(SUMS, SHAPE, {"facts": facts})
    Path(settings.LAKE_FOLDER).rename(elsewhere)
    with open_engine("spark", wrong) as spark:
        assert spark.ask(SUMS, SHAPE, {"facts": facts})["amount"].to_pylist() == [Decimal(3)]
