"""By which rule a pool's charges can have come about: candidates in a fixed order (LM14-LM19)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from bursar.core.calc.learning.facts import Figure, Vector
from bursar.core.calc.learning.flows import equal
from bursar.core.money.amount import EXACT, exact_sum, exact_text, places_of
from bursar.core.money.rounding import round_half_up

KINDS = ("direct", "even", "fixed", "weighted", "product", "rate", "read_off")
"""From the simplest on: what comes first is proposed where several reproduce equally much."""
MOST_MULTIPLIED = 120
"""Columns and rows of numbers of which each two are tried as a product."""
CENTS = 2
_HUNDRED = Decimal(100)
_PRICE_PLACES = 4


@dataclass(frozen=True)
class Explanation:
    """One way to come to a pool's lines. `weights` are quantities, for fixed percentages.

    `exact` lines are the same to the cent, `near` differ by one cent; `lines` are all that either
    the workbook or the rule has. `capacity` is more than the weights' sum where the driver counts
    others too; `price` belongs to a rate.
    """

    kind: str
    says: str
    weights: Mapping[str, Decimal]
    sources: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    capacity: Decimal | None = None
    price: Decimal | None = None
    exact: int = 0
    near: int = 0
    lines: int = 0
    money: Fraction = Fraction(0)
    """What of the charged amounts it reproduces."""
    ratio: Fraction | None = None
    """Charged in proportion to the weights, but so much of the cost."""

    @property
    def complete(self) -> bool:
        return self.exact + self.near == self.lines

    @property
    def rank(self) -> tuple[Fraction, int]:
        return -self.money, KINDS.index(self.kind)


@dataclass(frozen=True)
class Pool:
    """What has to be explained: a giver's cost, its lines, and whom it could have charged."""

    name: str
    amount: Fraction
    lines: Mapping[str, Figure]
    open_to: tuple[str, ...]


@dataclass
class Sources:
    """The figures of the workbook that rules can be made of, in the workbook's order."""

    vectors: Sequence[Vector]
    _products: list[tuple[Vector, Vector]] = field(default_factory=list)

    def __post_init__(self) -> None:
        plain = [v for v in self.vectors if not v.total][:MOST_MULTIPLIED]
        self._products = list(combinations(plain, 2))

    @property
    def products(self) -> Sequence[tuple[Vector, Vector]]:
        return self._products

    def prices(self, pool: str) -> Iterator[tuple[Decimal, str]]:
        """Typed numbers that stand beside the pool's name."""
        for vector in self.vectors:
            figure = vector.figures.get(pool)
            if figure is not None and not figure.made and figure.amount > 0:
                yield figure.amount, f"{vector.name} ({figure.places[0]})"


def explanations(pool: Pool, sources: Sources) -> list[Explanation]:
    """Every way that reproduces at least half of the lines, the best and simplest first.

    Where there is none: charges in proportion to something, then shares read off the charges.
    """
    tried = [_measured(pool, one) for one in _candidates(pool, sources)]
    good = [one for one in tried if _is_good(one)]
    if good:
        best = max(one.money for one in good)
        return sorted((one for one in good if one.money == best), key=lambda one: one.rank)
    near = [p for one in tried if one.kind != "rate" and (p := _in_proportion(pool, one))]
    if near:
        return sorted(near, key=lambda one: KINDS.index(one.kind))
    return [one for one in _read_off(pool) if one.complete]


def _is_good(one: Explanation) -> bool:
    same = one.exact + one.near
    return same * 2 >= one.lines and (same > 1 or one.lines == 1) and one.money > 0


def _candidates(pool: Pool, sources: Sources) -> Iterator[Explanation]:
    charged = [name for name in pool.open_to if name in pool.lines]
    if len(charged) == 1:
        yield Explanation("direct", f"all to {charged[0]}", {charged[0]: Decimal(1)})
    if len(charged) > 1:
        said = "evenly over everybody" if len(charged) == len(pool.open_to) else (
            f"evenly over {', '.join(charged)}"
        )  # fmt: skip
        yield Explanation("even", said, dict.fromkeys(charged, Decimal(1)))
    for vector in sources.vectors:
        yield from _of_vector(pool, vector, charged)
    for one, other in sources.products:
        weights = {
            name: EXACT.multiply(one.figures[name].amount, other.figures[name].amount)
            for name in charged
            if name in one.figures and name in other.figures
        }
        if len(weights) == len(charged) > 1 and all(w > 0 for w in weights.values()):
            yield Explanation(
                "product", f"by {one.name} times {other.name}", weights,
                (one.name, other.name), (one.where, other.where),
            )  # fmt: skip


def _of_vector(pool: Pool, vector: Vector, charged: Sequence[str]) -> Iterator[Explanation]:
    """Shares or a driver: over all whom the pool may charge, over those it charged, and over
    others too."""
    found = {n: vector.figures[n].amount for n in pool.open_to if n in vector.figures}
    weights = {name: amount for name, amount in found.items() if amount}
    if not weights or any(w < 0 for w in weights.values()):
        return
    if any(name not in weights for name in charged) or len(vector.figures) < 2:
        return
    where = (vector.where,)
    percent = _percent(vector, weights)
    if percent is not None:
        yield Explanation("fixed", f"by the shares {vector.name}", percent, (vector.name,), where)
    by = f"by {vector.name}"
    yield Explanation("weighted", by, weights, (vector.name,), where)
    if len(weights) > len(charged):
        only = {name: weights[name] for name in charged}
        said = f"{by}, among those who are charged"
        yield Explanation("weighted", said, only, (vector.name,), where)
    everybody = exact_sum(f.amount for f in vector.figures.values() if f.amount > 0)
    if everybody > exact_sum(weights.values()) and percent is None:
        others = [n for n, f in vector.figures.items() if n not in weights and f.amount > 0]
        said = f"{by}, of which {', '.join(others)} pays nothing"
        yield Explanation("weighted", said, weights, (vector.name,), where, everybody)


def _percent(vector: Vector, weights: Mapping[str, Decimal]) -> dict[str, Decimal] | None:
    """Typed shares in percent, where they look like shares and are at most 100 in all."""
    if not vector.typed or vector.total:
        return None
    total = exact_sum(f.amount for f in vector.figures.values())
    for full in (Decimal(1), _HUNDRED):
        if abs(total - full) <= full / 10 and exact_sum(weights.values()) <= full:
            factor = _HUNDRED / full
            return {name: EXACT.multiply(w, factor) for name, w in weights.items()}
    return None


def expected(pool: Pool, one: Explanation) -> dict[str, Fraction]:
    """What the rule charges, exactly."""
    if one.price is not None:
        return {n: Fraction(one.price) * Fraction(w) for n, w in one.weights.items()}
    if one.kind in ("fixed", "read_off"):
        full = Fraction(100)
    else:
        full = Fraction(one.capacity or exact_sum(one.weights.values()))
    return {name: pool.amount * Fraction(w) / full for name, w in one.weights.items()}


def _measured(pool: Pool, one: Explanation) -> Explanation:
    """The same with what it reproduces."""
    due = expected(pool, one)
    exact, near, money = 0, 0, Fraction(0)
    names = {*due, *pool.lines}
    for name in names:
        line = pool.lines.get(name)
        amount = Fraction(line.amount) if line else Fraction(0)
        off = abs(cents(due.get(name, Fraction(0))) - cents(amount))
        exact, near = exact + (off == 0), near + (off == 1)
        money += abs(amount) if off <= 1 else 0
    return _with(one, exact=exact, near=near, lines=len(names), money=money)


def _with(one: Explanation, **changed: Any) -> Explanation:
    return replace(one, **changed)


def cents(amount: Fraction | Decimal) -> int:
    """Whole cents, half away from zero (rule M7)."""
    return int(round_half_up(Fraction(amount), CENTS).scaleb(CENTS))


def rates(pool: Pool, sources: Sources) -> list[Explanation]:
    """Rate times quantity, where the price stands in the workbook beside the pool's name."""
    found = []
    charged = list(pool.lines)
    for vector in sources.vectors:
        weights = {n: vector.figures[n].amount for n in charged if n in vector.figures}
        if vector.total or len(weights) < len(charged) or not all(w > 0 for w in weights.values()):
            continue
        largest = max(charged, key=lambda name: weights[name])
        price = Fraction(pool.lines[largest].amount) / Fraction(weights[largest])
        for written, source in sources.prices(pool.name):
            off = abs(Fraction(written) - price) * Fraction(weights[largest])
            if off > Fraction(1, 100) or places_of(written) > _PRICE_PLACES:
                continue
            said = f"{exact_text(written)} for each of {vector.name}"
            one = Explanation(
                "rate", said, weights, (vector.name, source), (vector.where,), price=written
            )
            measured = _measured(pool, one)
            if _is_good(measured):
                found.append(measured)
    return found


def _in_proportion(pool: Pool, one: Explanation) -> Explanation | None:
    """Charged by these weights, but more or less than the cost."""
    names = list(pool.lines)
    if one.kind == "direct" or set(one.weights) != set(names) or not pool.amount:
        return None
    charged = sum((Fraction(line.amount) for line in pool.lines.values()), Fraction(0))
    total = sum((Fraction(w) for w in one.weights.values()), Fraction(0))
    fits = all(
        equal(charged * Fraction(one.weights[n]) / total, pool.lines[n].amount, 2) for n in names
    )
    return _with(one, ratio=charged / pool.amount) if fits else None


def _read_off(pool: Pool) -> Iterator[Explanation]:
    """Percentages that the charges themselves show: round ones, of an amount that tells."""
    if not pool.amount:
        return
    for places in (0, 1, 2):
        if abs(pool.amount) < 100 * 10**places:
            return  # any amounts this small have such percentages
        percent = {
            name: round_half_up(Fraction(line.amount) * 100 / pool.amount, places)
            for name, line in pool.lines.items()
        }
        if exact_sum(percent.values()) == _HUNDRED and all(p > 0 for p in percent.values()):
            said = "by shares that stand nowhere; they are read off the charges"
            yield _measured(pool, Explanation("read_off", said, percent))
