"""The register of assets, and that of their classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from bursar.core.calc.depreciation.clock import last_day, month_of
from bursar.core.calc.depreciation.schedule import Month, as_of, schedule
from bursar.core.money.amount import exact_text
from bursar.record.assets.books import MAIN, books_of, check_asset, terms_of
from bursar.record.assets.fields import ASSET_FIELDS, CLASS_FIELDS
from bursar.record.assets.spreading import spread_assets
from bursar.record.registers.fields import Content, Problem, day_in, money_in, whole_in
from bursar.record.registers.register import Claim, Due, Kept, Register, Schedule

_COLUMNS = (
    ("month", "Month"), ("opening", "Opening book value"), ("added", "Added"),
    ("depreciation", "Depreciation"), ("impairment", "Impairment"),
    ("disposed", "Disposed book value"), ("gain_or_loss", "Gain or loss"),
    ("accumulated", "Accumulated"), ("book_value", "Book value"),
)  # fmt: skip


def asset_schedule(content: Content, day: date, *, book: str = MAIN) -> Schedule:
    """All months of one book, those to come included; what it stands at on a day as facts."""
    terms = terms_of(content, book)
    if terms is None:
        told = "It needs a cost, a day in service or of purchase, and a useful life or a method."
        return Schedule(_COLUMNS, (), facts=(("Not depreciated", told),))
    rows = schedule(terms)
    now = as_of(terms, day)
    facts = [("Book value", exact_text(now.book_value if now else terms.cost))]
    facts += [("Accumulated depreciation", exact_text(now.accumulated if now else terms.cost * 0))]
    facts += [(f"Also in book {other}", "") for other in books_of(content) if other != book]
    return Schedule(
        _COLUMNS, tuple(_shown(row, terms.digits) for row in rows),
        charted=("depreciation", "book_value"), facts=tuple(facts),
    )  # fmt: skip


def _shown(row: Month, digits: int) -> dict[str, str]:
    amounts = {
        "opening": row.opening_cost - row.opening_accumulated,
        "added": row.added,
        "depreciation": row.depreciation,
        "impairment": row.impairment,
        "disposed": row.disposed_cost - row.disposed_accumulated,
        "gain_or_loss": row.gain_or_loss,
        "accumulated": row.accumulated,
        "book_value": row.book_value,
    }
    return {
        "month": row.month,
        **{name: f"{amount:.{digits}f}" for name, amount in amounts.items()},
    }


def asset_due(content: Content, through: date) -> Iterator[Due]:
    """Ends of warranty and of life, and the day after which nothing is depreciated any more."""
    for name, told in (
        ("warranty_end", "The warranty ends"), ("end_of_life", "It reaches its end of life"),
    ):  # fmt: skip
        day = day_in(content, name)
        if day is not None:
            yield Due(day, name, told)
    terms = terms_of(content)
    if terms is not None:
        last = schedule(terms)[-1]
        gone = last.disposed_cost > 0 and last.cost == 0
        if not gone:
            month = month_of(date(int(last.month[:4]), int(last.month[5:]), 1))
            yield Due(last_day(month), "fully_depreciated", "It is fully depreciated")


def asset_claims(assets: Sequence[Kept], through: date) -> Iterator[Claim]:
    """What was paid for assets: those of one order, invoice or day of one vendor together."""
    held: dict[tuple[str, ...], list[Kept]] = {}
    for asset in assets:
        content = asset.content
        day, cost = day_in(content, "purchase_date"), money_in(content, "purchase_cost")
        if day is None or not cost or day > through:
            continue
        told = content.get("invoice") or content.get("purchase_order") or f"{day}"
        key = (content.get("vendor", ""), content["currency"], told)
        held.setdefault(key, []).append(asset)
    for (vendor, currency, told), found in held.items():
        contents = [asset.content for asset in found]
        references = {c[n] for c in contents for n in ("invoice", "purchase_order") if c.get(n)}
        yield Claim(
            key=" / ".join((vendor, currency, told)),
            numbers=tuple(asset.number for asset in found),
            day=min(day for c in contents if (day := day_in(c, "purchase_date")) is not None),
            amount=sum((money_in(c, "purchase_cost") or Decimal(0) for c in contents), Decimal(0)),
            currency=currency, vendor=vendor, references=tuple(sorted(references)),
        )  # fmt: skip


def _check_class(content: Content) -> Iterator[Problem]:
    if whole_in(content, "useful_life_months") == 0:
        told = "A useful life of 0 months spreads nothing; give at least 1, or leave it empty."
        yield Problem("asset.bad_terms", "useful_life_months", told)
    percent = money_in(content, "residual_percent")
    if percent is not None and not 0 <= percent <= 100:
        told = f"A residual value of {percent} % lies outside 0 to 100 %."
        yield Problem("asset.bad_terms", "residual_percent", told)


ASSET_CLASSES = Register(
    name="asset_class",
    title="Asset classes",
    one="Asset class",
    fields=CLASS_FIELDS,
    check=_check_class,
    prefix="AC",
    plural="asset_classes",
)
ASSETS = Register(
    name="asset",
    title="Assets",
    one="Asset",
    fields=ASSET_FIELDS,
    check=check_asset,
    spread=spread_assets,
    schedule=asset_schedule,
    due=asset_due,
    claims=asset_claims,
    defaults=("asset_class", "asset_class"),
    prefix="A",
    numbered=("asset tag", "tag", "asset number", "inventory number"),
)
