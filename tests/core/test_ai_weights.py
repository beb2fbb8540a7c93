"""Weighing AI use: rules K15 and K16, by plain `Fraction`s."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.calc.ai_use import (
    ModelUse,
    ai_weights,
    base_name,
    class_named,
    models_named,
    price_of,
)
from bursar.core.calc.clusters.splitting import split_line
from bursar.core.money.amount import exact_sum
from bursar.core.tables.ai_usage import TOKEN_CLASSES

PRICES = {("gpt-5", "input"): Decimal("1.25"), ("gpt-5", "output"): Decimal(10),
          ("gpt-5", "cached"): Decimal("0.125"), ("small*", "input"): Decimal("0.1")}  # fmt: skip
number = st.integers(0, 10**12)
uses = st.lists(
    st.builds(
        ModelUse,
        st.sampled_from(["p-1", "p-2"]),
        st.sampled_from(["", "search"]),
        st.just("openai"),
        st.sampled_from(["gpt-5", "small-1"]),
        st.tuples(*[number] * len(TOKEN_CLASSES)),
        st.integers(0, 1000),
    ),
    max_size=6,
)


@given(uses, st.sampled_from([None, *TOKEN_CLASSES]), st.decimals(-(10**6), 10**6, places=6))
def test_parts_add_up(found, token_class, amount) -> None:
    _, weights = ai_weights(found, PRICES, token_class=token_class)
    shares = split_line({"billed": amount}, weights, scale=10)
    assert exact_sum(share.amounts["billed"] for share in shares) == amount
    ratios = [ratio for share in shares for ratio in share.ratios]
    assert not ratios or sum(ratios) == 1


@given(uses, st.randoms())
def test_order_does_not_matter(found, chance) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    one, two = ai_weights(found, PRICES), ai_weights(shuffled, PRICES)
    assert one[0] == two[0]
    assert sorted(map(repr, one[1])) == sorted(map(repr, two[1]))


def use(model: str, *tokens: int, requests: int = 1, principal: str = "p-1") -> ModelUse:
    return ModelUse(principal, "", "", model, (*tokens, *[0] * (5 - len(tokens))), requests)


def test_classes_weigh_by_their_price() -> None:
    """1,000 tokens each: input 1.25, cached 0.125, output 10, reasoning as output."""
    method, weights = ai_weights([use("gpt-5", 1000, 1000, 0, 1000, 1000)], PRICES)
    whole = sum(w.weight for w in weights)
    shares = {w.token_class: Fraction(w.weight, whole) for w in weights}
    total = Fraction("1.25") + Fraction("0.125") + 10 + 10
    assert method == "price"
    assert shares == {
        "input": Fraction("1.25") / total,
        "cached": Fraction("0.125") / total,
        "output": 10 / total,
        "reasoning": 10 / total,
    }


def test_without_a_price_of_all_that_was_used_tokens_weigh() -> None:
    method, weights = ai_weights([use("gpt-5", 3), use("unknown", 1, principal="p-2")], PRICES)
    assert (method, [w.weight for w in weights]) == ("tokens", [3, 1])


def test_without_tokens_requests_weigh() -> None:
    method, weights = ai_weights([use("image", requests=3), use("image", requests=0)], PRICES)
    assert (method, [w.weight for w in weights]) == ("requests", [3])


def test_a_class_that_nobody_used_falls_back_to_all() -> None:
    _, weights = ai_weights([use("gpt-5", 5)], {}, token_class="output")
    assert [(w.token_class, w.tokens) for w in weights] == [("input", 5)]


@pytest.mark.parametrize(
    ("model", "base"),
    [
        ("openai/gpt-5", "gpt5"),
        ("claude-sonnet-4-20250514", "claudesonnet4"),
        ("gpt-4o-2024-08-06", "gpt4o"),
        ("us.anthropic.claude-x-1-v1:0", "claudex1"),
        ("gpt-5-latest", "gpt5"),
    ],
)
def test_a_models_name_without_version_and_provider(model: str, base: str) -> None:
    assert base_name(model) == base


def test_the_longest_name_decides() -> None:
    models = {"gpt-5", "gpt-5-mini", "other"}
    assert models_named("GPT-5 mini input tokens", models) == {"gpt-5-mini"}
    assert models_named("GPT 5 output", models) == {"gpt-5"}
    assert models_named("Subscription", models) == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("cached input tokens", "cached"),
        ("Cache Write", "cache_write"),
        ("completion", "output"),
        ("Prompt tokens", "input"),
        ("reasoning output", "reasoning"),
        ("seats", None),
    ],
)
def test_classes_by_name(text: str, name: str | None) -> None:
    assert class_named(text) == name


def test_prices_by_pattern_and_by_kin() -> None:
    assert price_of("small-1", "cached", PRICES) == Decimal("0.1")
    assert price_of("gpt-5", "reasoning", PRICES) == Decimal(10)
    assert price_of("other", "input", PRICES) is None
