"""What stands behind a run's nodes is worked out from what was frozen, and held against it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.allocate.firm import MODEL, ledger, model, run

from bursar.allocate import entries
from bursar.allocate.entries import entries_of
from bursar.allocate.models import RunPeriod
from bursar.core.money.units import from_units
from bursar.core.refusal import InvariantBroken
from bursar.record.models import Batch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

COST = "2026-01-15,{first},EUR,6010,R1\n2026-01-16,0.333,EUR,6500,\n2026-02-15,7,EUR,9,\n"


def entered(run_period: RunPeriod) -> Decimal:
    units = entries_of(run_period)["units"].to_pylist()
    return sum((from_units(int(u), run_period.scale) for u in units), Decimal(0))


def test_entries_of_a_run_stay_when_its_batches_are_replaced(tmp_path: Path) -> None:
    ledger(tmp_path, COST.format(first="100.123456789"))
    model(MODEL)
    run()
    old = RunPeriod.objects.get(period="2026-01")
    ledger(tmp_path, COST.format(first="5"))
    run()
    entries._entries.cache_clear()
    new = RunPeriod.objects.get(period="2026-01", superseded_at=None)
    assert entered(old) == Decimal("100.456456789")
    assert entered(new) == Decimal("5.333")
    assert entries_of(new)["rules"].to_pylist() == ["cloud", "pay; owned by Retail"]


def test_entries_of_coarse_units_add_up_to_their_nodes(tmp_path: Path) -> None:
    ledger(tmp_path, COST.format(first="100.126") + "2026-01-17,0.009,EUR,6010,R1\n")
    model(MODEL + "scale: 2\n")
    run()
    row = RunPeriod.objects.get(period="2026-01")
    assert entered(row) == Decimal("100.47")  # 100.135 and 0.333, each to its node's cent


def test_cost_that_differs_from_the_control_total_is_not_run(tmp_path: Path) -> None:
    ledger(tmp_path, COST.format(first="100"))
    model(MODEL)
    batch = Batch.objects.get(period="2026-01")
    batch.totals = [{**batch.totals[0], "effective_cost": "100.334"}]
    batch.save()
    with pytest.raises(InvariantBroken, match="control totals"):
        run()
    assert not RunPeriod.objects.exists()
