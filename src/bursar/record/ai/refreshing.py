"""Logs of AI use brought up to date: proposed when a bill has AI services, split on a change."""

from __future__ import annotations

import hashlib
import json

from bursar.core.calc.ai_use import Prices
from bursar.core.tables.ai_usage import AI_USAGE_LINE
from bursar.core.tables.cost_line import COST_LINE
from bursar.lake.questions import Condition
from bursar.office.people.models import User
from bursar.record.ai.deriving import AI_SERVICES, AiSplit
from bursar.record.ai.usage import assignments, read_usage, usage_batches
from bursar.record.deriving import Derivation, publish_derived
from bursar.record.errors import PeriodClosed
from bursar.record.ledger import open_ledger
from bursar.record.models import AiAssignment, AiFeed, AiPrice, Batch, Source
from bursar.record.promotion import promoted_columns
from bursar.record.queries import sources_of_bills

ACT = "record.split_ai_use"


def refresh_ai_use(acting_user: User | None) -> None:
    """Meet new logs, propose them, and split again those whose bill, use or settings changed."""
    rows = Batch.objects.filter(kind=AI_USAGE_LINE.name, superseded_at__isnull=True)
    for name in sorted(set(rows.values_list("source__name", flat=True))):
        AiFeed.objects.get_or_create(name=name)
    for feed in AiFeed.objects.select_related("bill"):
        refresh_feed(feed, acting_user)


def refresh_feed(feed: AiFeed, acting_user: User | None) -> None:
    """Bring one log up to date; a closed period keeps its split, and `problem` says so."""
    stands_on = _fingerprint(feed)
    if stands_on == feed.split_from:
        return
    if feed.state in (AiFeed.State.WAITING, AiFeed.State.PROPOSED):
        _propose(feed)
        stands_on = _fingerprint(feed)
    else:
        try:
            _split(feed, acting_user)
            feed.problem = ""
        except PeriodClosed as refusal:
            feed.problem = refusal.message
    feed.split_from = stands_on
    feed.save(update_fields=["state", "bill", "split_from", "problem"])


def bill_sources(feed: AiFeed) -> tuple[str, ...]:
    """Sources whose lines the log may explain: its bill, or every one that is not derived."""
    if feed.bill is not None:
        return (feed.bill.name,)
    return sources_of_bills()


def prices() -> Prices:
    rows = AiPrice.objects.values_list("model", "token_class", "per_million")
    return {(model, token_class): price for model, token_class, price in rows}


def _propose(feed: AiFeed) -> None:
    """The bill with the most lines of AI services is the one that the log explains."""
    of_ai = Condition("service_category", "=", AI_SERVICES)
    counts = open_ledger().sums(by=["source"], basis="billed", where=[of_ai]).to_pylist()
    known = bill_sources(feed)
    found = sorted((-row["lines"], row["source"]) for row in counts if row["source"] in known)
    if found:
        feed.state = AiFeed.State.PROPOSED
        feed.bill = Source.objects.get(name=found[0][1])


def _split(feed: AiFeed, acting_user: User | None) -> None:
    split = AiSplit(
        feed=feed,
        uses=read_usage(feed.name),
        lines=open_ledger().lines,
        sources=bill_sources(feed),
        prices=prices(),
        assigned=assignments(),
        promoted=promoted_columns(),
    )
    table = split.derived()
    if feed.state == AiFeed.State.OFF:
        table = table.slice(0, 0)
    publish_derived(Derivation(feed.derived_source, ACT, acting_user), table)


def _fingerprint(feed: AiFeed) -> str:
    bills = Batch.objects.filter(
        kind=COST_LINE.name, superseded_at__isnull=True, source__name__in=bill_sources(feed)
    )  # fmt: skip
    stands_on = [
        usage_batches(feed.name),
        sorted(bills.values_list("batch_id", flat=True)),
        [feed.state, feed.bill_id, feed.extent, feed.version],
        sorted((*key, str(price)) for key, price in prices().items()),
        list(AiAssignment.objects.values_list("kind", "value", "consumer")),
        promoted_columns(),
    ]
    return hashlib.sha256(json.dumps(stands_on).encode()).hexdigest()
