"""Cases with known answers from other systems' tests, each recomputed here with `Fraction`s.

Where such a system's own answer loses or invents a cent, the case states ours.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from tests.core.plain_model import driver_table, node_table

from bursar.core.calc.allocation.engine import allocate
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.matching import Test
from bursar.core.money.rounding import largest_remainder
from bursar.core.money.units import from_units, to_units

SCALE = 10
NS1, NS2, NS3, IDLE = "namespace1", "namespace2", "namespace3", "idle"
NAMESPACES = (NS1, NS2, NS3)


def allotted(costs, *rules, rows=(), scale=SCALE):
    """{consumer or outcome: amount}; costs are (what, owner or None, amount)."""
    nodes = [
        (("Firm", "USD", "Cloud / Cluster", None, what, owner), to_units(Decimal(amount), scale))
        for what, owner, amount in costs
    ]
    found = allocate(
        nodes=node_table(nodes),
        steps=[Step("share", "consumer", rules)],
        members={"consumer": NAMESPACES},
        drivers=driver_table(list(rows)),
    )
    sums = {}
    for line in found.allocated.to_pylist():
        name = line["consumer"] or line["outcome"]
        sums[name] = sums.get(name, Decimal(0)) + from_units(int(line["units"]), scale)
    return sums


def of(what, method, **how):
    return Rule(f"{what} {method}", (Test("solution", "equals", (what,)),), method, **how)


KEEP_IDLE = of(IDLE, "residual", residual="retained")
OWN = [(n, n, amount) for n, amount in zip(NAMESPACES, (28, 36, 18), strict=True)]
IDLE_COST = (IDLE, None, 30)


def published(sums, digits):
    names = sorted(sums)
    amounts = largest_remainder([sums[n] for n in names], keys=names, digits=digits)
    return dict(zip(names, amounts, strict=True))


def close(sums, exact):
    """Equal to the exact fractions, but for less than one unit of the run's scale each."""
    assert sums.keys() == exact.keys()
    unit = Fraction(1, 10**SCALE)
    assert all(abs(Fraction(sums[n]) - exact[n]) < unit for n in exact)
    return sum(map(Fraction, sums.values())) == sum(exact.values())


def test_a1_1b_nothing_shared():
    sums = allotted([*OWN, IDLE_COST], KEEP_IDLE)
    assert sums == {NS1: 28, NS2: 36, NS3: 18, "retained": 30}


def test_a1_4a_a_namespace_shared_evenly():
    sums = allotted(
        [*OWN[:2], ("shared", None, 18), IDLE_COST],
        of("shared", "even", targets=(NS1, NS2)), KEEP_IDLE,
    )  # fmt: skip
    assert sums == {NS1: 28 + 9, NS2: 36 + 9, "retained": 30} == {NS1: 37, NS2: 45, "retained": 30}


def test_a1_4b_a_namespace_shared_by_weight():
    rows = [("cost", "shared", NS1, 28), ("cost", "shared", NS2, 36)]
    sums = allotted(
        [*OWN[:2], ("shared", None, 18), IDLE_COST],
        of("shared", "weighted", driver="cost"), KEEP_IDLE, rows=rows,
    )  # fmt: skip
    exact = {NS1: 28 + Fraction(18 * 28, 64), NS2: 36 + Fraction(18 * 36, 64), "retained": 30}
    assert exact == {NS1: Fraction("35.875"), NS2: Fraction("46.125"), "retained": 30}
    assert {name: Fraction(amount) for name, amount in sums.items()} == exact


def test_a1_4c_an_application_shared_over_three_is_still_82_in_cents():
    sums = allotted(
        [(NS1, NS1, 12), *OWN[1:], ("app1", None, 16)], of("app1", "even", targets=NAMESPACES)
    )
    third = Fraction(16, 3)
    exact = {NS1: 12 + third, NS2: 36 + third, NS3: 18 + third}
    assert close(sums, exact)
    cents = published(sums, 2)
    assert sum(cents.values()) == 82
    assert all(abs(Fraction(cents[n]) - exact[n]) < Fraction(1, 100) for n in NAMESPACES)
    # From the exact fractions the three remainders tie, and the first name takes the cent.
    assert [str(published(exact, 2)[n]) for n in NAMESPACES] == ["17.34", "41.33", "23.33"]


def test_a1_4d_overhead_shared_by_weight():
    rows = [("cost", "overhead", n, amount) for _, n, amount in OWN]
    sums = allotted(
        [*OWN, ("overhead", None, 7 * 24), IDLE_COST],
        of("overhead", "weighted", driver="cost"), KEEP_IDLE, rows=rows,
    )  # fmt: skip
    exact = {n: amount + Fraction(168 * amount, 82) for _, n, amount in OWN} | {"retained": 30}
    assert close(sums, exact)
    assert sum(sums.values()) == 280
    assert [str(published(sums, 4)[n]) for n in NAMESPACES] == ["85.3659", "109.7561", "54.8780"]


def test_a1_6_filtering_a_view_changes_no_number_in_it():
    rows = [("cost", "shared", NS2, 36), ("cost", "shared", NS3, 18)]
    costs = [*OWN[1:], ("shared", None, 28), IDLE_COST]
    sums = allotted(costs, of("shared", "weighted", driver="cost"), KEEP_IDLE, rows=rows)
    exact = {NS2: 36 + Fraction(28 * 36, 54), NS3: 18 + Fraction(28 * 18, 54), "retained": 30}
    assert close(sums, exact)
    assert str(published(sums, 4)[NS2]) == "54.6667"
    # A view of one namespace is a choice of lines; another run over them alone agrees.
    again = allotted([(NS2, NS2, sums[NS2])])
    assert again == {NS2: sums[NS2]}


USED = {  # cluster and resource → who used it for how much, and its idle cost
    "one / CPU": ({NS1: 3, NS2: 3}, 5),
    "one / RAM": ({NS1: 13, NS2: 3}, 15),
    "two / CPU": ({NS2: 3, NS3: 3}, 5),
    "two / RAM": ({NS2: 3, NS3: 3}, 5),
}


def test_a1_6e_and_6f_idle_follows_the_namespace_that_is_shared():
    """The peer accepts 25.000 of idle for the second namespace, and says it should be 20.1042."""
    nodes = [
        (("Firm", "USD", "direct", None, name, None), to_units(Decimal(amount), SCALE))
        for name, _, amount in OWN
    ]
    nodes += [
        (("Firm", "USD", f"idle {place}", None, None, None), to_units(Decimal(idle), SCALE))
        for place, (_, idle) in USED.items()
    ]
    rows = [
        ("used", f"idle {place}", name, amount)
        for place, (by, _) in USED.items()
        for name, amount in by.items()
    ]
    rows += [("cost", NS1, NS2, 36), ("cost", NS1, NS3, 18)]
    keep = [of(name, "direct", targets=(name,)) for name in (NS2, NS3)]
    found = allocate(
        nodes=node_table(nodes),
        steps=[
            Step("idle", "solution", (Rule("used", (), "weighted", driver="used"),)),
            Step("share", "consumer", (of(NS1, "weighted", driver="cost"), *keep)),
        ],
        members={"solution": NAMESPACES, "consumer": NAMESPACES},
        drivers=driver_table(rows),
    )
    sums = {}
    for line in found.allocated.to_pylist():
        key = line["consumer"], line["cost_pool"].startswith("idle")
        sums[key] = sums.get(key, Decimal(0)) + from_units(int(line["units"]), SCALE)
    idle = {
        n: sum(
            (Fraction(i * by.get(n, 0), sum(by.values())) for by, i in USED.values()), Fraction(0)
        )
        for n in NAMESPACES
    }
    exact = {
        (NS2, False): 36 + Fraction(28 * 2, 3),
        (NS3, False): 18 + Fraction(28, 3),
        (NS2, True): idle[NS2] + idle[NS1] * 2 / 3,
        (NS3, True): idle[NS3] + idle[NS1] / 3,
    }
    assert sums.keys() == exact.keys()
    assert all(abs(Fraction(sums[k]) - exact[k]) < Fraction(20, 10**SCALE) for k in exact)
    assert sum(sums.values()) == 112
    assert [f"{sums[NS2, apart]:.4f}" for apart in (False, True)] == ["54.6667", "20.1042"]
    assert f"{sums[NS2, False] + sums[NS2, True]:.4f}" == "74.7708"


@pytest.mark.parametrize(
    ("amount", "usage"), [(27, []), (27, [0, 0]), (100, [0, 0]), (100, [0]), (-100, [0, 0])]
)
def test_a2_cost_without_a_driver_stays_visible(amount, usage):
    rows = [("use", "shared", n, u) for n, u in zip(NAMESPACES, usage, strict=False)]
    assert allotted(
        [*OWN, ("shared", None, amount)], of("shared", "weighted", driver="use"), rows=rows
    ) == {NS1: 28, NS2: 36, NS3: 18, "unallocated": amount}


def test_a2_unallocated_cost_moves_to_those_who_use():
    rows = [("use", "shared", NS1, 25), ("use", "shared", NS2, 75)]
    sums = allotted([("shared", None, 100)], of("shared", "weighted", driver="use"), rows=rows)
    assert sums == {NS1: 25, NS2: 75}


def test_a2_a_negative_idle_cost_is_shared_and_never_clamped():
    rows = [("use", IDLE, NS1, 1), ("use", IDLE, NS2, 3)]
    sums = allotted([*OWN[:2], (IDLE, None, -10)], of(IDLE, "weighted", driver="use"), rows=rows)
    assert sums == {NS1: 28 - Decimal("2.5"), NS2: 36 - Decimal("7.5")}


@pytest.mark.parametrize("shared", ["even", "weighted", "fixed", "residual"])
@pytest.mark.parametrize("idle", ["even", "residual"])
def test_a2_the_total_is_the_same_under_every_choice_of_sharing(shared, idle):
    how = {
        "even": {"targets": (NS1, NS3)},
        "weighted": {"driver": "use"},
        "fixed": {"shares": ((NS1, Decimal("33.3")),), "residual": "unallocated"},
        "residual": {"residual": "unallocated"},
    }
    rows = [("use", None, NS1, "0.1"), ("use", None, NS3, "0.7")]
    sums = allotted(
        [*OWN, ("shared", None, "17.77"), IDLE_COST],
        of("shared", shared, **how[shared]), of(IDLE, idle, **how[idle]), rows=rows,
    )  # fmt: skip
    assert sum(sums.values()) == Decimal("129.77")


@pytest.mark.parametrize(
    ("amount", "percent", "expected"),
    [
        ("182.25", (98, 2), ("178.61", "3.64")),
        ("0.01", (95, 5), ("0.01", "0.00")),
        ("145.65", (50, 50), ("72.83", "72.82")),
        ("-145.65", (50, 50), ("-72.83", "-72.82")),
    ],
)
def test_a4_percentages_that_break_other_ledgers(amount, percent, expected):
    shares = tuple((n, Decimal(p)) for n, p in zip(NAMESPACES, percent, strict=False))
    sums = allotted([("shared", None, amount)], of("shared", "fixed", shares=shares))
    exact = {n: Fraction(amount) * Fraction(p) / 100 for n, p in shares}
    assert {n: Fraction(a) for n, a in sums.items()} == exact
    cents = published(sums, 2)
    assert tuple(str(cents[n]) for n, _ in shares) == expected
    assert sum(cents.values()) == Decimal(amount)


def test_a4_shares_below_100_percent_must_say_where_the_rest_goes():
    shares = ((NS1, Decimal(40)), (NS2, Decimal(40)))
    with pytest.raises(ValueError, match="does not say where its rest goes"):
        allotted([("shared", None, 1)], of("shared", "fixed", shares=shares))


def test_a4_chains_of_shares_are_allowed():
    half = ((NS1, Decimal(50)), (NS2, Decimal(50)))
    nodes = node_table([(("Firm", "USD", "Main", None, None, None), 145_65)])
    steps = [
        Step("first", "solution", (Rule("a", (), "fixed", shares=half),)),
        Step("second", "consumer", (Rule("b", (), "fixed", shares=half),)),
    ]
    found = allocate(nodes=nodes, steps=steps, members={}, drivers=driver_table([]))
    units = [int(line["units"]) for line in found.allocated.to_pylist()]
    # 145.65 halves to 72.83 and 72.82; 72.83 halves to 36.42 and 36.41, in whole cents.
    assert units == [3642, 3641, 3641, 3641]
    assert sum(units) == 145_65


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (("4/5", "2/25", "3/25"), (12, 1, 2)),
        (("0", "1/2", "1/2"), (0, 8, 7)),
    ],
)
def test_a3_portions_of_15_whole_units_by_largest_remainder(weights, expected):
    """The peer gives 13, 1, 1; and 1, 7, 7, one of them to who has a portion of nothing."""
    portions = [Fraction(weight) for weight in weights]
    rows = [
        ("use", None, n, str(int(p * 25 * 2))) for n, p in zip(NAMESPACES, portions, strict=True)
    ]
    sums = allotted([("shared", None, 15)], of("shared", "weighted", driver="use"), rows=rows)
    exact = {n: 15 * p for n, p in zip(NAMESPACES, portions, strict=True) if p}
    assert {n: Fraction(a) for n, a in sums.items()} == exact
    whole = published(sums, 0)
    assert tuple(whole.get(n, 0) for n in NAMESPACES) == expected
    assert sum(whole.values()) == 15


@pytest.mark.parametrize("share", [("50", "50", "50"), ("80", "20.1")])
def test_a3_portions_over_one_are_refused(share):
    shares = tuple((n, Decimal(p)) for n, p in zip(NAMESPACES, share, strict=False))
    with pytest.raises(ValueError, match="not between 0 and 100 %"):
        allotted([("shared", None, 15)], of("shared", "fixed", shares=shares))


@pytest.mark.parametrize(
    ("amount", "ratios", "expected"),
    [
        ("100.00", ("33.33", "33.33", "33.34"), ("33.33", "33.33", "33.34")),
        ("0.05", ("50", "50"), ("0.03", "0.02")),
    ],
)
def test_a5_ratios_of_an_analytic_distribution(amount, ratios, expected):
    shares = tuple((n, Decimal(r)) for n, r in zip(NAMESPACES, ratios, strict=False))
    sums = allotted([("shared", None, amount)], of("shared", "fixed", shares=shares))
    assert {n: Fraction(a) for n, a in sums.items()} == {
        n: Fraction(amount) * Fraction(r) / 100 for n, r in shares
    }
    cents = published(sums, 2)
    assert tuple(str(cents[n]) for n, _ in shares) == expected
