"""The text that a first cost model begins with can be applied, and names what waits for a pool."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from bursar.allocate.model_queries import check_model
from bursar.report.unclassified import UnclassifiedRow
from bursar.web.model_start import first_text


def _row(**columns: str) -> UnclassifiedRow:
    return UnclassifiedRow("cost_pool", columns, "EUR", Decimal(10), "no rule takes it", "{}")


@pytest.mark.django_db
def test_it_can_be_applied_as_it_is_and_with_every_proposal_taken() -> None:
    rows = (
        _row(source="payables", vendor="Nord: Host #1", gl_account="6810"),
        _row(source="payables", vendor="Other", gl_account="6810"),
        _row(source="aws", service_category="Compute", service_name="EC2"),
        _row(source="staff"),
    )
    text = first_text(rows)
    assert check_model(text)["problems"] == []
    assert text.count("set: {cost_pool: ?}") == 2
    assert "EC2" not in text
    taken = re.sub(r"^  # (- name|  when|  set)", r"  \1", text, flags=re.MULTILINE)
    taken = taken.replace("?}", "Outside Services}")
    assert taken.count("set: {cost_pool: Outside Services}") == 2
    assert check_model(taken)["problems"] == [], taken


@pytest.mark.django_db
def test_without_cost_it_still_begins() -> None:
    assert check_model(first_text(()))["problems"] == []
