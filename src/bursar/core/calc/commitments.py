"""Who bears what a commitment saves and what of it nobody used (rules CP1-CP6).

Amounts are exact decimals in main units; what is moved within one book adds up to zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bursar.core.calc.allocation.split import split_exact
from bursar.core.calc.clusters.splitting import scale_of
from bursar.core.money.amount import EXACT, exact_sum, places_of

USERS, PURCHASER, CENTRAL, SHARED = "users", "purchaser", "central", "shared"
POLICIES = (USERS, PURCHASER, CENTRAL, SHARED)
PRICE, SAVING, SHARING, UNUSED = "price", "saving", "sharing", "unused"


@dataclass(frozen=True)
class Part:
    """Lines of a bill that agree in all that matters, summed, in one book."""

    effective: Decimal
    contracted: Decimal | None
    status: str | None
    """Used or Unused of the commitment; None where no commitment covered it."""

    @property
    def takes_part(self) -> bool:
        """Whether it weighs where a commitment is shared (rule CP4)."""
        return self.status != "Unused" and self.contracted is not None and self.contracted > 0


@dataclass(frozen=True)
class Move:
    """An amount beside a part, or at the home where `place` is None."""

    place: int | None
    kind: str
    amount: Decimal


def moves(parts: Sequence[Part], policy: str) -> list[Move]:
    """What a policy adds to one book; the amounts add up to zero."""
    if policy in (PURCHASER, CENTRAL):
        found = list(_with_home(parts))
    elif policy == SHARED:
        found = list(_shared(parts))
    else:
        found = []
    return [move for move in found if move.amount]


def _with_home(parts: Sequence[Part]) -> Iterator[Move]:
    """Contracted prices for who was covered, the rest at the home (rules CP3 and CP5)."""
    saved, unused = [], []
    for place, part in enumerate(parts):
        if part.status == "Used" and part.contracted is not None:
            more = EXACT.subtract(part.contracted, part.effective)
            saved.append(more)
            yield Move(place, PRICE, more)
        elif part.status == "Unused":
            unused.append(part.effective)
            yield Move(place, UNUSED, EXACT.minus(part.effective))
    yield Move(None, SAVING, EXACT.minus(exact_sum(saved)))
    yield Move(None, UNUSED, exact_sum(unused))


def _shared(parts: Sequence[Part]) -> Iterator[Move]:
    """The same part of its contracted price for everybody (rules CP4 and CP5)."""
    places = [place for place, part in enumerate(parts) if part.takes_part]
    if not any(parts[place].status == "Used" for place in places):
        return
    weights = _whole([parts[place].contracted or Decimal(0) for place in places])
    own = [parts[place].effective for place in places]
    for place, mine, share in zip(places, own, _divided(exact_sum(own), weights), strict=True):
        yield Move(place, SHARING, EXACT.subtract(share, mine))
    unused = [
        (place, part.effective) for place, part in enumerate(parts) if part.status == "Unused"
    ]
    for place, amount in unused:
        yield Move(place, UNUSED, EXACT.minus(amount))
    whole = exact_sum(amount for _, amount in unused)
    for place, share in zip(places, _divided(whole, weights), strict=True):
        yield Move(place, UNUSED, share)


def _whole(amounts: Sequence[Decimal]) -> list[int]:
    """The amounts as whole numbers of their last digit."""
    places = max(places_of(amount) for amount in amounts)
    return [int(amount.scaleb(places, context=EXACT)) for amount in amounts]


def _divided(amount: Decimal, weights: Sequence[int]) -> list[Decimal]:
    scale = scale_of([amount])
    flows = split_exact(int(amount.scaleb(scale, context=EXACT)), weights)
    return [Decimal(flow).scaleb(-scale, context=EXACT) for flow in flows]
