"""Keeps a text of the cost model as a draft, with what it would move in money."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from bursar.allocate.actions.apply_model import beginning, readable
from bursar.allocate.actions.compare_models import compare_models
from bursar.allocate.drafts import UNDER_WAY, draft_numbered, noted, require_standing
from bursar.allocate.models import ModelDraft
from bursar.allocate.versions import version_in_force
from bursar.office.journal.writing import actor_name
from bursar.office.people.models import User
from bursar.office.people.permissions import require


def save_draft(
    *,
    text: str,
    acting_user: User | None,
    number: int | None = None,
    from_period: str | None = None,
    comment: str = "",
    periods: Sequence[str] | None = None,
) -> ModelDraft:
    """Saves the text as a new draft, or as the new text of one, and compares it with what is in
    force, on the newest open period that was run or on those named. A review that it had is gone.

    Refuses: `people.not_allowed`, `model.problems`, `model.unknown_period`, `model.no_draft`,
    `model.draft_standing`, and what `compare_models` refuses.
    """
    require(acting_user, "allocate.apply_model")
    model = readable(text)
    start, _ = beginning(from_period)
    if number is not None:
        require_standing(draft_numbered(number), "changed", *UNDER_WAY)
    against = version_in_force()
    moved = compare_models(acting_user=acting_user, after=model, periods=periods)
    name = actor_name(acting_user)
    with transaction.atomic():
        if number is None:
            last = ModelDraft.objects.aggregate(last=Max("number"))["last"] or 0
            draft = ModelDraft(number=last + 1, authors=[])
        else:
            draft = draft_numbered(number, lock=True)
            require_standing(draft, "changed", *UNDER_WAY)
        draft.name, draft.text = model.name, text
        draft.sha256 = hashlib.sha256(text.encode()).hexdigest()
        draft.from_period, draft.comment = start, comment
        draft.standing = ModelDraft.Standing.DRAFT
        draft.authors = [*(one for one in draft.authors if one != name), name]
        draft.saved_at, draft.against, draft.money = timezone.now(), against, moved.to_json()
        draft.reviewed_by, draft.reviewed_at, draft.review = "", None, ""
        draft.save()
        noted(
            draft,
            "save_draft",
            acting_user,
            from_period=start,
            comment=comment,
            against=against.number if against else None,
        )
    return draft
