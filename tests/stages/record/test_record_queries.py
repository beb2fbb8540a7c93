"""Reading what was recorded, in force or replaced, and what is not there.

Rules L2 and L8 of docs/spec/ledger.md.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.record.bills import APRIL, bill

from bursar.lake.errors import FileMissing
from bursar.office.manifest.models import LakeFile
from bursar.record import queries
from bursar.record.actions.import_files import import_files
from bursar.record.errors import UnknownBatch, UnknownLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(home: Path, tmp_path: Path) -> str:
    """The id of the first batch of a file with two lines in March and one in April."""
    lines = [{"InvoiceId": "A"}, APRIL, {"InvoiceId": "B", "BilledCost": "2"}]
    found = import_files(paths=[bill(tmp_path / "a.csv", lines)], acting_user=None, source="cloud")
    return found.batches[0]["batch_id"]


def test_batches_by_source_and_standing(batch: str, tmp_path: Path) -> None:
    import_files(paths=[bill(tmp_path / "b.csv", [{}])], acting_user=None, source="cloud")
    assert len(queries.batches()) == 3
    assert len(queries.batches(superseded=False)) == 2
    assert queries.batches(source="another") == []
    assert queries.batch(batch)["in_force"] is False


def test_lines_of_a_batch_by_row_and_dimension(batch: str) -> None:
    every = queries.batch_lines(batch)
    assert every["source_row"].to_pylist() == [1, 3]
    assert queries.batch_lines(batch, rows=[3, 99])["billed_cost"].to_pylist() == [Decimal(2)]
    dim = every["dim_id"][0].as_py()
    assert queries.batch_lines(batch, dim_ids=[dim]).num_rows == 2
    assert queries.batch_lines(batch, rows=[1], dim_ids=[0]).num_rows == 0


def test_totals_by_invoice(batch: str) -> None:
    found = {r["invoice_id"]: r["billed_cost"] for r in queries.invoice_totals(batch).to_pylist()}
    assert found == {"A": Decimal(1), "B": Decimal(2)}


def test_one_line_by_its_id(batch: str) -> None:
    found = queries.line(f"{batch}-3")
    assert (found["billed_cost"], found["in_force"], found["batch_id"]) == (2, True, batch)


@pytest.mark.parametrize("line_id", ["{}-2", "{}-x", "{}", "b0-1", "", "-"])
def test_a_line_that_is_not_there(batch: str, line_id: str) -> None:
    with pytest.raises(UnknownLine) as refusal:
        queries.line(line_id.format(batch))
    assert refusal.value.code == "record.unknown_line"


@pytest.mark.parametrize(
    "query", [queries.batch, queries.batch_lines, queries.invoice_totals, queries.rejected_lines]
)
def test_a_batch_that_is_not_there(home: Path, query: Callable[[str], object]) -> None:
    with pytest.raises(UnknownBatch) as refusal:
        query("b0")
    assert refusal.value.code == "record.unknown_batch"


def test_a_file_that_is_gone_is_told_by_name(batch: str, home: Path) -> None:
    file = LakeFile.objects.get(table="cost_line", owner=batch)
    (home / "lake" / file.path).unlink()
    with pytest.raises(FileMissing, match="bursar verify") as refusal:
        queries.batch_lines(batch)
    assert refusal.value.code == "lake.file_missing"
    with pytest.raises(FileMissing):
        queries.line(f"{batch}-1")
