"""Derived lines stand beside what they come from, are replaced as a whole and never twice."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from bursar.core.tables.table import LEDGER, MOMENT
from bursar.office.journal.models import Entry
from bursar.record.deriving import Derivation, publish_derived
from bursar.record.ledger import open_ledger
from bursar.record.models import Batch
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db
STATED = Derivation("derived by test", "record.test", None)


def lines(*amounts: tuple[str, int]) -> pa.Table:
    """One line per (amount, month of 2025)."""
    months = [datetime(2025, month, 1, tzinfo=UTC) for _, month in amounts]
    moments = pa.array(months, MOMENT)
    return pa.table(
        {
            "billing_period_start": moments,
            "charge_period_start": moments,
            "charge_period_end": moments,
            "billing_currency": ["EUR"] * len(amounts),
            "charge_category": ["Adjustment"] * len(amounts),
            "effective_cost": pa.array([Decimal(amount) for amount, _ in amounts], LEDGER),
            "record_ref": [f"test {number}" for number in range(len(amounts))],
        }
    )


def total() -> Decimal | None:
    return sum(
        (a for a in open_ledger().sums(by=["posting_period"])["amount"].to_pylist()), Decimal(0)
    )


def test_they_are_put_in_force_and_verify() -> None:
    made = publish_derived(STATED, lines(("-10.5", 3), ("10.5", 3), ("0.000001", 4)))
    assert [(batch.period, batch.rows_accepted) for batch in made] == [
        ("2025-03", 2),
        ("2025-04", 1),
    ]
    assert total() == Decimal("0.000001")
    assert [check.detail for check in checks() if not check.ok] == []


def test_the_same_lines_change_nothing() -> None:
    first = publish_derived(STATED, lines(("1", 3)))
    again = publish_derived(STATED, lines(("1", 3)))
    assert [b.batch_id for b in again] == [b.batch_id for b in first]
    assert Entry.objects.filter(act="record.test").count() == 1


def test_what_is_no_longer_stated_is_withdrawn() -> None:
    publish_derived(STATED, lines(("1", 3), ("2", 4)))
    publish_derived(STATED, lines(("3", 4)))
    held = Batch.objects.filter(superseded_at__isnull=True)
    assert [(batch.period, batch.totals[0]["effective_cost"]) for batch in held] == [
        ("2025-04", "3")
    ]
    assert total() == Decimal(3)


def test_nothing_stated_withdraws_everything() -> None:
    publish_derived(STATED, lines(("1", 3)))
    assert publish_derived(STATED, lines(("1", 3)).slice(0, 0)) == []
    assert total() == 0
    assert publish_derived(STATED, lines(("1", 3)).slice(0, 0)) == []
