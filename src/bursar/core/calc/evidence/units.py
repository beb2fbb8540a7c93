"""An evidence as matching sees it: some lines of one source that together mean one sum of money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bursar.core.money.amount import EXACT, exact_text
from bursar.core.money.currency import minor_digits
from bursar.core.money.rounding import round_half_up

LEVELS = ("balance", "ledger", "invoice", "contract", "detail")
"""From the least to the most detailed; detail replaces what stands before it (rule E1)."""

RANK = {level: place for place, level in enumerate(LEVELS)}


@dataclass(frozen=True)
class Unit:
    """Lines that one selector finds: an invoice, a ledger line, an invoice's part of a bill.

    `key` is the selector as text and tells units apart; ties between equal candidates go by it.
    """

    key: str
    source: str
    level: str
    entity: str
    currency: str
    amount: Decimal
    start: date
    end: date
    """First day after the last line's service."""
    period: str = ""
    vendor: str = ""
    reference: str = ""
    text: str = ""
    account: str = ""


@dataclass(frozen=True)
class Tolerance:
    """How far amounts and dates may lie apart; the larger of the two amounts counts."""

    absolute: Decimal = Decimal(1)
    percent: Decimal = Decimal(2)
    days_before: int = 7
    """A summary may be dated so many days before the detail begins."""
    days_after: int = 62
    """And so many days after the detail's end."""

    def room(self, amount: Decimal) -> Decimal:
        return max(self.absolute, abs(amount) * self.percent / 100)

    def in_time(self, summary: Unit, detail: Unit) -> bool:
        before = (detail.start - summary.start).days
        after = (summary.start - detail.end).days
        return before <= self.days_before and after <= self.days_after


@dataclass(frozen=True)
class MatchRuleTest:
    """A learned rule: this vendor of one source is that vendor of another (rule E7).

    An empty vendor stands for any. `account` limits it to an account, for trial balances.
    """

    name: str
    summary_source: str
    detail_source: str
    summary_vendor: str = ""
    detail_vendor: str = ""
    account: str = ""
    tolerance: Tolerance = Tolerance()

    def speaks_of(self, summary: Unit) -> bool:
        return (
            summary.source == self.summary_source
            and self.summary_vendor in ("", summary.vendor)
            and self.account in ("", summary.account)
        )

    def takes(self, link: Link) -> bool:
        """Whether the link may be confirmed by this rule alone."""
        return (
            self.speaks_of(link.summary)
            and all(unit.source == self.detail_source for unit in link.details)
            and all(self.detail_vendor in ("", unit.vendor) for unit in link.details)
            and (
                link.summary.level == "balance"
                or abs(link.difference) <= self.tolerance.room(link.summary.amount)
            )
        )


@dataclass(frozen=True)
class Link:
    """One summary and the more detailed evidence that seems to mean the same money."""

    summary: Unit
    details: tuple[Unit, ...]
    score: int
    reasons: tuple[str, ...]
    difference: Decimal
    rivals: int = 0
    """Other evidence that would explain the summary nearly as well."""


@dataclass(frozen=True)
class Conversion:
    """The rate at which detail in one currency is compared with a summary in another."""

    source: str
    target: str
    rate: Decimal
    day: date

    def converted(self, amount: Decimal) -> Decimal:
        """The amount in the summary's currency, rounded to its minor unit (rule M7)."""
        return round_half_up(EXACT.multiply(amount, self.rate), minor_digits(self.target))

    def to_json(self) -> dict[str, str]:
        return {"source": self.source, "target": self.target, "rate": exact_text(self.rate),
                "day": self.day.isoformat()}  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, str]) -> Conversion:
        day = date.fromisoformat(kept["day"])
        return cls(kept["source"], kept["target"], Decimal(kept["rate"]), day)


@dataclass(frozen=True)
class Proposal:
    """Evidences that seem to be one obligation: links that hang together."""

    links: tuple[Link, ...]
    rule: str = ""
    """The learned rule that confirms every link, where one does."""
    conversion: Conversion | None = None
    """The rate between summary and detail, where they are in two currencies."""

    @property
    def units(self) -> tuple[Unit, ...]:
        every = {u.key: u for link in self.links for u in (link.summary, *link.details)}
        return tuple(sorted(every.values(), key=lambda u: (RANK[u.level], u.key)))

    @property
    def score(self) -> int:
        return min(link.score for link in self.links)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, link by link; which two sources are meant is said where there are several."""
        if len(self.links) == 1:
            return self.links[0].reasons
        return tuple(
            f"{link.summary.source} and {link.details[0].source}: {reason}"
            for link in self.links
            for reason in link.reasons
        )

    @property
    def top(self) -> Unit:
        return self.units[0]


def confirming_rule(links: Sequence[Link], rules: Sequence[MatchRuleTest]) -> str:
    """The rule that confirms these links; none where one of them is uncertain (rule E7)."""
    if any(link.rivals for link in links):
        return ""
    taken = [next((r.name for r in rules if r.takes(link)), "") for link in links]
    return taken[0] if all(taken) else ""
