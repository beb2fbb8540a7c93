"""A service against its plan: rules SV6-SV8 of docs/spec/services.md."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from bursar.core.calc.service_plan import ServicePlan, Variances, in_force, variances

D = Decimal
PLAN = ServicePlan("EUR", D("12000"), D("400"), output=D("380"))


def test_sv6_the_planned_rate_is_cost_by_volume() -> None:
    assert PLAN.rate == 30
    assert ServicePlan("EUR", D(100), D(3)).rate == D("33.333333")
    assert ServicePlan("EUR", D(-200), D(3)).rate == D("-66.666667")


def test_sv6_the_latest_plan_that_has_begun_counts() -> None:
    later = ServicePlan("EUR", D(1), D(1), date(2026, 7, 1))
    other = ServicePlan("USD", D(2), D(1))
    plans = (later, PLAN, other)
    assert in_force(plans, "EUR", date(2026, 6, 30)) == PLAN
    assert in_force(plans, "EUR", date(2026, 7, 1)) == later
    assert in_force(plans, "USD", date(2027, 1, 1)) == other
    assert in_force((later,), "EUR", date(2026, 1, 1)) is None


def test_sv7_sv8_by_hand() -> None:
    """440 mailboxes at 31 each for 399 employees: the plan needs 420 for them, at 30."""
    found = variances(PLAN, cost=D(13640), volume=D(440), output=D(399), scale=2)
    assert found == Variances(price=D(440), volume=D(600), efficiency=D(600))
    assert found.total == 13640 - 12000
    without = variances(PLAN, cost=D(13640), volume=D(440), output=None, scale=2)
    assert without == Variances(price=D(440), volume=D(1200), efficiency=None)


amounts = st.decimals("-1000000", "1000000", places=6, allow_nan=False, allow_infinity=False)
quantities = st.decimals("0.001", "1000000", places=3, allow_nan=False, allow_infinity=False)


@given(amounts, quantities, st.one_of(st.none(), quantities), amounts, quantities, quantities)
def test_sv8_the_parts_add_up_and_are_what_they_say(
    planned: Decimal,
    planned_volume: Decimal,
    planned_output: Decimal | None,
    cost: Decimal,
    volume: Decimal,
    output: Decimal,
) -> None:
    plan = ServicePlan("EUR", planned, planned_volume, None, planned_output)
    found = variances(plan, cost=cost, volume=volume, output=output, scale=10)
    assert found.total == cost - planned
    rate = Fraction(planned) / Fraction(planned_volume)
    price = Fraction(cost) - Fraction(volume) * rate
    assert abs(Fraction(found.price) - price) <= Fraction(1, 10**10)
    assert (found.efficiency is None) == (planned_output is None)
