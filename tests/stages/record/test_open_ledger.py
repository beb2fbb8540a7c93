"""The ledger in memory follows what is in force, and is made again only when that changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from tests.stages.record.bills import APRIL, bill

from bursar.lake.files import write_file
from bursar.office.manifest.writing import publish
from bursar.record.actions.import_files import import_files
from bursar.record.ledger import open_ledger

pytestmark = pytest.mark.django_db


def load(tmp_path: Path, *lines: dict) -> None:
    import_files(paths=[bill(tmp_path / "a.csv", lines)], acting_user=None, source="cloud")


def test_an_import_shows_at_once_and_a_restatement_replaces(home: Path, tmp_path: Path) -> None:
    assert open_ledger().periods() == []
    load(tmp_path, {}, APRIL)
    before = open_ledger()
    assert before is open_ledger()
    assert before.periods() == ["2025-03", "2025-04"]
    load(tmp_path, {"BilledCost": "7"})
    after = open_ledger()
    assert [str(a.normalize()) for a in amounts(after)] == ["7", "1"]
    assert [str(a.normalize()) for a in amounts(before)] == ["1", "1"]


def amounts(ledger) -> list:
    return ledger.sums(by=["posting_period"], basis="billed")["amount"].to_pylist()


def test_a_published_run_does_not_make_it_again(home: Path, tmp_path: Path) -> None:
    import pyarrow as pa

    load(tmp_path, {})
    before = open_ledger()
    record = write_file(home / "lake", "run/r1/a.parquet", pa.table({"a": [1]}), table="node")
    with transaction.atomic():
        publish([record], "r1")
    assert open_ledger() is before
