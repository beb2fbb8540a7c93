"""A second person's word on a draft of the cost model."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bursar.allocate.drafts import draft_numbered, noted, require_as_seen, require_standing
from bursar.allocate.errors import OwnReview, ReviewWithoutReason
from bursar.allocate.models import ModelDraft
from bursar.office.journal.writing import actor_name
from bursar.office.people.models import User
from bursar.office.people.permissions import require

Standing = ModelDraft.Standing


def review_draft(
    *, number: int, sha256: str, approve: bool, acting_user: User | None, text: str = ""
) -> ModelDraft:
    """Approves the draft as it was looked at (`sha256` of its text), or returns it with a reason.

    Only a signed-in person who never saved a text of it reviews it, and only while what it was
    compared with is in force. Refuses: `people.not_allowed`, `model.no_draft`,
    `model.draft_standing`, `model.second_person`, `model.draft_changed`, `model.text_missing`.
    """
    require(acting_user, "allocate.apply_model")
    with transaction.atomic():
        draft = draft_numbered(number, lock=True)
        require_standing(draft, "reviewed", Standing.DRAFT)
        if acting_user is None:
            raise OwnReview("A review has a name: sign in and review the draft on its page.")
        name = actor_name(acting_user)
        if name in draft.authors:
            raise OwnReview(f"{name} wrote draft {number}, so somebody else has to review it.")
        require_as_seen(draft, sha256)
        if not approve and not text.strip():
            raise ReviewWithoutReason("Say what is to be changed; the draft was not returned.")
        draft.standing = Standing.REVIEWED if approve else Standing.RETURNED
        draft.reviewed_by, draft.reviewed_at = name, timezone.now()
        draft.review = text.strip()
        draft.save()
        noted(draft, "review_draft", acting_user, outcome=draft.standing, text=draft.review)
    return draft
