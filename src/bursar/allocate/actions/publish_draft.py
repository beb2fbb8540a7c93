"""Puts a reviewed draft of the cost model in force."""

from __future__ import annotations

from django.db import transaction

from bursar.allocate.actions.apply_model import (
    ApplyOutcome,
    beginning,
    promote,
    put_in_force,
    readable,
)
from bursar.allocate.drafts import draft_numbered, noted, require_as_seen, require_standing
from bursar.allocate.models import ModelDraft, ModelVersion
from bursar.office.people.models import User
from bursar.office.people.permissions import require

Standing = ModelDraft.Standing


def publish_draft(*, number: int, acting_user: User | None) -> ApplyOutcome:
    """Makes what was reviewed a version, as applying its text would.

    Refuses: `people.not_allowed`, `model.no_draft`, `model.draft_standing`,
    `model.draft_changed`, `reference.loop`, and what `reindex_batches` refuses.
    """
    require(acting_user, "allocate.apply_model")
    seen = draft_numbered(number)
    require_standing(seen, "published", Standing.REVIEWED)
    require_as_seen(seen, seen.sha256)
    model = readable(seen.text)
    start, since = beginning(seen.from_period)
    warnings = promote(model, start, acting_user)
    with transaction.atomic():
        draft = draft_numbered(number, lock=True)
        require_standing(draft, "published", Standing.REVIEWED)
        require_as_seen(draft, seen.sha256)
        version = ModelVersion(
            text=draft.text,
            sha256=draft.sha256,
            in_force_from=draft.from_period,
            comment=draft.comment,
        )
        reviewed = {"draft": number, "reviewed_by": draft.reviewed_by}
        put_in_force(version, model, since, acting_user, **reviewed)
        draft.standing, draft.version = Standing.PUBLISHED, version
        draft.save()
        noted(draft, "publish_draft", acting_user, version=version.number)
    return ApplyOutcome(version.number, start, unchanged=False, warnings=warnings)
