"""kill -9 while documents are settled: all are live or all are settled, and nothing counts twice.

`BURSAR_KILLS` sets how many kills (3 unless told), `BURSAR_KILL_LINES` how many lines there are
(20,000 unless told). On PostgreSQL where DATABASE_URL names one.

Rules D10, D13 and D15 of docs/spec/documents.md.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.stages.record.installations import START, Installation, installation

KILLS = int(os.environ.get("BURSAR_KILLS", "3"))
LINES = int(os.environ.get("BURSAR_KILL_LINES", "20000"))

ENTER = (
    START
    + """
from datetime import date
from decimal import Decimal
from bursar.record.actions.enter_document import enter_document
from bursar.record.documents.draft import Draft, DraftLine
count, amount = int(sys.argv[1]), Decimal(sys.argv[2])
lines = tuple(DraftLine(amount, gl_account=f"a{n % 50}", vendor=f"v{n}") for n in range(count))
made = enter_document(acting_user=None, draft=Draft(
    kind="cost", date=date(2025, 3, 5), currency="EUR", description="Many", lines=lines))
print(made.number)
"""
)
SETTLE = (
    START
    + """
from bursar.record.documents.settling import settle
print("ready", flush=True)
sys.stdin.readline()
print(len(settle(None)))
"""
)
TOLD = (
    START
    + """
from bursar.record.documents.lines import live_lines
from bursar.record.ledger import open_ledger
from bursar.record.models import Document
from bursar.record.verification import checks
ledger = open_ledger()
rows = ledger.sums(by=["posting_period"]).to_pylist()
print(json.dumps({
    "total": [str(row["amount"].normalize()) for row in rows],
    "lines": [row["lines"] for row in rows],
    "live": ledger.live.lines.num_rows,
    "read": live_lines().num_rows,
    "open": Document.objects.filter(settlement__isnull=True).count(),
    "failed": [c.name for c in checks() if not c.ok],
}))
"""
)


def ask(place: Installation, code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=place.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(place: Installation) -> dict:
    return json.loads(ask(place, TOLD))


def start(place: Installation) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SETTLE],
        env=place.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()
    return process


def test_any_moment_leaves_documents_live_or_settled(tmp_path: Path) -> None:
    chance = random.Random(20250305)
    with installation(tmp_path / "home") as place:
        ask(place, ENTER, str(LINES), "1.000000000000000000000001")
        whole = told(place)
        assert (whole["live"], whole["read"], whole["lines"]) == (LINES, LINES, [LINES])
        began = time.monotonic()
        assert start(place).communicate()[0] == "1\n"
        took = time.monotonic() - began
        settled = told(place)
        assert (settled["total"], settled["live"], settled["open"]) == (whole["total"], 0, 0)
        lines, before = LINES, settled
        for number in range(KILLS):
            if not before["open"]:
                ask(place, ENTER, "10", "2")
                lines, before = lines + 10, told(place)
                assert (before["live"], before["lines"]) == (10, [lines])
            process = start(place)
            time.sleep(took * (number + chance.random()) / KILLS)
            process.kill()
            process.communicate()
            after = told(place)
            assert (after["total"], after["lines"]) == (before["total"], [lines])
            assert (after["live"], after["open"]) in ((10, 1), (0, 0))
            assert after["failed"] == []
            before = after
        place.sweep()
        assert place.sweep() == {"removed": 0, "left": 0}
