"""kill -9 while a closed period is being corrected leaves the old state or the new one.

`BURSAR_KILLS` sets how many kills (4 unless told).

Rule L30 of docs/spec/ledger.md and rule P10 of docs/spec/periods.md.
"""

from __future__ import annotations

import random
import time
from decimal import Decimal
from pathlib import Path

from tests.stages.record.installations import START, finish, installation, release
from tests.stages.record.test_killed_imports import KILLS, kill_one, large_bill

CLOSE = (
    START
    + """
from bursar.office.calendar.models import Period
Period.objects.filter(code="2025-03").update(state="closed")
print("{}")
"""
)


def counted(state: dict) -> dict[str, Decimal]:
    """What is in force, by whether a correction says it."""
    sums = {"kept": Decimal(0), "corrected": Decimal(0)}
    for batch in state["batches"]:
        if batch["in_force"]:
            part = "corrected" if " corrected in " in batch["source"] else "kept"
            sums[part] += Decimal(batch["totals"][0]["billed_cost"])
    return sums


def test_any_moment_of_a_correction_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    chance = random.Random(20250306)
    first, *others = [large_bill(tmp_path / f"{n}.csv", first=str(n)) for n in (1, 3, 8)]
    with installation(tmp_path / "home") as place:
        place.load(first)
        place._run("-c", CLOSE)
        kept = counted(place.state())["kept"]
        started = time.monotonic()
        finish(release(place.start(others[0])))
        took = time.monotonic() - started
        now, new = Decimal(2), Decimal(7)
        assert counted(place.state()) == {"kept": kept, "corrected": now}
        for number in range(KILLS):
            kill_one(place, others[1], took * (number + chance.random()) / KILLS)
            state = place.state()
            assert [c for c in state["checks"] if not c["ok"]] == []
            found = counted(state)
            assert found["kept"] == kept
            assert found["corrected"] in (now, new)
            if found["corrected"] == new:
                now, new, others = new, now, others[::-1]
        place.load(others[1])
        assert counted(place.state()) == {"kept": kept, "corrected": new}
        place.sweep()
        assert place.sweep() == {"removed": 0, "left": 0}
