"""The front page's figures and the flow of money."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from tests.stages.report.company import CHARGES, MONTHS, summed

from bursar.office.people.scope import Scope
from bursar.report.choices import choices
from bursar.report.money_flow import money_flow
from bursar.report.overview import overview

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]
ALL = Scope.all()


def euros(period: str, **where: object) -> Fraction:
    found = summed("currency", where={"period": period, "currency": "EUR", **where})
    return sum(found.values(), Fraction(0))


def test_key_figures_equal_the_sums_of_the_month() -> None:
    told = overview(ALL)
    assert (told.period, told.currency, told.periods) == ("2026-02", "EUR", MONTHS)
    kpis = {kpi.key: kpi for kpi in told.kpis}
    assert Fraction(kpis["total"].amount) == euros("2026-02")
    assert Fraction(kpis["total"].previous) == euros("2026-01")
    assert Fraction(kpis["year_to_date"].amount) == euros("2026-01") + euros("2026-02")
    assert kpis["unclassified"].amount == Decimal(CHARGES[-1].amounts[2])
    assert kpis["unallocated"].amount == Decimal(CHARGES[-1].amounts[2])
    owned = 1 - euros("2026-02", outcome="unallocated") / euros("2026-02")
    assert abs(Fraction(kpis["allocated"].ratio) - owned) < Fraction(1, 10000)
    assert kpis["largest_rise"].label == "Largest rise: Digital"


def test_months_and_consumers_add_up_to_the_total() -> None:
    told = overview(ALL, currency="EUR")
    for month in MONTHS:
        parts = [m.amount for m in told.months if m.period == month]
        assert Fraction(sum(parts)) == euros(month)
    assert Fraction(sum(row.amount for row in told.consumers)) == euros("2026-02")
    retail = next(row for row in told.consumers if row.consumer == "Retail")
    assert Fraction(retail.amount) == euros("2026-02", consumer="Stores")
    before = euros("2026-01", consumer="Stores") + euros("2026-01", consumer="Online")
    assert Fraction(retail.previous) == before


def test_another_currency_is_another_overview() -> None:
    told = overview(ALL, currency="USD", period="2026-01")
    assert [kpi.amount for kpi in told.kpis if kpi.key == "total"] == [Decimal("340.8")]
    assert told.to_json()["flow"]["total"] == "340.8"


def test_flow_keeps_every_cent_from_stage_to_stage() -> None:
    flow = money_flow(ALL, currency="EUR", periods=["2026-02"])
    assert Fraction(flow.total) == euros("2026-02")
    for stage in ("pool", "tower", "solution", "consumer"):
        nodes = [n.amount for n in flow.nodes if n.stage == stage]
        assert Fraction(sum(nodes)) == euros("2026-02")
    drawn = sum(link.amount for link in flow.links if link.source.startswith("pool:"))
    assert drawn + flow.undrawn == flow.total


def test_credit_is_told_and_not_drawn() -> None:
    only = money_flow(ALL, currency="EUR", periods=["2026-02"], focus="solution:Shop")
    assert {n.label for n in only.nodes if n.stage == "solution"} == {"Shop"}
    assert Fraction(only.total) == euros("2026-02", solution="Shop")


def test_focus_opens_a_stage_one_level_down() -> None:
    flow = money_flow(ALL, currency="EUR", periods=["2026-01"], focus="consumer:Retail")
    assert {n.label for n in flow.nodes if n.stage == "consumer"} == {"Stores", "Online"}
    assert all(n.drill is None for n in flow.nodes if n.stage == "consumer")
    pools = money_flow(ALL, currency="EUR", periods=["2026-01"], focus="pool:Cloud Services")
    assert [n.label for n in pools.nodes if n.stage == "pool"] == ["Cloud Service Provider"]


def test_small_boxes_join_and_unset_ones_never_do() -> None:
    flow = money_flow(ALL, currency="EUR", periods=["2026-02"], most=0)
    assert {n.label for n in flow.nodes if n.stage == "solution"} == {"Other", "No solution"}


def test_choices_are_what_there_is() -> None:
    known = choices(ALL)
    assert known.periods == tuple(reversed(MONTHS))
    assert known.currencies == ("EUR", "USD")
    assert known.bases == ("billed", "effective", "contracted", "list")
    assert "tag.team" in known.dimensions
    assert known.model_version == 1
    assert set(known.to_json()) == set(vars(known))
