"""Two processes that import at the same moment: both succeed, or one is refused cleanly.

Rules L1, L6 and L32 of docs/spec/ledger.md.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.record.bills import APRIL, bill
from tests.stages.record.installations import (
    READ,
    WRITE,
    Installation,
    finish,
    installation,
    release,
)


def sound(state: dict) -> bool:
    """Every check passes and nothing was left over."""
    orphans = [c["detail"] for c in state["checks"] if c["name"] == "orphan files"]
    return all(check["ok"] for check in state["checks"]) and orphans == ["0 files"]


def at_once(place: Installation, *imports: tuple[Path, dict]) -> list[dict]:
    processes = [place.start(path, **options) for path, options in imports]
    for process in processes:
        release(process)
    return [finish(process) for process in processes]


@pytest.fixture
def place(tmp_path: Path):
    with installation(tmp_path / "home") as made:
        yield made


def test_different_sources_both_succeed(place: Installation, tmp_path: Path) -> None:
    files = [bill(tmp_path / f"{n}.csv", [{"BillingAccountId": n}] * 2000) for n in "123"]
    found = at_once(place, *[(file, {}) for file in files])
    assert [len(one["batches"]) for one in found] == [1, 1, 1]
    state = place.state()
    assert sound(state)
    assert len(state["batches"]) == 3


def test_one_source_is_never_doubled(place: Installation, tmp_path: Path) -> None:
    first = place.load(bill(tmp_path / "0.csv", [{}, APRIL]))
    files = [bill(tmp_path / f"{n}.csv", [{"BilledCost": n}, APRIL] * 2000) for n in "123"]
    found = at_once(place, *[(file, {}) for file in files])
    refused = [one["refused"] for one in found if "refused" in one]
    assert set(refused) <= {"import.concurrent"}
    state = place.state()
    assert sound(state)
    in_force = [b for b in state["batches"] if b["in_force"]]
    assert sorted(b["period"] for b in in_force) == ["2025-03", "2025-04"]
    assert len({b["import_token"] for b in in_force}) == 1
    assert len(state["batches"]) == 2 * (4 - len(refused))
    assert first["batches"][0]["batch_id"] not in {b["batch_id"] for b in in_force}


def test_the_same_file_twice_counts_once(place: Installation, tmp_path: Path) -> None:
    file = bill(tmp_path / "a.csv", [{}] * 2000)
    found = at_once(place, (file, {}), (file, {}))
    assert sorted(one["unchanged"] for one in found) == [False, True]
    assert found[0]["batches"] == found[1]["batches"]
    assert sound(place.state())


def test_one_account_under_two_names_is_refused_once(place: Installation, tmp_path: Path) -> None:
    """The names follow from the providers, so they differ although the account is one."""
    files = [
        bill(tmp_path / "a.csv", [{}] * 2000),
        bill(tmp_path / "b.csv", [{}, {"ServiceProviderName": "Reseller"}] * 1000),
    ]
    found = at_once(place, *[(file, {}) for file in files])
    assert [one.get("refused") for one in found].count("import.source_overlap") == 1
    state = place.state()
    assert sound(state)
    assert len(state["batches"]) == 1


def test_four_writers_while_reports_are_read(place: Installation, tmp_path: Path) -> None:
    """Each writes a month, restates it and adds another; a reader sees whole states only."""
    lines, done = 500, tmp_path / "done"
    writers = []
    for source in ("north", "east", "south", "west"):
        files = [
            bill(tmp_path / f"{source}-1.csv", [{"EffectiveCost": "1"}] * lines),
            bill(tmp_path / f"{source}-2.csv", [{"EffectiveCost": "2"}] * lines),
            bill(tmp_path / f"{source}-3.csv", [{**APRIL, "EffectiveCost": "5"}] * lines),
        ]
        writers.append(place.wait_with(WRITE, json.dumps([str(f) for f in files]), source))
    reader = place.wait_with(READ, str(done))
    for process in (reader, *writers):
        release(process)
    assert {finish(writer)["source"] for writer in writers} == {"north", "east", "south", "west"}
    done.touch()
    states = finish(reader)
    amounts = {Decimal(amount) for state in states for amount in state.values()}
    assert amounts <= {lines * n for n in (Decimal(1), Decimal(2), Decimal(7))}
    state = place.state()
    assert sound(state)
    in_force = [b for b in state["batches"] if b["in_force"]]
    assert len(in_force) == 8
    sums = [Decimal(b["totals"][0]["effective_cost"]) for b in in_force]
    assert sum(sums) == 4 * lines * 7
    assert len(state["batches"]) == 12
