"""Four sources are imported and restated while documents are entered, settled and read.

Every process is one of its own, on SQLite or, where DATABASE_URL names one, on PostgreSQL. Amounts
are chosen so that a total tells which state it is of: source n counts in thousands of 16 to the n,
once at first and three times when restated, and each document is a thousandth. A digit of 4 would
be a restatement that counted beside what it replaced; digits and documents only ever grow.

Rules D10, D13 and D14 of docs/spec/documents.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from tests.stages.record.bills import bill
from tests.stages.record.installations import START, Installation, installation, release

SOURCES, DOCUMENTS, LINES = 4, 40, 400

ROLES = (
    START
    + """
import time
from datetime import date
from decimal import Decimal
from bursar.record.actions.enter_document import enter_document
from bursar.record.actions.import_files import import_files
from bursar.record.documents.draft import Draft, DraftLine
from bursar.record.documents.settling import settle
from bursar.office.people.scope import Scope
from bursar.report.costs import costs
from bursar.report.overview import overview

def write(*files):
    for file in files:
        import_files(paths=[Path(file)], acting_user=None, source=Path(file).parent.name)

def enter(count):
    for n in range(int(count)):
        enter_document(acting_user=None, request_key=str(n), draft=Draft(
            kind="cost", date=date(2025, 3, 5), currency="EUR", description=str(n),
            lines=(DraftLine(Decimal("0.001"), vendor=f"v{n}"),)))
    return int(count)

def settle_on(stop):
    settled = 0
    while not Path(stop).exists():
        settled += len(settle(None))
        time.sleep(0.2)
    return settled

def total(figure):
    return str(sum((t.amount for t in figure.totals), Decimal(0)))

def read(stop):
    everything, seen = Scope.all(), []
    while not Path(stop).exists():
        seen.append([total(costs(everything, by=by)) for by in ([], ["source"], ["day"])])
        overview(everything)
        time.sleep(0.1)
    return [total for told in seen for total in told]

role, *words = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps(globals()[role](*words)))
"""
)


def start(place: Installation, *words: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", ROLES, *map(str, words)],
        env=place.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def answer(process: subprocess.Popen[str]) -> object:
    told, problems = process.communicate(timeout=300)
    assert process.returncode == 0, problems[-2000:]
    return json.loads(told)


def written(folder: Path, number: int) -> list[Path]:
    """A bill and its restatement, three times as much, of many lines each."""
    folder.mkdir()
    files = []
    for times in (1, 3):
        unit = Decimal(1000) * 16**number * times / LINES
        lines = [
            {"EffectiveCost": str(unit), "BilledCost": "0", "BillingAccountId": str(number),
             "ServiceName": f"s{n % 7}"} for n in range(LINES)
        ]  # fmt: skip
        files.append(bill(folder / f"{times}.csv", lines))
    return files


def state(total: Decimal) -> tuple[int, ...]:
    """How often each source counts, and how many documents do; refuses what is no state."""
    thousands, rest = divmod(total, 1000)
    digits, whole = [], int(thousands)
    for _ in range(SOURCES):
        whole, digit = divmod(whole, 16)
        digits.append(digit)
    documents = rest * 1000
    assert whole == 0, total
    assert set(digits) <= {0, 1, 3}, f"{total} counts something twice"
    assert documents == int(documents) <= DOCUMENTS, total
    return (*digits, int(documents))


def assert_states(totals: Sequence[str]) -> None:
    seen = [state(Decimal(total)) for total in totals]
    for before, after in pairwise(seen):
        assert all(b <= a for b, a in zip(before, after, strict=True)), (before, after)


def test_nothing_is_lost_doubled_or_seen_by_half(tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    files = [written(tmp_path / f"source-{n}", n) for n in range(SOURCES)]
    with installation(tmp_path / "home") as place:
        writers = [start(place, "write", *pair) for pair in files]
        writers.append(start(place, "enter", DOCUMENTS))
        others = [start(place, "read", stop), start(place, "read", stop)]
        settling = start(place, "settle_on", stop)
        for process in (*writers, *others, settling):
            release(process)
        try:
            for process in writers:
                answer(process)
        finally:
            stop.touch()
        read = [answer(process) for process in others]
        assert answer(settling) > 0
        for totals in read:
            assert len(totals) > 6
            assert_states(totals)
        assert len({tuple(state(Decimal(t))) for totals in read for t in totals}) > 2
        stop.unlink()
        last = start(place, "read", stop)
        release(last)
        stop_soon(stop)
        final = state(Decimal(answer(last)[-1]))
        assert final == (3,) * SOURCES + (DOCUMENTS,)
        told = place.state()
        assert [check for check in told["checks"] if not check["ok"]] == []


def stop_soon(stop: Path) -> None:
    time.sleep(3)
    stop.touch()
