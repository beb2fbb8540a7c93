"""Who used an AI model, weighed for the split of its bill (rules K14-K17)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase

from bursar.core.calc.clusters.weights import Element
from bursar.core.tables.ai_usage import TOKEN_CLASSES

PRICE_PLACES = 8
_STANDS_FOR = {"cached": "input", "cache_write": "input", "reasoning": "output"}
"""Whose price a class takes that has none of its own."""

_CLASS_WORDS = (
    ("cache_write", ("cachewrite", "cachecreation", "writetocache")),
    ("cached", ("cached", "cacheread", "cachehit")),
    ("reasoning", ("reasoning", "thinking")),
    ("output", ("output", "completion", "generated")),
    ("input", ("input", "prompt", "context")),
)
_VERSION = re.compile(r"(?:[-@:_](?:latest|preview|v\d+(?::\d+)?|\d{4}-?\d{2}-?\d{2}))+$")
Prices = Mapping[tuple[str, str], Decimal]
"""(model or pattern, token class) → list price of a million tokens."""


@dataclass(frozen=True)
class ModelUse:
    """What one principal of one team asked of one model, by token class."""

    principal: str
    team: str
    provider: str
    model: str
    tokens: tuple[int, ...]
    requests: int


@dataclass(frozen=True)
class AiWeight:
    """One part of a split: tokens of one class of one principal and model."""

    principal: str
    team: str
    model: str
    token_class: str
    tokens: int
    elements: tuple[Element, ...]

    @property
    def weight(self) -> int:
        return sum(element.weight for element in self.elements)


def plain(text: str) -> str:
    """Letters and digits only, so that spellings of one name compare."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def base_name(model: str) -> str:
    """A model without provider before and version or date after its name."""
    bare = model.lower().rsplit("/", 1)[-1]
    bare = re.sub(r"^(?:[a-z]{2}\.)?[a-z0-9]+\.(?=[a-z])", "", bare)
    return plain(_VERSION.sub("", bare))


def models_named(text: str, models: Iterable[str]) -> set[str]:
    """The models whose name stands in the text; the longest name decides."""
    told = plain(text)
    named = [(len(base), model) for model in models if (base := base_name(model)) in told and base]
    longest = max((length for length, _ in named), default=0)
    return {model for length, model in named if length == longest}


def class_named(text: str) -> str | None:
    """The token class that a text speaks of."""
    told = plain(text)
    return next((name for name, words in _CLASS_WORDS if any(w in told for w in words)), None)


def price_of(model: str, token_class: str, prices: Prices) -> Decimal | None:
    """The list price of a class, its own or that of the class it belongs to."""
    for name in (token_class, _STANDS_FOR.get(token_class)):
        fitting = [
            (len(pattern), price)
            for (pattern, of_class), price in prices.items()
            if of_class == name and (pattern == model or fnmatchcase(model, pattern))
        ]
        if fitting:
            return max(fitting)[1]
    return None


def ai_weights(
    uses: Iterable[ModelUse], prices: Prices, *, token_class: str | None = None
) -> tuple[str, list[AiWeight]]:
    """The method, and the parts: tokens by price, else tokens, else requests.

    Where a class is named, only its tokens count, unless nobody used any of it.
    """
    ordered = sorted(uses, key=lambda u: (u.principal, u.team, u.model, u.provider))
    counted = _counted(ordered, token_class) or _counted(ordered, None)
    if not counted:
        return "requests", [
            AiWeight(u.principal, u.team, u.model, "", 0,
                     (Element("Requests", u.requests, u.requests),))
            for u in ordered
            if u.requests
        ]  # fmt: skip
    known = [price_of(use.model, name, prices) for use, name, _ in counted]
    by_price = all(price is not None for price in known) and any(known)
    weights = [
        AiWeight(
            use.principal, use.team, use.model, name, tokens,
            (Element("Tokens", tokens, tokens * (_units(price) if by_price else 1)),),
        )
        for (use, name, tokens), price in zip(counted, known, strict=True)
    ]  # fmt: skip
    return ("price" if by_price else "tokens"), [w for w in weights if w.weight]


def _counted(uses: Sequence[ModelUse], token_class: str | None) -> list[tuple[ModelUse, str, int]]:
    return [
        (use, name, tokens)
        for use in uses
        for name, tokens in zip(TOKEN_CLASSES, use.tokens, strict=True)
        if tokens and token_class in (None, name)
    ]


def _units(price: Decimal | None) -> int:
    return int((price or Decimal(0)).scaleb(PRICE_PLACES))
