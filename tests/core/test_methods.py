"""Methods of allocation with known answers: rules S12-S22 and T5 of docs/spec/allocation.md."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from tests.core.methods import (
    PEOPLE,
    TIERS,
    D,
    among,
    cost,
    exchanged,
    paid,
    problems,
    reciprocal_second_path,
    resting,
    run,
    shares,
)

from bursar.core.calc.allocation.adjusting import Closing
from bursar.core.calc.allocation.dividing import Recovery, Terms
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.allocation.rates import Price, Rate, Tier, charge, unused_commitment
from bursar.core.calc.allocation.trace import TraceIndex, sources_of
from bursar.core.calc.matching import Test
from bursar.core.money.units import from_units

S1 = shares("S1", S2="20", P1="30", P2="50")
S2 = shares("S2", S1="10", P1="40", P2="50")
TWO = [cost(10_000_000, "S1"), cost(6_000_000, "S2")]


def test_s22_the_reciprocal_oracle_to_the_cent():
    found = run(TWO, among("reciprocal", S1, S2))
    # x1 = 100000 + x2/10, x2 = 60000 + x1/5, solved by hand in fractions.
    x1 = Fraction(100_000 + 6_000) / (1 - Fraction(1, 50))
    x2 = 60_000 + x1 / 5
    p1 = x1 * Fraction(3, 10) + x2 * Fraction(4, 10)
    assert [round(float(x), 2) for x in (x1, x2, p1)] == [108163.27, 81632.65, 65102.04]
    assert resting(found, "solution") == {"P1": 6_510_204, "P2": 9_489_796}
    gross = exchanged(found)
    # Rows are rounded so that each giver's add up to its gross amount.
    assert abs(gross["S1", "S2"] - x1 / 5 * 100) < 1
    assert abs(gross["S2", "S1"] - x2 / 10 * 100) < 1
    assert sum(units for (giver, _), units in gross.items() if giver == "S1") == 10_816_327
    assert sum(units for (giver, _), units in gross.items() if giver == "S2") == 8_163_265


def test_s21_the_step_down_oracle_in_either_order():
    found = run(TWO, among("step_down", S1, S2, order=("S1", "S2")))
    assert resting(found, "solution") == {"P1": 6_555_556, "P2": 9_444_444}
    assert exchanged(found)["S1", "S2"] == 2_000_000
    assert ("S2", "S1") not in exchanged(found)
    # The other way round: S2 60000 gives 6000, 24000, 30000; S1 106000 by 30:50.
    other = run(TWO, among("step_down", S1, S2, order=("S2", "S1")))
    p1 = 24_000 + Fraction(106_000 * 3, 8)
    assert resting(other, "solution") == {"P1": round(p1 * 100), "P2": 16_000_000 - round(p1 * 100)}


def test_s21_a_service_after_everybody_it_could_charge_stays_visible():
    found = run(TWO, among("step_down", S1, shares("S2", S1="100"), order=("S1", "S2")))
    assert problems(found) == {("allocate.all_closed", 8_000_000)}
    assert sum(resting(found, "solution").values()) == 16_000_000


def test_s22_a_circle_that_lets_no_money_out_is_named_with_its_members():
    closed = among("reciprocal", shares("S1", S2="100"), shares("S2", S1="100"))
    found = run([*TWO, cost(5, "P1")], closed)
    assert problems(found) == {("allocate.closed_loop", 16_000_000)}
    (problem,) = found.problems
    assert problem.message == "S1 and S2 charge only each other, so no money gets out"
    alone = run([cost(7, "S1")], among("reciprocal", shares("S1", S1="100")))
    assert [p.message for p in alone.problems] == ["S1 charges only itself, so no money gets out"]


def test_s22_what_leads_into_a_closed_circle_is_unallocated_and_the_rest_is_not():
    step = among(
        "reciprocal",
        shares("IT", S1="50", P1="50"), shares("S1", S2="100"), shares("S2", S1="100"),
    )  # fmt: skip
    found = run([cost(100, "IT")], step)
    assert problems(found) == {("allocate.closed_loop", 50)}
    assert sum(int(n) for n in found.trace["units"].to_pylist()) == 50


def test_s22_own_use_and_chains_are_part_of_the_solution():
    step = among("reciprocal", shares("S1", S1="20", S2="40", P1="40"), shares("S2", P2="100"))
    assert resting(run([cost(600, "S1")], step), "solution") == {"P1": 300, "P2": 300}


def test_s22_three_services_by_a_second_path():
    gives = {
        "S1": {"S2": 20, "IT": 30, "P1": 25, "P2": 25},
        "S2": {"S1": 10, "IT": 40, "P1": 50},
        "IT": {"S1": 15, "S2": 15, "P2": 70},
    }
    direct = {"S1": 90_000_00, "S2": 45_678_91, "IT": 31_415_92, "P1": 1_00}
    rules = [shares(who, **{n: str(p) for n, p in to.items()}) for who, to in gives.items()]
    found = resting(run([cost(v, k) for k, v in direct.items()], among("reciprocal", *rules)),
                    "solution")  # fmt: skip
    expected = reciprocal_second_path(direct, gives)
    assert sum(found.values()) == sum(direct.values())
    assert all(abs(found[name] - expected[name]) < 3 for name in ("P1", "P2"))


def test_s22_a_large_circle_is_iterated_and_agrees_with_fractions(monkeypatch):
    names = [f"T{n:03}" for n in range(20)]
    rules = []
    for number, name in enumerate(names):
        after, far = names[(number + 1) % 20], names[(number * 7 + 3) % 20]
        to = {after: 0, far: 0, "P1": 0, "P2": 0}
        to[after] += 30
        to[far] += 20
        to["P1"] += 10 + number
        to["P2"] += 40 - number
        rules.append(shares(name, **{n: str(p) for n, p in to.items()}))
    nodes = [cost(1_000_003 * (n + 1), name) for n, name in enumerate(names)]
    exact = resting(run(nodes, among("reciprocal", *rules)), "solution")
    monkeypatch.setattr("bursar.core.calc.allocation.exchange.EXACT_UP_TO", 1)
    assert resting(run(nodes, among("reciprocal", *rules)), "solution") == exact


def test_t5_a_trace_passes_through_what_services_charge_each_other():
    to_people = Step("use", "consumer", (Rule("all", (), "even", PEOPLE[:2]),))
    for how in (among("reciprocal", S1, S2), among("step_down", S1, S2)):
        found = run(TWO, how, to_people)
        north = [n["node_id"] for n in found.nodes.to_pylist() if n["consumer"] == "North"]
        traced = sources_of(found.nodes, found.trace, np.array(north))
        origin = found.nodes["solution"].take(traced.nodes).to_pylist()
        assert set(origin) == {"S1", "S2"}
        assert sum(traced.units.tolist()) == paid(found)["North"]
        everybody = np.unique(found.allocated["node_id"].to_numpy())
        all_of_it = TraceIndex(found.nodes, found.trace).sources_of(everybody)
        assert sorted(all_of_it.units.tolist()) == [6_000_000, 10_000_000]


def test_s13_several_drivers_each_divide_their_percentage():
    rule = Rule("mix", (), "weighted", drivers=(("cpu", D(75)), ("disk", D(25))))
    rows = [("cpu", None, "North", 1), ("cpu", None, "South", 3), ("disk", None, "North", "0.5"),
            ("disk", None, "West", "1.5")]  # fmt: skip
    found = run([cost(1600)], Step("use", "consumer", (rule,)), rows=rows)
    assert paid(found) == {"North": 300 + 100, "South": 900, "West": 300}
    lacking = run([cost(1600)], Step("use", "consumer", (rule,)), rows=rows[:2])
    assert paid(lacking) == {"North": 300, "South": 900, "unallocated": 400}
    assert problems(lacking) == {("allocate.driver_missing", 400)}
    assert set(found.trace["driver"].to_pylist()) == {"cpu + disk"}


@pytest.mark.parametrize(
    ("there", "idle", "expected"),
    [
        ("10", "retained", {"North": 20, "South": 30, "retained": 50}),
        ("10", "West", {"North": 20, "South": 30, "West": 50}),
        ("5", "retained", {"North": 40, "South": 60}),
        # More used than there is: the negative idle is shown, never clamped away.
        ("4", "retained", {"North": 50, "South": 75, "retained": -25}),
    ],
)
def test_s14_idle_capacity_is_kept_apart_or_borne(there, idle, expected):
    rule = Rule("use", (), "weighted", driver="cpu", capacity="cores", idle=idle)
    rows = [("cpu", None, "North", "2"), ("cpu", None, "South", "3.0"), ("cores", None, "n", there)]
    assert paid(run([cost(100)], Step("use", "consumer", (rule,)), rows=rows)) == expected


def test_s14_nothing_used_is_all_idle_and_no_capacity_is_a_missing_driver():
    rule = Rule("use", (), "weighted", driver="cpu", capacity="cores", idle="retained")
    step = Step("use", "consumer", (rule,))
    rows = [("cpu", None, "North", 0), ("cores", None, "n", 8)]
    assert paid(run([cost(100)], step, rows=rows)) == {"retained": 100}
    assert problems(run([cost(100)], step, rows=rows[:1])) == {("allocate.driver_missing", 100)}
    negative = [("cpu", None, "North", -1), rows[1]]
    assert problems(run([cost(100)], step, rows=negative)) == {("allocate.driver_negative", 100)}


def test_s14_idle_by_resource_shared_by_weight_the_open_cost_oracle():
    """CPU and RAM of two clusters, idle shared per cluster and resource: 42.6875, 46.3125, 23."""
    used = {  # cluster and resource → namespace → cost; the idle of it
        ("one", "CPU"): ({"North": 3, "South": 3}, 5),
        ("one", "RAM"): ({"North": 13, "South": 3}, 15),
        ("two", "CPU"): ({"South": 3, "West": 3}, 5),
        ("two", "RAM"): ({"South": 3, "West": 3}, 5),
    }
    other = {"North": 12, "South": 24, "West": 12}  # GPU, PV, network and load balancer
    scale = 10_000
    nodes, rows = [], []
    for (cluster, resource), (by, idle) in used.items():
        pool = f"{cluster} / {resource}"
        nodes.append(cost((sum(by.values()) + idle) * scale, pool=pool))
        rows += [("used", pool, name, amount) for name, amount in by.items()]
    nodes += [cost(amount * scale, consumer=name) for name, amount in other.items()]
    rule = Rule("used", (), "weighted", driver="used")
    found = paid(run(nodes, Step("use", "consumer", (rule,)), rows=rows))
    assert found == {"North": 426_875, "South": 463_125, "West": 230_000}
    assert sum(found.values()) == 112 * scale
    apart = Rule("used", (), "weighted", driver="used", capacity="there", idle="retained")
    rows += [("there", f"{c} / {r}", "n", sum(by.values()) + i) for (c, r), (by, i) in used.items()]
    found = paid(run(nodes, Step("use", "consumer", (apart,)), rows=rows))
    assert found == {"North": 28 * scale, "South": 36 * scale, "West": 18 * scale,
                     "retained": 30 * scale}  # fmt: skip


def waterfall(residual="unallocated"):
    caps = (("North", D("50.00")), ("South", D("30.00")))
    return Step("fill", "consumer", (
        Rule("fill", (), "waterfall", caps=caps, residual=residual, currency="EUR"),
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([40_00], {"North": 40_00}),
        ([70_00], {"North": 50_00, "South": 20_00}),
        ([100_00], {"North": 50_00, "South": 30_00, "unallocated": 20_00}),
        ([33_33, 33_33, 33_34], {"North": 50_00, "South": 30_00, "unallocated": 20_00}),
        ([120_00, -20_00], {"North": 50_00, "South": 30_00, "unallocated": 20_00}),
        ([-5_00], {"North": -5_00}),
    ],
)
def test_s15_a_waterfall_fills_caps_in_order_over_all_its_nodes(amounts, expected):
    nodes = [cost(units, pool=f"P / {n}") for n, units in enumerate(amounts)]
    found = run(nodes, waterfall(), terms=Terms(scale=2))
    assert paid(found) == expected


def test_s15_a_cap_holds_for_all_entities_and_only_in_its_currency():
    nodes = [cost(60_00, entity="One"), cost(60_00, entity="Two"), cost(9_00, currency="USD")]
    found = run(nodes, waterfall("West"), terms=Terms(scale=2))
    assert paid(found) == {"North": 50_00, "South": 30_00, "West": 40_00, "unallocated": 9_00}


@pytest.mark.parametrize(
    ("by", "quantity", "expected"),
    [
        ("graduated", "50", "5"),
        ("graduated", "100", "10"),
        ("graduated", "1100", "87"),  # 100 at 0.10, 900 at 0.08, 100 at 0.05
        ("volume", "100", "10"),
        ("volume", "101", "8.08"),
        ("volume", "1100", "55"),
    ],
)
def test_s16_tiers(by, quantity, expected):
    assert charge(Price(None, TIERS, by), D(quantity)) == D(expected)


def test_s16_minimum_maximum_and_commitment():
    price = Price(None, (Tier(None, D(2)),), minimum=D(10), maximum=D(50),
                  committed=(("North", D(20)),))  # fmt: skip
    assert [charge(price, D(q), "South") for q in ("0", "1", "7", "99")] == [0, 10, 14, 50]
    assert [charge(price, D(q), "North") for q in ("0", "21")] == [40, 42]
    assert [unused_commitment(price, D(q), "North") for q in ("5", "25")] == [15, 0]
    with pytest.raises(ValueError, match="below zero"):
        charge(price, D(-1))
    with pytest.raises(ValueError, match="above the last tier"):
        charge(Price(None, TIERS[:1]), D(101))
    with pytest.raises(ValueError, match="above the last tier"):
        charge(Price(None, TIERS[:1], "volume"), D(101))


def rated(**how):
    price = Price(None, (Tier(None, D("0.25")),))
    rate = Rate("vm", "vm_hours", "hour", "EUR", (price,))
    fields = {"rates": (rate,), "difference": "recovery", **how}
    return Step("charge", "consumer", (Rule("vm", (), "rate", **fields),))


USE = [("vm_hours", None, "North", 120), ("vm_hours", None, "South", "80.02")]


@pytest.mark.parametrize(("cost_cents", "gap"), [(60_00, 10_00), (50_00, 0), (45_00, -5_00)])
def test_s16_a_standard_rate_keeps_the_difference_visible(cost_cents, gap):
    nodes = [cost(cost_cents // 3, pool="A / 1"), cost(cost_cents - cost_cents // 3, pool="B / 2")]
    found = run(nodes, rated(), rows=USE, terms=Terms(scale=2))
    # 80.02 hours are 20.005, which is 20.01 by rounding half away from zero.
    expected = {"North": 30_00, "South": 20_01, "recovery_gap": gap - 1}
    assert paid(found) == {name: units for name, units in expected.items() if units}


def test_s16_shared_charges_are_weights_of_the_true_cost():
    found = run([cost(60_00)], rated(difference="shared"), rows=USE, terms=Terms(scale=2))
    south = round(Fraction(60_00 * 20_01, 50_01))
    assert paid(found) == {"North": 60_00 - south, "South": south}


def test_s16_rates_that_cannot_charge_leave_the_cost_unallocated():
    later = Rate("vm", "vm_hours", "hour", "EUR", (Price(date(2026, 2, 1), TIERS),))
    terms = Terms(scale=2, first_day=date(2026, 1, 1), days=31)
    found = run([cost(5)], rated(rates=(later,)), rows=USE, terms=terms)
    assert problems(found) == {("allocate.rate_not_in_force", 5)}
    short = Rate("vm", "vm_hours", "hour", "EUR", (Price(None, TIERS[:1]),))
    for difference in ("recovery", "shared"):
        found = run([cost(5)], rated(rates=(short,), difference=difference), rows=USE, terms=terms)
        assert problems(found) == {("allocate.rate_tier_missing", 5)}
    missing = run([cost(5)], rated(), terms=terms)
    assert paid(missing) == {"recovery_gap": 5}
    negative = run([cost(5)], rated(), rows=[("vm_hours", None, "North", -1)], terms=terms)
    assert problems(negative) == {("allocate.driver_negative", 5)}
    nothing = [("vm_hours", None, "North", 0)]
    assert paid(run([cost(5)], rated(), rows=nothing, terms=terms)) == {"recovery_gap": 5}
    shared = run([cost(5)], rated(difference="shared"), rows=nothing, terms=terms)
    assert problems(shared) == {("allocate.driver_zero", 5)}


def test_s16_a_true_up_books_what_the_interval_left_open():
    where = {"legal_entity": "Firm", "currency": "EUR", "cost_pool": "Staff / Own",
             "tower": None, "solution": "VM", "consumer": None}  # fmt: skip
    due = {"vm": Recovery([(where, 9_00)], {"North": 70_00, "South": 30_00})}
    found = run([cost(60_00, "VM")], rated(), rows=USE, terms=Terms(scale=2, due=due))
    # The month's gap is 9.99, the quarter's before it 9.00; by 100.00 North and 50.01 South.
    sums = paid(found)
    assert sums["recovery_gap"] == -9_00
    assert sum(sums.values()) == 60_00
    month, before = Fraction(9_99 * 100_00, 150_01), Fraction(9_00 * 100_00, 150_01)
    assert sums["North"] == 30_00 + round(month) + round(before)


def test_s17_a_subsidy_moves_part_of_a_charge_to_who_bears_it():
    rule = Rule("use", (), "even", PEOPLE[:2], subsidy=(("North", D("12.5")),), subsidy_by="West")
    found = run([cost(160_00)], Step("use", "consumer", (rule,)))
    assert paid(found) == {"North": 70_00, "South": 80_00, "West": 10_00}
    kept = Rule("use", (), "even", PEOPLE[:2], subsidy=(("", D(50)),), subsidy_by="retained")
    found = run([cost(160_00)], Step("use", "consumer", (kept,)))
    assert paid(found) == {"North": 40_00, "South": 40_00, "retained": 80_00}


def test_s18_a_markup_is_charged_and_stands_beside_cost_with_its_sign_turned():
    rule = Rule("use", (), "even", PEOPLE[:2], markup=(("", D(5)), ("South", D(10))))
    found = run([cost(100_00)], Step("use", "consumer", (rule,)))
    assert paid(found) == {"North": 52_50, "South": 55_00, "markup": -7_50}
    credit = run([cost(-100_00)], Step("use", "consumer", (rule,)))
    assert paid(credit) == {"North": -52_50, "South": -55_00, "markup": 7_50}


def test_s19_a_consumer_that_closes_pays_for_its_days():
    rule = Rule("use", (), "even", ("North", "South"))
    closing = {"consumer": {"South": Closing(10, 31, "West")}}
    found = run([cost(62_00)], Step("use", "consumer", (rule,)), terms=Terms(closing=closing))
    assert paid(found) == {"North": 31_00, "South": 10_00, "West": 21_00}
    nobody = {"consumer": {"South": Closing(10, 31, None)}}
    found = run([cost(62_00)], Step("use", "consumer", (rule,)), terms=Terms(closing=nobody))
    assert problems(found) == {("allocate.consumer_closed", 21_00)}


def test_s12_rules_in_force_by_day_divide_by_days():
    old = Rule("old", (), "direct", ("North",), ends=date(2026, 3, 11))
    new = Rule("new", (), "direct", ("South",), starts=date(2026, 3, 11))
    terms = Terms(first_day=date(2026, 3, 1), days=31)
    found = run([cost(31_00), cost(-62, pool="A / B")], Step("use", "consumer", (old, new)),
                terms=terms)  # fmt: skip
    assert paid(found) == {"North": 10_00 - 20, "South": 21_00 - 42}
    april = Terms(first_day=date(2026, 4, 1), days=30)
    assert paid(run([cost(7)], Step("use", "consumer", (old, new)), terms=april)) == {"South": 7}
    between = Rule("gap", (), "direct", ("South",), starts=date(2026, 3, 21))
    found = run([cost(31_00)], Step("use", "consumer", (old, between)), terms=terms)
    assert paid(found) == {"North": 10_00, "South": 11_00, "unallocated": 10_00}


def test_s12_services_charge_each_other_by_the_rules_of_the_day():
    first = shares("S1", P1="100")
    step = among(
        "reciprocal",
        replace(first, name="old", ends=date(2026, 3, 11)),
        replace(shares("S1", P2="100"), name="new", starts=date(2026, 3, 11)),
    )
    terms = Terms(first_day=date(2026, 3, 1), days=31)
    assert resting(run([cost(31_00, "S1")], step, terms=terms), "solution") == {
        "P1": 10_00, "P2": 21_00,
    }  # fmt: skip


def test_money_of_a_run_is_written_in_its_own_scale():
    found = run([cost(60_000, "VM")], rated(), rows=USE, terms=Terms(scale=3))
    assert from_units(paid(found)["South"], 3) == D("20.005")


@pytest.mark.parametrize("ends", [None, date(2026, 3, 11)])
def test_s12_charges_and_caps_are_the_periods_however_it_is_cut(ends):
    """Another rule begins on the 11th: what a rate charges and a cap holds is not doubled."""
    other = Rule("new", (Test("solution", "equals", ("HR",)),), "direct", ("West",),
                 starts=date(2026, 3, 11))  # fmt: skip
    terms = Terms(scale=2, first_day=date(2026, 3, 1), days=31)
    (rate,) = rated().rules
    days = 31 if ends is None else 10
    step = Step("charge", "consumer", (other, replace(rate, ends=ends)))
    found = paid(run([cost(93_00)], step, rows=USE, terms=terms))
    assert found["North"] == round(Fraction(30_00 * days, 31))
    assert found["South"] == round(Fraction(20_01 * days, 31))
    assert sum(found.values()) == 93_00
    (fill,) = waterfall().rules
    step = Step("fill", "consumer", (other, replace(fill, ends=ends)))
    found = paid(run([cost(310_00)], step, terms=terms))
    assert found["North"] == round(Fraction(50_00 * days, 31))
    assert sum(found.values()) == 310_00
