"""Splitting a cluster's cost: rules K1-K3, K5-K8 of docs/spec/clusters.md, by plain `Fraction`s."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.calc.clusters.policy import Policy
from bursar.core.calc.clusters.splitting import Share, scale_of, split_line
from bursar.core.calc.clusters.weights import Use, Weight, merged, node_weights, volume_weights
from bursar.core.money.amount import exact_sum

counts = st.integers(0, 10**22)
uses = st.lists(
    st.builds(
        Use,
        st.sampled_from(["shop", "web", "kube-system", "openshift-dns"]),
        st.sampled_from(["", '{"app": "a"}', '{"app": "b"}']),
        counts,
        counts,
        counts,
    ),
    max_size=6,
)
policies = st.builds(
    Policy,
    st.sampled_from(["cpu", "memory", "blend"]),
    st.decimals(0, 1, places=4),
    st.sampled_from(["keep", "share"]),
)
money = st.decimals(-(10**9), 10**9, places=12)


def total(shares: list[Share], basis: str = "billed") -> Decimal:
    return exact_sum(share.amounts[basis] or Decimal(0) for share in shares)


def billed(amount: Decimal) -> dict[str, Decimal | None]:
    return {"billed": amount, "list": None}


@given(uses, policies, counts, counts, money)
def test_parts_add_up_whatever_was_used(found, policy, cpu, memory, amount) -> None:
    """Rules K1 and K2: conservation, also of credits, and nothing stated where nothing was."""
    weights = node_weights(found, policy, cpu_capacity=cpu, memory_capacity=memory)
    shares = split_line(billed(amount), weights, scale=12)
    assert total(shares) == amount
    assert {share.amounts["list"] for share in shares} == {None}
    again = split_line(billed(-amount), weights, scale=12)
    assert [s.amounts["billed"] for s in again] == [-s.amounts["billed"] for s in shares]
    ratios = [ratio for share in shares for ratio in share.ratios]
    assert not ratios or sum(ratios) == 1


@given(uses, policies, counts, counts, st.randoms())
def test_order_does_not_matter(found, policy, cpu, memory, chance) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    capacities = {"cpu_capacity": cpu, "memory_capacity": memory}
    one, two = (node_weights(each, policy, **capacities) for each in (found, shuffled))
    assert one == two
    assert volume_weights(found, policy) == volume_weights(shuffled, policy)


@given(uses, policies, st.integers(1, 10**22), st.integers(1, 10**22))
def test_weights_are_the_fractions_of_the_node(found, policy, cpu, memory) -> None:
    """Rule K3, read aloud with fractions that share nothing with the code under test."""
    weights = node_weights(found, policy, cpu_capacity=cpu, memory_capacity=memory)
    whole = sum(weight.weight for weight in weights)
    cores = {"cpu": Fraction(1), "memory": Fraction(0), "blend": Fraction(policy.cpu_share)}
    parts = {"cpu": cores[policy.driver], "memory": 1 - cores[policy.driver]}
    sums = {name: sum(getattr(use, name) for use in found) for name in parts}
    divisors = {"cpu": cpu, "memory": memory} if policy.idle == "keep" else sums
    counting = {name for name, part in parts.items() if part and divisors[name]}
    if not counting:
        assert weights == []
        return
    scale = sum(parts[name] for name in counting)
    expected = {
        (use.namespace, use.labels): sum(
            parts[name] / scale * Fraction(getattr(use, name), divisors[name]) for name in counting
        )
        for use in merged(found)
    }
    got = {(w.namespace, w.labels): Fraction(w.weight, whole) for w in weights if w.part != "idle"}
    assert got == {key: share for key, share in expected.items() if share}
    idle = sum((Fraction(w.weight, whole) for w in weights if w.part == "idle"), Fraction(0))
    assert idle == 1 - sum(expected.values())


def test_nothing_measured_leaves_the_line_unattributed() -> None:
    """Oracle A2: a driver of zero loses no cost (rule K9)."""
    nobody = [Use("a", ""), Use("b", "")]
    (share,) = split_line(billed(Decimal(100)), node_weights(nobody, Policy()), scale=12)
    assert (share.weight.part, share.amounts["billed"]) == ("unattributed", Decimal(100))


def test_a_node_that_nobody_used_is_idle() -> None:
    weights = node_weights([], Policy(), cpu_capacity=7200, memory_capacity=8)
    (share,) = split_line(billed(Decimal("0.096")), weights, scale=12)
    assert (share.weight.part, share.amounts["billed"]) == ("idle", Decimal("0.096"))


def test_more_used_than_there_is_makes_idle_negative() -> None:
    """Oracle A2: negative idle is shown, never clamped (rule K5)."""
    weights = node_weights([Use("a", "", 15)], Policy("cpu"), cpu_capacity=10)
    shares = split_line(billed(Decimal(100)), weights, scale=10)
    assert {s.weight.part: s.amounts["billed"] for s in shares} == {
        "workload": Decimal(150),
        "idle": Decimal(-50),
    }


def test_platform_namespaces_are_told_apart() -> None:
    """Rule K6."""
    found = [Use(name, "", 1) for name in ("openshift", "openshift-dns", "kube-system", "kubed")]
    parts = {w.namespace: w.part for w in node_weights(found, Policy("cpu"))}
    assert parts == {
        "openshift": "platform",
        "openshift-dns": "platform",
        "kube-system": "platform",
        "kubed": "workload",
    }


def test_a_volume_goes_to_its_claims() -> None:
    """Rule K7."""
    found = [Use("a", "", storage=3), Use("b", "", storage=1), Use("c", "")]
    shares = split_line(billed(Decimal(1)), volume_weights(found, Policy()), scale=10)
    assert [(s.weight.namespace, s.amounts["billed"]) for s in shares] == [
        ("a", Decimal("0.75")),
        ("b", Decimal("0.25")),
    ]


def test_ratios_name_every_measure_and_add_up_to_one() -> None:
    """Rule K8, for three parts of a third each."""
    found = [Use(name, "", 1, 1) for name in "abc"]
    shares = split_line(billed(Decimal(1)), node_weights(found, Policy()), scale=10)
    assert sum(r for s in shares for r in s.ratios) == 1
    assert [e.unit for e in shares[0].weight.elements] == ["Core-Seconds", "Byte-Seconds"]
    assert shares[0].ratios == (Decimal("0.243333333333"), Decimal("0.09"))


# Oracle A1: direct cost of three namespaces on two clusters, idle 20 (CPU 5, RAM 15) and 10 (5, 5).
DIRECT = {
    1: {"ns1": (3, 13), "ns2": (3, 3)},
    2: {"ns2": (3, 3), "ns3": (3, 3)},
}
OTHER = {"ns1": 28 - 16, "ns2": 36 - 12, "ns3": 18 - 6}
IDLE_COST = {1: (5, 15), 2: (5, 5)}


def test_idle_by_resource_shared_with_those_who_used_it() -> None:
    """Oracle A1 3a: 42.6875, 46.3125 and 23.0000, which sum to 112."""
    got = {name: Decimal(amount) for name, amount in OTHER.items()}
    for cluster, namespaces in DIRECT.items():
        costs = [
            sum(use[place] for use in namespaces.values()) + IDLE_COST[cluster][place]
            for place in (0, 1)
        ]
        for driver, cost in zip(("cpu", "memory"), costs, strict=True):
            found = [Use(name, "", *use) for name, use in namespaces.items()]
            weights = node_weights(
                found, Policy(driver, idle="share"), cpu_capacity=99, memory_capacity=99
            )
            for share in split_line(billed(Decimal(cost)), weights, scale=10):
                got[share.weight.namespace] += share.amounts["billed"] or 0
    assert got == {"ns1": Decimal("42.6875"), "ns2": Decimal("46.3125"), "ns3": Decimal("23.0000")}
    assert sum(got.values()) == 112


@pytest.mark.parametrize(
    ("amounts", "scale"),
    [(["0.1", None], 10), (["0.1234567890123"], 13), (["1e-24", "5"], 24), ([None], 10)],
)
def test_the_last_digit_that_a_split_keeps(amounts: list[str | None], scale: int) -> None:
    assert scale_of(None if a is None else Decimal(a) for a in amounts) == scale


def test_a_weight_without_elements_weighs_nothing() -> None:
    assert Weight("idle", "", "", ()).weight == 0
