"""From three files to one cost: what a run allocates, and its trace to the three evidences."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest
from tests.stages.record.firm_of_evidence import cost, detail, record, three_evidences

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.actions.run_model import run_model
from bursar.core.money.amount import exact_sum
from bursar.office.people.scope import Scope
from bursar.record.actions.confirm_match import confirm_match
from bursar.record.actions.reject_match import reject_match
from bursar.record.models import Batch, EvidenceGroup
from bursar.record.verification import checks
from bursar.report.bill_of_it import statements
from bursar.report.trace import trace_statement

pytestmark = pytest.mark.django_db
ALL = Scope.all()
MODEL = dedent(
    """\
    name: One cloud
    taxonomy: tbm-5.0
    consumers: [Retail]
    classify:
      - name: cloud by account
        when: {gl_account: "6810"}
        set: {cost_pool: Cloud Services / Cloud Service Provider, consumer: Retail}
      - name: cloud by bill
        when: {service_provider_name: AWS}
        set: {cost_pool: Cloud Services / Cloud Service Provider, consumer: Retail}
    """
)


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """Each test has a lake of its own."""


def charged() -> Decimal:
    run_model(acting_user=None, periods=["2026-01"])
    found = statements(ALL, periods=["2026-01"]).statements
    return exact_sum(s.total for s in found if s.consumer == "Retail")


def test_a_run_charges_it_once_and_traces_it(tmp_path: Path) -> None:
    """Rules E8 and E9 all the way to the statement."""
    group = three_evidences(tmp_path)
    apply_model(text=MODEL, acting_user=None)
    assert charged() == Decimal("19990.00")
    confirm_match(acting_user=None, group_id=group.group_id)
    assert charged() == Decimal("10000.00")
    traced = trace_statement(ALL, period="2026-01", consumer="Retail")
    by_source: dict[str, Decimal] = {}
    for part in traced.sources:
        by_source[part.source] = by_source.get(part.source, Decimal(0)) + part.amount
    assert by_source == {"aws": 9990, "payables": 10000, "matches": -9990}
    detail(tmp_path, "9000.00", "980.00")
    assert charged() == Decimal("10000.00")
    reject_match(acting_user=None, group_id=group.group_id)
    assert charged() == Decimal("19980.00")


@pytest.mark.parametrize("seed", range(4))
def test_whatever_groups_are_confirmed(tmp_path: Path, seed: int) -> None:
    """Rules E8 and E9 on files: each obligation counts as its summary, no batch changes."""
    chance = random.Random(seed)
    head = "amount,currency,posting_date,gl_account,vendor,document_ref,service\n"
    whole = [Decimal(chance.randrange(10_000, 10_000_000)) / 100 for _ in range(5)]
    part = [a - Decimal(chance.randrange(-900, 900)) / 1000 for a in whole]
    payables, contracts = tmp_path / "payables.csv", tmp_path / "bills.csv"
    payables.write_text(
        head + "".join(f"{a},EUR,2026-01-31,6810,V{n},D{n},\n" for n, a in enumerate(whole))
    )
    contracts.write_text(
        "amount,currency,posting_date,invoice_issuer_name,invoice_id,service_name\n"
        + "".join(f"{a},EUR,2026-01-15,V{n},D{n},Service\n" for n, a in enumerate(part))
    )
    record(payables, "payables")
    record(contracts, "bills")
    before = dict(Batch.objects.values_list("batch_id", "totals"))
    groups = list(EvidenceGroup.objects.order_by("group_id"))
    assert len(groups) == 5
    confirmed = chance.sample(groups, chance.randrange(1, 5))
    for group in confirmed:
        confirm_match(acting_user=None, group_id=group.group_id)
    numbers = [int(m.vendor[1:]) for g in confirmed for m in g.members.all()]
    once = set(numbers)
    expected = sum(
        (w if n in once else w + p for n, (w, p) in enumerate(zip(whole, part, strict=True))),
        Decimal(0),
    )
    assert cost("billed") == cost("effective") == expected
    now = Batch.objects.filter(superseded_at__isnull=True).exclude(source__name="matches")
    assert dict(now.values_list("batch_id", "totals")) == before
    assert [check.detail for check in checks() if not check.ok] == []
