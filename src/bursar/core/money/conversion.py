"""Converting amounts between currencies, exactly, with the way stated (rules V1-V8).

A rate is a rational number, so nothing is rounded on the way: an inverse is exact, and so is a
rate that leads through the table's base. Rounding happens once, where an amount is printed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from bursar.core.money.amount import exact_text
from bursar.core.money.currency import is_currency, minor_digits
from bursar.core.money.rounding import round_half_up
from bursar.core.refusal import Refused

RATE_PLACES = 24
"""Digits after the point of a rate that a figure is converted at (rule V10)."""

MAX_AGE_DAYS = 5
"""A daily rate counts for its own day and for so many days after it."""

SHOWN_DIGITS = 2
"""Digits of a converted amount that is shown, or those of its minor unit where they are more."""


class MissingRate(Refused):
    """There is no rate between two currencies."""

    code = "fx.missing_rate"


class StaleRate(Refused):
    """The last rate on or before the day is older than the table allows."""

    code = "fx.stale_rate"


@dataclass(frozen=True)
class Quote:
    """One rate as it was published: so many units of `target` for one unit of `source`.

    A daily rate has no `end`; any other covers the days from `start` up to, not including, `end`.
    """

    source: str
    target: str
    rate: Fraction
    start: date
    end: date | None = None
    days: int = 0
    """How many published days a mean was taken over; 0 for a rate that was given."""


@dataclass(frozen=True)
class Leg:
    """One step of a conversion: the quote it used, and whether it was used the other way round."""

    quote: Quote
    inverse: bool

    @property
    def source(self) -> str:
        return self.quote.target if self.inverse else self.quote.source

    @property
    def target(self) -> str:
        return self.quote.source if self.inverse else self.quote.target

    @property
    def rate(self) -> Fraction:
        return 1 / self.quote.rate if self.inverse else self.quote.rate

    def to_json(self) -> dict[str, str]:
        """`{"from", "to", "rate", "date", "quoted"}`; `quoted` is the rate as it was published."""
        quote = self.quote
        told = {
            "from": self.source,
            "to": self.target,
            "rate": number_text(self.rate),
            "date": quote.start.isoformat(),
            "quoted": f"1 {quote.source} = {number_text(quote.rate)} {quote.target}",
        }
        if quote.end is not None:
            told["until"] = (quote.end - timedelta(days=1)).isoformat()
        return told | ({"mean_of_days": str(quote.days)} if quote.days else {})


@dataclass(frozen=True)
class Way:
    """How one currency becomes another: no leg for the same, one, or two through the base."""

    legs: tuple[Leg, ...]

    @property
    def rate(self) -> Fraction:
        rate = Fraction(1)
        for leg in self.legs:
            rate *= leg.rate
        return rate

    @property
    def figure_rate(self) -> Decimal:
        """The rate of figures, cut to a stated number of digits so that sums stay exact."""
        return round_half_up(self.rate, RATE_PLACES)


class RateBook:
    """Rates of one type, asked by pair and day; `base` joins pairs that have no quote."""

    def __init__(
        self, quotes: Iterable[Quote], *, base: str, max_age_days: int = MAX_AGE_DAYS
    ) -> None:
        self.base = base
        self.max_age_days = max_age_days
        series: dict[tuple[str, str], list[Quote]] = defaultdict(list)
        for quote in quotes:
            series[quote.source, quote.target].append(quote)
        self._series = {
            pair: sorted(found, key=lambda quote: quote.start) for pair, found in series.items()
        }
        self._starts = {pair: [q.start for q in found] for pair, found in self._series.items()}

    def way(self, source: str, target: str, day: date) -> Way:
        """The way from one currency to another on a day. Refusals: fx.missing_rate, fx.stale_rate.

        A quote of the pair itself goes before the way through the base (rule V3).
        """
        if source == target:
            return Way(())
        stale: list[Quote] = []
        lacking = (source, target)
        for pairs in self._candidates(source, target):
            legs = []
            for pair in pairs:
                leg = self._leg(pair, day)
                if leg is None:
                    lacking = pair
                    break
                if self._too_old(leg.quote, day):
                    stale.append(leg.quote)
                    break
                legs.append(leg)
            else:
                return Way(tuple(legs))
        raise self._refusal(source, target, day, lacking=lacking, stale=stale)

    def _candidates(self, source: str, target: str) -> Sequence[Sequence[tuple[str, str]]]:
        direct = [(source, target)]
        if self.base in (source, target):
            return [direct]
        return [direct, [(source, self.base), (self.base, target)]]

    def _leg(self, pair: tuple[str, str], day: date) -> Leg | None:
        """The newest quote that began by the day, of the pair or of its inverse."""
        plain, turned = self._newest(pair, day), self._newest((pair[1], pair[0]), day)
        if turned is not None and (plain is None or turned.start > plain.start):
            return Leg(turned, inverse=True)
        return Leg(plain, inverse=False) if plain is not None else None

    def _newest(self, pair: tuple[str, str], day: date) -> Quote | None:
        place = bisect_right(self._starts.get(pair, ()), day)
        return self._series[pair][place - 1] if place else None

    def _too_old(self, quote: Quote, day: date) -> bool:
        if quote.end is not None:
            return day >= quote.end
        return (day - quote.start).days > self.max_age_days

    def _refusal(
        self, source: str, target: str, day: date, *, lacking: tuple[str, str], stale: list[Quote]
    ) -> Refused:
        if not stale:
            return MissingRate(
                f"There is no rate from {source} to {target} on {day}: none of {lacking[0]} and "
                f"{lacking[1]} on or before that day. Import a table that has it, or set the rate."
            )
        last = max(stale, key=lambda quote: quote.start)
        allowed = (
            f"may be {self.max_age_days} days old at most"
            if last.end is None
            else f"covers no day after {last.end - timedelta(days=1)}"
        )
        return StaleRate(
            f"There is no rate from {source} to {target} on {day}: the last one of {last.source} "
            f"and {last.target} is of {last.start} and {allowed}. Import newer rates, or set one."
        )


def means(quotes: Iterable[Quote], start: date, end: date) -> list[Quote]:
    """The arithmetic mean of each pair's published days from `start` up to `end` (rule V6)."""
    found: dict[tuple[str, str], list[Fraction]] = defaultdict(list)
    for quote in quotes:
        if start <= quote.start < end:
            found[quote.source, quote.target].append(quote.rate)
    return [
        Quote(source, target, sum(rates, Fraction(0)) / len(rates), start, end, days=len(rates))
        for (source, target), rates in found.items()
    ]


def shown_amount(amount: Fraction, currency: str) -> Decimal:
    """A converted amount as it is shown, half away from zero (rule V8)."""
    minor = minor_digits(currency) if is_currency(currency) else SHOWN_DIGITS
    return round_half_up(amount, max(SHOWN_DIGITS, minor))


def number_text(value: Fraction) -> str:
    """All digits where the decimals end within 60 places, else so many as figures use."""
    below = value.denominator
    for prime in (2, 5):
        while below % prime == 0:
            below //= prime
    places = RATE_PLACES
    if below == 1:
        while places < 60 and 10**places % value.denominator:
            places += 1
    return exact_text(round_half_up(value, places))
