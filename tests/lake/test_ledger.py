"""Questions to the ledger: exact answers, and no text of a question ever becomes SQL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pytest
from tests.lake.lines import defaults, line, write

from bursar.core.refusal import InvariantBroken
from bursar.lake.ledger import Ledger, LedgerFiles
from bursar.lake.questions import Condition


def ledger_of(lake: Path, batches: list) -> Ledger:
    def paths(table: str) -> list[Path]:
        return [lake / r.path for b in batches for r in b.records if r.table == table]

    lines = [(b.batch_id, lake / r.path) for b in batches for r in b.records]
    return Ledger(
        LedgerFiles(
            version=1,
            dimension=paths("dimension"),
            cube_month=paths("cube_month"),
            cube_day=paths("cube_day"),
            cost_line=[(owner, path) for owner, path in lines if path.name.startswith("lines")],
        )
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    cloud = [
        line(1, "1.5", service_name="EC2", tags='{"team": "web"}', resource_id="i-1"),
        line(2, "2.000000000000000000000001", service_name="EC2", day="2025-03-06"),
        line(3, "-4", service_name="S3", resource_id="o'1"),
        line(4, "8", service_name="S3", day="2025-04-01"),
        line(5, "16", billing_currency="USD"),
    ]
    ledger_lines = [line(1, "32", cost_center="4711", x_code='"; DROP TABLE dimension; --')]
    batches = [
        *write(tmp_path, [cloud], promote=("tag.team",)),
        *write(tmp_path, [ledger_lines], promote=("x_code",), using=defaults("gl")),
    ]
    return ledger_of(tmp_path, batches)


def amounts(found: pa.Table, by: str) -> dict[tuple[object, str], Decimal]:
    return {(row[by], row["currency"]): row["amount"] for row in found.to_pylist()}


def test_sums_are_exact_and_apart_by_currency(ledger: Ledger) -> None:
    found = amounts(ledger.sums(by=["service_name"], periods=["2025-03"]), "service_name")
    assert found == {
        ("EC2", "EUR"): Decimal("3.500000000000000000000001"),
        ("S3", "EUR"): Decimal(-4),
        (None, "EUR"): Decimal(32),
        (None, "USD"): Decimal(16),
    }


def test_every_line_is_in_the_whole(ledger: Ledger) -> None:
    total = ledger.sums(basis="billed")
    assert total["currency"].to_pylist() == ["EUR", "USD"]
    assert total["lines"].to_pylist() == [5, 1]
    assert total.schema.field("amount").type == pa.decimal128(38, 24)
    assert ledger.sums(basis="booked")["amount"].to_pylist() == [None, None]
    assert ledger.periods() == ["2025-03", "2025-04"]


def test_days_are_there_when_asked_for(ledger: Ledger) -> None:
    found = amounts(ledger.sums(by=["day"], where=[Condition("service_name", "=", "EC2")]), "day")
    assert found == {
        (date(2025, 3, 5), "EUR"): Decimal("1.5"),
        (date(2025, 3, 6), "EUR"): Decimal("2.000000000000000000000001"),
    }
    late = ledger.sums(where=[Condition("day", ">=", date(2025, 3, 6))])
    assert late["lines"].to_pylist() == [2]


def test_promoted_columns_of_all_batches_are_dimensions(ledger: Ledger) -> None:
    assert {"tag.team", "x_code"} <= set(ledger.dimension_names)
    found = amounts(ledger.sums(by=["tag.team"], periods=["2025-03"]), "tag.team")
    assert found[("web", "EUR")] == Decimal("1.5")
    assert ledger.dimensions().num_rows == 5
    assert ledger.dimensions("2025-04")["service_name"].to_pylist() == ["S3"]


@pytest.mark.parametrize(
    ("condition", "lines"),
    [
        (Condition("service_name", "=", "EC2"), 2),
        (Condition("service_name", "!=", "EC2"), 2),
        (Condition("service_name", "in", ["EC2", "S3"]), 4),
        (Condition("service_name", "in", ["EC2", None]), 4),
        (Condition("service_name", "in", [None]), 2),
        (Condition("service_name", "in", []), 0),
        (Condition("service_name", "not_in", ["EC2"]), 4),
        (Condition("service_name", "not_in", ["EC2", None]), 2),
        (Condition("service_name", "not_in", []), 6),
        (Condition("service_name", "missing", True), 2),
        (Condition("service_name", "missing", False), 4),
        (Condition("service_name", "starts_with", "E"), 2),
        (Condition("service_name", "ends_with", "3"), 2),
        (Condition("service_name", "contains", "C"), 2),
        (Condition("service_name", ">", "EC2"), 2),
        (Condition("x_code", "=", '"; DROP TABLE dimension; --'), 1),
        (Condition("service_name", "=", "' OR '1'='1"), 0),
        (Condition("service_name", "contains", "%"), 0),
    ],
)
def test_conditions(ledger: Ledger, condition: Condition, lines: int) -> None:
    assert sum(ledger.sums(where=[condition])["lines"].to_pylist()) == lines


def test_unknown_columns_bases_and_operators_are_errors(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        ledger.sums(by=["resource_id"])
    with pytest.raises(KeyError):
        ledger.sums(by=['service_name"; DROP TABLE dimension; --'])
    with pytest.raises(KeyError):
        ledger.sums(where=[Condition("nothing", "=", "x")])
    with pytest.raises(KeyError):
        ledger.cells("2025-03", "amount")
    with pytest.raises(ValueError, match="no operator"):
        ledger.sums(where=[Condition("source", "like", "x")])  # type: ignore[arg-type]


def test_cells_and_sums_by_node_hold_the_same_money(ledger: Ledger) -> None:
    cells = ledger.cells("2025-03", "effective")
    ids = ledger.dimensions("2025-03")["dim_id"]
    nodes = pa.table({"dim_id": ids, "node_id": pa.array(range(len(ids)), pa.int64())})
    by_node = ledger.sum_by_node("2025-03", "effective", nodes)
    for currency in ("EUR", "USD"):
        assert total_of(cells, currency) == total_of(by_node, currency)
    assert sum(by_node["lines"].to_pylist()) == 5
    with pytest.raises(InvariantBroken, match="have no node"):
        ledger.sum_by_node("2025-03", "effective", nodes.slice(1))


def total_of(found: pa.Table, currency: str) -> Decimal:
    return sum((r["amount"] for r in found.to_pylist() if r["currency"] == currency), Decimal(0))


def test_lines_answer_what_dimensions_do_not_hold(ledger: Ledger) -> None:
    found = ledger.lines.grouped(period="2025-03", basis="billed", columns=["resource_id"])
    assert amounts(found, "resource_id")[("i-1", "EUR")] == Decimal("1.5")
    assert sum(found["lines"].to_pylist()) == 5
    assert {"resource_id", "x_code"} <= set(ledger.lines.columns)


def test_lines_are_asked_for_columns_they_have(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        ledger.lines.page(where=[Condition("nothing", "=", "x")])
    with pytest.raises(KeyError):
        ledger.lines.grouped(period="2025-03", basis="billed", columns=["nothing"])


def test_a_bill_may_have_a_column_called_filename(tmp_path: Path) -> None:
    odd = line(1, filename="a.csv", batch_id="b", line_id="c")
    [batch] = write(tmp_path, [[odd]])
    [found] = ledger_of(tmp_path, [batch]).lines.page().to_pylist()
    assert (found["filename"], found["line_id"]) == ("a.csv", f"{batch.batch_id}-1")


def test_a_page_of_lines_has_the_largest_amounts_first(ledger: Ledger) -> None:
    first = ledger.lines.page(basis="billed", limit=2)
    assert first["billed_cost"].to_pylist() == [32, 16]
    [chosen] = ledger.lines.page(where=[Condition("resource_id", "=", "o'1")]).to_pylist()
    assert chosen["line_id"] == f"{chosen['batch_id']}-3"
    [alone] = ledger.lines.line(chosen["batch_id"], 3).to_pylist()
    assert alone | {"x_code": None} == chosen
    assert ledger.lines.line(chosen["batch_id"], 99).num_rows == 0
    assert ledger.lines.line("b0", 3).num_rows == 0
    of_dimension = ledger.lines.page(dim_ids=[chosen["dim_id"]], offset=0)
    assert of_dimension["service_name"].to_pylist() == ["S3", "S3"]
    assert ledger.lines.page(dim_ids=[chosen["dim_id"]], offset=1).num_rows == 1


def test_an_empty_ledger_answers_too() -> None:
    empty = Ledger(LedgerFiles(version=0))
    assert empty.sums(by=["service_name", "day"]).num_rows == 0
    assert empty.periods() == []
    assert empty.dimensions().num_rows == 0
    assert empty.lines.page().num_rows == 0
    assert empty.lines.grouped(period="2025-03", basis="billed", columns=[]).num_rows == 0


def test_threads_may_ask_at_the_same_time(ledger: Ledger) -> None:
    found: list[pa.Table] = []
    threads = [
        Thread(target=lambda: found.append(ledger.sums(by=["day", "source"]))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(table.equals(found[0]) for table in found)


def test_one_id_for_two_contents_is_found_when_the_ledger_is_made(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    [batch] = write(tmp_path, [[line(1, service_name="EC2")]])
    dimension = tmp_path / batch.record("dimension").path
    forged = pq.ParquetFile(dimension).read()
    at = forged.column_names.index("service_name")
    pq.write_table(forged.set_column(at, "service_name", pa.array(["S3"])), tmp_path / "f.parquet")
    files = LedgerFiles(version=1, dimension=[dimension, tmp_path / "f.parquet"])
    with pytest.raises(InvariantBroken, match="more than one combination"):
        Ledger(files)
