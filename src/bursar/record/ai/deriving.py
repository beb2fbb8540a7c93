"""From a bill and a log of AI use to derived lines: a reversal, and what each principal used."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import pyarrow as pa

from bursar.core.calc.ai_use import (
    AiWeight,
    ModelUse,
    Prices,
    ai_weights,
    class_named,
    models_named,
    plain,
)
from bursar.core.calc.clusters.splitting import Share, split_line
from bursar.core.money.amount import exact_text
from bursar.lake.day_sums import FIRST_DAY, LAST_DAY, Chosen, day_sums
from bursar.lake.lines import LineFiles
from bursar.lake.questions import Condition
from bursar.record.ai.usage import Assignments, DayUse, within
from bursar.record.models import AiFeed
from bursar.record.split_lines import (
    CARRIED,
    ORIGIN,
    REVERSAL,
    Row,
    amounts_of,
    as_table,
    derived_line,
    reversed_amounts,
    scales,
)

AI_SERVICES = "AI and Machine Learning"
USE, UNATTRIBUTED = "use", "unattributed"
OWN = ("x_ai_feed", "x_ai_part", "x_ai_team", "x_ai_consumer", ORIGIN)
_TELLING = ("sku_meter", "sku_id", "charge_description", "resource_name", "resource_id")
_COLUMNS = (*CARRIED, "sku_meter", "sku_id", "charge_description", "ai_model", "ai_token_class")


@dataclass(frozen=True)
class AiSplit:
    """One log's split: everything it needs, and nothing it looks up."""

    feed: AiFeed
    uses: list[DayUse]
    lines: LineFiles
    sources: tuple[str, ...]
    prices: Prices
    assigned: Assignments
    promoted: tuple[str, ...] = ()

    @cached_property
    def _by_day(self) -> dict[Any, list[DayUse]]:
        days: dict[Any, list[DayUse]] = defaultdict(list)
        for one in self.uses:
            days[one.day].append(one)
        return days

    def derived(self) -> pa.Table:
        """Cost lines that reverse what is split and give it to who used it."""
        groups = self._groups()
        kept, made = scales(groups), []
        for row in groups:
            amounts = amounts_of(row)
            if not any(amounts.values()):
                continue
            method, weights = self._weights(row)
            shares = split_line(amounts, weights, scale=kept[row["billing_currency"]])
            told = f"Taken out of {row['source']} to be split by {self.feed.name}"
            made.append(self._line(row, REVERSAL, told) | reversed_amounts(amounts))
            made += [self._part(row, s, method) for s in shares if any(s.amounts.values())]
        return as_table(made)

    def _groups(self) -> list[dict[str, Any]]:
        where = [Condition("source", "in", list(self.sources))]
        own = [name for name in self.promoted if name.startswith("x_") and name not in OWN]
        asked = [where]
        if self.feed.extent == AiFeed.Extent.AI:
            named = Condition("ai_model", "missing", value=False)
            other = Condition("service_category", "not_in", [AI_SERVICES])
            asked = [
                [*where, Condition("service_category", "=", AI_SERVICES)],
                [*where, named, other],
            ]
        return [
            row
            for conditions in asked
            for row in day_sums(
                self.lines, [*_COLUMNS, *own], Chosen(where=conditions, everything=True)
            ).to_pylist()
        ]

    def _weights(self, row: Row) -> tuple[str, list[AiWeight]]:
        """Rules K14 and K15: whom the line's days, provider, model and token class name."""
        uses = self._of_provider(row, self._of_days(row))
        told = " ".join(str(row[name]) for name in _TELLING if row[name])
        models = {use.model for use in uses}
        stated = row["ai_model"]
        named = models_named(stated or told, models)
        if stated and not named:
            return "", []
        uses = [use for use in uses if not named or use.model in named]
        token_class = class_named(row["ai_token_class"] or (told if named else ""))
        return ai_weights(_summed(uses), self.prices, token_class=token_class)

    def _of_days(self, row: Row) -> list[ModelUse]:
        first, last = row[FIRST_DAY], row[LAST_DAY]
        if last - first > timedelta(days=62):
            return list(within(self.uses, first, last))
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [one.use for day in days for one in self._by_day.get(day, ())]

    def _of_provider(self, row: Row, uses: list[ModelUse]) -> list[ModelUse]:
        billed = {plain(row[n]) for n in ("service_provider_name", "vendor") if row[n]}
        known = {u.provider for u in uses if u.provider}
        same = {name for name in known if any(plain(name) in text for text in billed)}
        return [u for u in uses if not same or not u.provider or u.provider in same]

    def _part(self, row: Row, share: Share[AiWeight], method: str) -> dict[str, Any]:
        weight = share.weight
        if not isinstance(weight, AiWeight):
            line = self._line(row, UNATTRIBUTED, "AI use: not attributed")
            return {**line, **share.amounts}
        line = self._line(row, USE, f"AI use: {weight.model}, {weight.token_class or 'requests'}")
        (element,), (ratio,) = weight.elements, share.ratios
        details = {
            "AllocatedRatio": exact_text(ratio),
            "UsageUnit": element.unit,
            "UsageQuantity": str(element.quantity),
        }
        return (
            line
            | dict(share.amounts)
            | {
                "ai_principal": weight.principal or None,
                "ai_model": weight.model,
                "ai_token_class": weight.token_class or None,
                "consumed_quantity": Decimal(element.quantity),
                "consumed_unit": element.unit,
                "x_ai_team": weight.team or None,
                "x_ai_consumer": self.assigned.consumer_of(weight.principal, weight.team),
                "allocated_method_id": f"ai:{method}",
                "allocated_method_details": json.dumps({"Elements": [details]}),
                "allocated_resource_id": weight.principal or weight.team or weight.model,
                "allocated_resource_name": weight.team or weight.principal or weight.model,
            }
        )

    def _line(self, row: Row, part: str, told: str) -> dict[str, Any]:
        own = {"x_ai_feed": self.feed.name, "x_ai_part": part}
        return derived_line(row, told, f"ai {self.feed.name} v{self.feed.version}", own)


def _summed(uses: list[ModelUse]) -> list[ModelUse]:
    """One entry per principal, team and model over all days."""
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for use in uses:
        key = (use.principal, use.team, use.provider, use.model)
        counts = sums.setdefault(key, [0] * (len(use.tokens) + 1))
        for place, number in enumerate((*use.tokens, use.requests)):
            counts[place] += number
    return [ModelUse(*key, tuple(counts[:-1]), counts[-1]) for key, counts in sums.items()]
