"""Takes a draft of the cost model back."""

from __future__ import annotations

from django.db import transaction

from bursar.allocate.drafts import UNDER_WAY, draft_numbered, noted, require_standing
from bursar.allocate.models import ModelDraft
from bursar.office.people.models import User
from bursar.office.people.permissions import require


def withdraw_draft(*, number: int, acting_user: User | None, text: str = "") -> ModelDraft:
    """Ends a draft that was not published; it stays readable.

    Refuses: `people.not_allowed`, `model.no_draft`, `model.draft_standing`.
    """
    require(acting_user, "allocate.apply_model")
    with transaction.atomic():
        draft = draft_numbered(number, lock=True)
        require_standing(draft, "withdrawn", *UNDER_WAY)
        draft.standing = ModelDraft.Standing.WITHDRAWN
        draft.save(update_fields=["standing"])
        noted(draft, "withdraw_draft", acting_user, text=text.strip())
    return draft
