"""Dividing an amount: rules A1-A8 of docs/spec/allocation.md, against plain `Fraction`s."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.calc.allocation.split import split, split_exact

SIZES = [0, 1, 2, 10, 2**15, 2**31, 2**47, 2**48 + 1, 2**58, 2**60 + 1, 2**62, 2**63, 10**25]
magnitudes = st.sampled_from(SIZES).flatmap(lambda most: st.integers(0, most))
amounts = st.tuples(magnitudes, st.sampled_from([-1, 1])).map(lambda t: t[0] * t[1])
weights = st.lists(magnitudes, max_size=8)
mixed_weights = st.lists(amounts, max_size=8)
groups = st.lists(st.tuples(amounts, weights), max_size=8)
mixed_groups = st.lists(st.tuples(amounts, mixed_weights), max_size=8)


def by_fractions(amount, shares):
    """Rule A1 read aloud, sharing nothing with the code under test."""
    whole = sum(shares)
    if whole == 0:
        return [0 for _ in shares]
    cuts = [0]
    for count in range(1, len(shares) + 1):
        exact = Fraction(abs(amount) * sum(shares[:count]), whole)
        cuts.append((exact + Fraction(1, 2)).__floor__())
    return [(b - a) * (1 if amount >= 0 else -1) for a, b in pairwise(cuts)]


def split_groups(given_groups):
    offsets = np.cumsum([0, *(len(shares) for _, shares in given_groups)])
    found = split(
        [amount for amount, _ in given_groups],
        offsets,
        [weight for _, shares in given_groups for weight in shares],
    )
    flows = [found.flows[a:b].tolist() for a, b in pairwise(offsets)]
    return flows, found.undistributed.tolist()


@given(groups)
def test_a1_flows_are_the_differences_of_rounded_running_totals(given_groups):
    flows, _ = split_groups(given_groups)
    assert flows == [by_fractions(amount, shares) for amount, shares in given_groups]


@given(mixed_groups)
def test_a6_weights_of_both_signs_still_add_up(given_groups):
    flows, undistributed = split_groups(given_groups)
    assert flows == [by_fractions(amount, shares) for amount, shares in given_groups]
    for (amount, shares), found, lost in zip(given_groups, flows, undistributed, strict=True):
        assert sum(found) == (amount if sum(shares) else 0)
        assert lost == (amount != 0 and not sum(shares))


@given(groups)
def test_a2_credits_mirror_charges(given_groups):
    flows, _ = split_groups(given_groups)
    credits, _ = split_groups([(-amount, shares) for amount, shares in given_groups])
    assert credits == [[-flow for flow in found] for found in flows]


@given(groups)
def test_a3_nothing_for_nothing_and_never_below_zero(given_groups):
    flows, _ = split_groups([(abs(amount), shares) for amount, shares in given_groups])
    for (_, shares), found in zip(given_groups, flows, strict=True):
        assert all(flow >= 0 for flow in found)
        assert all(flow == 0 for flow, weight in zip(found, shares, strict=True) if not weight)


@given(groups)
def test_a5_what_finds_no_weight_is_reported(given_groups):
    flows, undistributed = split_groups(given_groups)
    for (amount, shares), found, lost in zip(given_groups, flows, undistributed, strict=True):
        assert lost == (amount != 0 and not any(shares))
        assert sum(found) + (amount if lost else 0) == (amount if lost or any(shares) else 0)


@given(amounts, mixed_weights)
def test_a8_the_plain_rule_agrees_with_fractions(amount, shares):
    assert split_exact(amount, shares) == by_fractions(amount, shares)


@pytest.mark.parametrize("near", [2**48, 2**53, 2**61, 2**62, 2**63, 10**30])
@pytest.mark.parametrize("heavy", [1, 2**24, 2**31, 2**40, 2**46, 2**57, 2**59])
def test_a7_bounds_of_the_array_kernel(near, heavy):
    given_groups = [
        (sign * (near + step), [heavy, heavy - 1, 0, 1, heavy, 3])
        for step in range(-3, 4)
        for sign in (-1, 1)
    ]
    flows, _ = split_groups(given_groups)
    assert flows == [by_fractions(amount, shares) for amount, shares in given_groups]


def test_a7_exact_halves_and_their_neighbours():
    given_groups = [
        (amount, [weight, whole - weight])
        for whole in (2, 2**20, 2**47, 2**48, 3 * 2**40, 2**48 - 1, 2**55 + 2, 2**60, 2**60 - 1)
        for amount in (1, 3, 2**47 - 1, 2**48 - 1, 2**48, 2**60 - 1, 2**60, 2**60 + 1)
        for weight in (1, whole // 2, whole // 2 + 1, whole - 1)
    ]
    flows, _ = split_groups(given_groups)
    assert flows == [by_fractions(amount, shares) for amount, shares in given_groups]


@pytest.mark.parametrize("edges", [1, 1_000, 32_768, 32_769, 1_000_000])
@pytest.mark.parametrize("most", [10**6, 2**62 - 1, 10**27])
def test_conservation_and_exactness_at_size(edges, most):
    rng = np.random.default_rng(edges)
    count = max(1, edges // 7)
    offsets = np.concatenate([[0], np.sort(rng.integers(0, edges + 1, count - 1)), [edges]])
    shares = rng.integers(0, 1000, edges)
    scale = most // (10**6)
    charged = [int(n) * scale + 1 for n in rng.integers(-(10**6), 10**6, count)]
    found = split(charged, offsets, shares)
    sums = np.add.accumulate(np.concatenate([[0], found.flows.astype(object)]))[offsets]
    moved = np.diff(sums)
    expected = np.where(found.undistributed | (np.diff(offsets) == 0), 0, charged)
    assert (moved == expected).all()
    for group in rng.integers(0, count, 20):
        owned = slice(offsets[group], offsets[group + 1])
        if offsets[group + 1] - offsets[group] < 200:
            assert found.flows[owned].tolist() == by_fractions(
                charged[group], shares[owned].tolist()
            )


def test_one_group_of_a_million():
    shares = np.arange(1_000_000)
    found = split(np.array([10**15 + 7]), np.array([0, 1_000_000]), shares)
    assert found.flows.dtype == np.int64
    assert int(found.flows.sum()) == 10**15 + 7
    assert found.flows[:2_000].tolist() == by_fractions_prefix(10**15 + 7, shares, 2_000)


def by_fractions_prefix(amount, shares, count):
    whole, running, cuts = int(shares.sum()), 0, [0]
    for weight in shares[:count].tolist():
        running += weight
        cuts.append((Fraction(amount * running, whole) + Fraction(1, 2)).__floor__())
    return [b - a for a, b in pairwise(cuts)]


def test_floats_and_torn_offsets_are_no_input():
    with pytest.raises(TypeError, match="integers"):
        split(np.array([1.0]), np.array([0, 1]), np.array([1]))
    for offsets in ([0], [0, 2], [1, 1]):
        with pytest.raises(ValueError, match="offsets"):
            split([1], np.array(offsets), [1])
    with pytest.raises(ValueError, match="fall"):
        split([1, 1, 1], np.array([0, 2, 1, 2]), [1, 1])
    assert split([], np.array([0]), []).flows.tolist() == []
