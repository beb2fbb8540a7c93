"""Puts a text of the cost model in force."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from bursar.allocate.errors import ModelHasProblems, UnknownPeriodOfModel
from bursar.allocate.language.model import CostModel
from bursar.allocate.model_text import parse_model
from bursar.allocate.models import ModelVersion
from bursar.allocate.versions import EVER, model_of, version_in_force, versions_in_force
from bursar.core.calc.fiscal import UnknownPeriod
from bursar.office.calendar.periods import calendar_of
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.actions.declare_members import Declared, declare_members
from bursar.office.reference.actions.load_pack import load_pack
from bursar.record.actions.reindex_batches import reindex_batches


@dataclass(frozen=True)
class ApplyOutcome:
    """The version that is in force now; `unchanged` where it was before."""

    version: int
    in_force_from: str
    unchanged: bool
    warnings: tuple[dict[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "in_force_from": self.in_force_from or None,
            "unchanged": self.unchanged,
            "problems": [],
            "warnings": list(self.warnings),
        }


def apply_model(
    *,
    text: str,
    acting_user: User | None,
    from_period: str | None = None,
    comment: str = "",
) -> ApplyOutcome:
    """Makes the text a new, immutable version, in force from a period (or from ever) on.

    The members and parents that it declares come into the reference, dated from that period; the
    taxonomy that it names is loaded where it is not yet; batches are indexed again where it
    promotes other columns than before. The text that is in force already is not applied twice.
    Refuses: `people.not_allowed`, `model.problems`, `model.unknown_period`, `reference.loop`, and
    what `reindex_batches` refuses.
    """
    require(acting_user, "allocate.apply_model")
    parsed = parse_model(text)
    if parsed.model is None:
        raise ModelHasProblems(parsed.problems)
    start, since = _beginning(from_period)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    current = version_in_force()
    if current and (current.sha256, current.in_force_from) == (sha256, start):
        return ApplyOutcome(current.number, start, unchanged=True)
    warnings = _promote(parsed.model, start, acting_user)
    draft = ModelVersion(
        name=parsed.model.name,
        text=text,
        sha256=sha256,
        in_force_from=start,
        applied_by=actor_name(acting_user),
        comment=comment,
    )
    with transaction.atomic():
        _publish(draft, parsed.model, since, acting_user)
    return ApplyOutcome(draft.number, start, unchanged=False, warnings=warnings)


def _beginning(from_period: str | None) -> tuple[str, date | None]:
    if not from_period:
        return EVER, None
    try:
        period = calendar_of().period(from_period)
    except UnknownPeriod as refusal:
        raise UnknownPeriodOfModel(f"The model cannot begin: {refusal.message}.") from refusal
    return period.code, period.start


def _publish(
    draft: ModelVersion, model: CostModel, since: date | None, acting_user: User | None
) -> None:
    if model.taxonomy:
        load_pack(model.taxonomy, acting_user=acting_user)
    declared = [Declared(m.layer, m.name, m.kind, m.label) for m in model.members]
    added = declare_members(declared, model.branches, since=since)
    draft.number = (ModelVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    draft.applied_at = timezone.now()
    draft.save(force_insert=True)
    record_act(
        act="allocate.apply_model",
        subject=f"model version {draft.number}",
        actor=acting_user,
        detail={
            "name": draft.name,
            "sha256": draft.sha256,
            "in_force_from": draft.in_force_from,
            "members_added": added,
            "comment": draft.comment,
        },
    )


def _promote(model: CostModel, start: str, acting_user: User | None) -> tuple[dict[str, str], ...]:
    """Make dimensions of what this model, or another that stays in force, promotes."""
    names = set(model.promote)
    for version in versions_in_force(before=start):
        names |= set(model_of(version).promote)
    done = reindex_batches(promote=sorted(names), acting_user=acting_user)
    if not done.replaced:
        return ()
    said = ", ".join(sorted(names)) or "no further column"
    return (
        {
            "code": "model.promote_changed",
            "message": f"{len(done.replaced)} batches were indexed again, with {said} as "
            "dimensions. Their lines are as they were.",
        },
    )
