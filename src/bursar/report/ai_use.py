"""What AI use costs: by model, consumer, principal, team or token class, with unit costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from bursar.core.money.amount import EXACT, exact_text
from bursar.core.tables.ai_usage import TOKEN_CLASSES
from bursar.lake.day_sums import batch_sums
from bursar.office.people.scope import Scope
from bursar.office.reference.pseudonyms import names_of
from bursar.record.ai.queries import feeds, split_batches
from bursar.record.ai.usage import assignments, read_usage
from bursar.record.ledger import open_ledger
from bursar.report.balance import require_everything
from bursar.report.clusters import amounts_json, sums_by_currency
from bursar.report.dimensions import require_basis
from bursar.report.errors import UnknownDimension

BY = ("model", "consumer", "principal", "team", "token_class")
_COLUMNS = {
    "model": "ai_model",
    "consumer": "x_ai_consumer",
    "principal": "ai_principal",
    "team": "x_ai_team",
    "token_class": "ai_token_class",
}
_REVERSAL = "reversal"
UNIT_PLACES = 10
_DIVIDING = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass
class _Measured:
    tokens: int = 0
    requests: int = 0


@dataclass(frozen=True)
class AiRow:
    """Cost of one key with what was used for it; `requests` is None where tokens are told apart."""

    period: str
    part: str
    key: str | None
    name: str | None
    currency: str
    amount: Decimal
    tokens: int
    requests: int | None

    @property
    def per_million_tokens(self) -> Decimal | None:
        """Rounded to ten digits, half up; None without tokens."""
        return _per(self.amount, 1_000_000, self.tokens)

    @property
    def per_1000_requests(self) -> Decimal | None:
        return _per(self.amount, 1_000, self.requests or 0)

    def to_json(self, by: str) -> dict[str, Any]:
        units = (self.per_million_tokens, self.per_1000_requests)
        told = [None if unit is None else exact_text(unit) for unit in units]
        return {
            "period": self.period,
            "part": self.part,
            by: self.key,
            "name": self.name,
            "currency": self.currency,
            "amount": exact_text(self.amount),
            "tokens": self.tokens,
            "requests": self.requests,
            "per_million_tokens": told[0],
            "per_1000_requests": told[1],
        }


@dataclass(frozen=True)
class AiUse:
    """Rows, and per currency what was taken out of bills: both sums are always equal."""

    basis: str
    by: str
    rows: tuple[AiRow, ...]
    taken: dict[str, Decimal]
    unpriced: tuple[dict[str, Any], ...] = field(default=())
    """Use that no cost was found for: key, period, tokens and requests."""

    @property
    def totals(self) -> dict[str, Decimal]:
        return sums_by_currency(self.rows)

    def to_json(self) -> dict[str, Any]:
        """`{"basis", "by", "rows", "totals", "taken", "holds", "unpriced"}`."""
        return {
            "basis": self.basis,
            "by": self.by,
            "rows": [row.to_json(self.by) for row in self.rows],
            "totals": amounts_json(self.totals),
            "taken": amounts_json(self.taken),
            "holds": self.totals == self.taken,
            "unpriced": list(self.unpriced),
        }


def ai_feeds(scope: Scope) -> list[dict[str, Any]]:
    """Every log of AI use. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "The list of logs of AI use")
    return feeds()


def ai_use(
    scope: Scope,
    *,
    by: str = "model",
    periods: Sequence[str] | None = None,
    basis: str = "effective",
) -> AiUse:
    """Cost of AI use by one dimension, largest first, with unit costs from the logs' counts.

    Raises BeyondScope for a restricted scope, UnknownBasis, UnknownDimension.
    """
    require_everything(scope, "The cost of AI use")
    if by not in BY:
        raise UnknownDimension(f"AI use does not come by '{by}'. Choose {', '.join(BY)}.")
    columns = list(dict.fromkeys(["x_ai_part", _COLUMNS[by]]))
    found = batch_sums(
        open_ledger().lines, split_batches(), columns, require_basis(basis)
    ).to_pylist()
    found = [r for r in found if periods is None or r["posting_period"] in periods]
    used = _used(by, periods)
    names = names_of({r[_COLUMNS[by]] or "" for r in found}) if by == "principal" else {}
    rows = [_row(r, by, used, names) for r in found]
    kept = [row for row in rows if row.part != _REVERSAL]
    kept.sort(key=lambda r: (r.period, r.currency, -r.amount, r.part, r.key or ""))
    priced = {(row.period, row.key) for row in kept if row.part == "use"}
    return AiUse(
        basis=basis,
        by=by,
        rows=tuple(kept),
        taken={
            c: EXACT.minus(a)
            for c, a in sums_by_currency(r for r in rows if r.part == _REVERSAL).items()
        },
        unpriced=tuple(
            {"period": period, by: key, "tokens": m.tokens, "requests": m.requests}
            for (period, key), m in sorted(used.items(), key=lambda item: str(item[0]))
            if (period, key) not in priced and (m.tokens or m.requests)
        ),
    )


def _row(
    found: dict[str, Any], by: str, used: dict[tuple[str, str | None], _Measured],
    names: dict[str, str],
) -> AiRow:  # fmt: skip
    key, period, part = found[_COLUMNS[by]], found["posting_period"], found["x_ai_part"]
    measured = used.get((period, key), _Measured()) if part == "use" else _Measured()
    return AiRow(
        period=period,
        part=part,
        key=key,
        name=names.get(key) if key else None,
        currency=found["currency"],
        amount=found["amount"],
        tokens=measured.tokens,
        requests=None if by == "token_class" else measured.requests,
    )


def _used(by: str, periods: Sequence[str] | None) -> dict[tuple[str, str | None], _Measured]:
    """Tokens and requests by month and key, as the logs count them."""
    sums: dict[tuple[str, str | None], _Measured] = defaultdict(_Measured)
    assigned = assignments()
    active = {feed["name"] for feed in feeds() if feed["state"] == "active"}
    for one in read_usage():
        period, use = f"{one.day:%Y-%m}", one.use
        if one.feed not in active or (periods is not None and period not in periods):
            continue
        if by == "token_class":
            for name, tokens in zip(TOKEN_CLASSES, use.tokens, strict=True):
                sums[period, name].tokens += tokens
            continue
        key = {
            "model": use.model,
            "principal": use.principal or None,
            "team": use.team or None,
            "consumer": assigned.consumer_of(use.principal, use.team),
        }[by]
        sums[period, key].tokens += sum(use.tokens)
        sums[period, key].requests += use.requests
    return dict(sums)


def _per(amount: Decimal, many: int, count: int) -> Decimal | None:
    if not count:
        return None
    unit = _DIVIDING.divide(_DIVIDING.multiply(amount, Decimal(many)), Decimal(count))
    return unit.quantize(Decimal(1).scaleb(-UNIT_PLACES), rounding=ROUND_HALF_UP, context=_DIVIDING)
