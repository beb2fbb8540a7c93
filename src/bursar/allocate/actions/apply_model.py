"""Puts a text of the cost model in force."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from bursar.allocate.errors import ModelHasProblems, ReviewNeeded, UnknownPeriodOfModel
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
    Refuses: `people.not_allowed`, `model.problems`, `model.unknown_period`,
    `model.review_required`, `reference.loop`, and what `reindex_batches` refuses.
    """
    require(acting_user, "allocate.apply_model")
    model = readable(text)
    start, since = beginning(from_period)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    current = version_in_force()
    if current and (current.sha256, current.in_force_from) == (sha256, start):
        return ApplyOutcome(current.number, start, unchanged=True)
    if model_of(current).review == "required":
        raise ReviewNeeded(
            "The model in force asks for a review: save the text as a draft (model draft), let "
            "somebody else review it, then publish it. Nothing was applied."
        )
    warnings = promote(model, start, acting_user)
    version = ModelVersion(text=text, sha256=sha256, in_force_from=start, comment=comment)
    with transaction.atomic():
        put_in_force(version, model, since, acting_user)
    return ApplyOutcome(version.number, start, unchanged=False, warnings=warnings)


def readable(text: str) -> CostModel:
    """The text's model; refuses `model.problems`, with each problem's line."""
    parsed = parse_model(text)
    if parsed.model is None:
        raise ModelHasProblems(parsed.problems)
    return parsed.model


def beginning(from_period: str | None) -> tuple[str, date | None]:
    """A period's code and first day; ever where none is named. Refuses `model.unknown_period`."""
    if not from_period:
        return EVER, None
    try:
        period = calendar_of().period(from_period)
    except UnknownPeriod as refusal:
        raise UnknownPeriodOfModel(f"The model cannot begin: {refusal.message}.") from refusal
    return period.code, period.start


def put_in_force(
    version: ModelVersion,
    model: CostModel,
    since: date | None,
    acting_user: User | None,
    **more: Any,
) -> None:
    """Gives the version its number and what its model declares, inside of a transaction.

    `more` goes into the journal's entry beside what every version says there.
    """
    if model.taxonomy:
        load_pack(model.taxonomy, acting_user=acting_user)
    declared = [Declared(m.layer, m.name, m.kind, m.label) for m in model.members]
    added = declare_members(declared, model.branches, since=since)
    version.number = (ModelVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    version.name = model.name
    version.applied_at, version.applied_by = timezone.now(), actor_name(acting_user)
    version.save(force_insert=True)
    record_act(
        act="allocate.apply_model",
        subject=f"model version {version.number}",
        actor=acting_user,
        detail={
            "name": version.name,
            "sha256": version.sha256,
            "in_force_from": version.in_force_from,
            "members_added": added,
            "comment": version.comment,
            **more,
        },
    )


def promote(model: CostModel, start: str, acting_user: User | None) -> tuple[dict[str, str], ...]:
    """Makes dimensions of what this model, or another that stays in force, promotes."""
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
