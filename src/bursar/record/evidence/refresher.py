"""Matches brought up to date: proposals, what rules confirm, and the lines that count once."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import Any

from django.db import transaction

from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.reference.models import ExchangeRate
from bursar.record.deriving import Derivation, publish_derived
from bursar.record.errors import PeriodClosed
from bursar.record.evidence.netting import SOURCE, netted_lines
from bursar.record.evidence.proposing import renew_proposals
from bursar.record.ledger import open_ledger
from bursar.record.models import (
    Batch,
    EvidenceGroup,
    EvidenceState,
    GroupState,
    MatchRule,
    SourceLevel,
)
from bursar.record.models.imports import DERIVED

ACT = "evidence.net"


def refresh_matches(acting_user: User | None) -> None:
    """Search for matches and publish what they net, unless nothing changed since it was done.

    Where that would change a closed period, what counts stays as it was and `is_pending` says so:
    the import that brought it about is good. Refusals: those of `publish_derived`.
    """
    if not is_pending():
        return
    with suppress(PeriodClosed), transaction.atomic():
        raise_version()
        renew_proposals(acting_user)
        net_matches(acting_user)


def is_pending() -> bool:
    """Whether something changed since matches were last worked out."""
    state = EvidenceState.objects.filter(singleton=True).first()
    return (state.seen if state else _NOTHING) != _standing()


def net_matches(acting_user: User | None) -> None:
    """Publish the derived lines of all confirmed groups.

    Refusals: those of `publish_derived`.
    """
    standing = _standing()
    lines = netted_lines(open_ledger())
    publish_derived(Derivation(SOURCE, ACT, acting_user), lines)
    EvidenceState.objects.update_or_create(singleton=True, defaults={"seen": standing})


def _standing() -> str:
    """A digest of everything that matches and their lines follow from."""
    batches = Batch.objects.filter(kind="cost_line", superseded_at__isnull=True)
    batches = batches.exclude(made_by__format=DERIVED)
    confirmed = EvidenceGroup.objects.filter(state=GroupState.CONFIRMED)
    rules = MatchRule.objects.filter(active=True).order_by("name")
    seen: list[Any] = [
        sorted(batches.values_list("batch_id", flat=True)),
        sorted(confirmed.values_list("group_id", flat=True)),
        [str(list(row)) for row in rules.values_list()],
        [str(ExchangeRate.objects.filter(superseded_at__isnull=True).count())],
        sorted(map(list, SourceLevel.objects.values_list("source", "level"))),
    ]
    return _digest(seen)


def _digest(seen: list[Any]) -> str:
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


_NOTHING = _digest([[], [], [], ["0"], []])
