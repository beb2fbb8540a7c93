"""Drafts of the cost model: finding one, and what everybody must respect who acts on it."""

from __future__ import annotations

from typing import Any

from bursar.allocate.errors import DraftChanged, DraftStanding, NoSuchDraft
from bursar.allocate.models import ModelDraft, ModelVersion
from bursar.allocate.versions import version_in_force
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User

Standing = ModelDraft.Standing
UNDER_WAY = (Standing.DRAFT, Standing.RETURNED, Standing.REVIEWED)


def drafts(*, under_way: bool = False) -> list[ModelDraft]:
    """Every draft, newest first; or those alone that wait for somebody."""
    found = ModelDraft.objects.select_related("against", "version")
    return list(found.filter(standing__in=UNDER_WAY) if under_way else found)


def draft_numbered(number: int, *, lock: bool = False) -> ModelDraft:
    """One draft by its number; refuses `model.no_draft`."""
    rows = ModelDraft.objects.select_for_update() if lock else ModelDraft.objects
    found = rows.filter(number=number).first()
    if found is None:
        raise NoSuchDraft(
            f"There is no draft {number} of the model. List them with `model drafts`."
        )
    return found


def require_standing(draft: ModelDraft, done: str, *allowed: str) -> None:
    """Refuses `model.draft_standing` unless the draft stands as one of those."""
    if draft.standing in allowed:
        return
    wanted = " or ".join(str(each) for each in allowed)
    mend = {
        Standing.DRAFT: "Somebody else than its authors has to review it first.",
        Standing.RETURNED: "Change its text and save it again.",
        Standing.REVIEWED: "Publish or withdraw it, or save a new text.",
    }.get(Standing(draft.standing), "Save the text as a new draft.")
    raise DraftStanding(
        f"Draft {draft.number} is {draft.standing}; only what is {wanted} can be {done}. {mend}"
    )


def require_as_seen(draft: ModelDraft, sha256: str) -> None:
    """Refuses `model.draft_changed` unless text and model in force are those that were compared."""
    if draft.sha256 != sha256:
        raise DraftChanged(
            f"Draft {draft.number} was saved with another text meanwhile. Look at it again."
        )
    current = version_in_force()
    if draft.against_id != (current.pk if current else None):
        raise DraftChanged(
            f"Version {current.number if current else '-'} was put in force since draft "
            f"{draft.number} was saved, so what it moves is another sum now. Save it again to "
            "compare it."
        )


def draft_json(draft: ModelDraft) -> dict[str, Any]:
    """A draft as the command line and the API print it."""
    return {
        "draft": draft.number,
        "name": draft.name,
        "standing": draft.standing,
        "from_period": draft.from_period or None,
        "comment": draft.comment,
        "authors": list(draft.authors),
        "saved_at": draft.saved_at.isoformat(),
        "against": _number(draft.against),
        "sha256": draft.sha256,
        "reviewed_by": draft.reviewed_by or None,
        "reviewed_at": draft.reviewed_at.isoformat() if draft.reviewed_at else None,
        "review": draft.review,
        "version": _number(draft.version),
        "money": draft.money,
    }


def noted(draft: ModelDraft, act: str, acting_user: User | None, **detail: Any) -> None:
    """Writes the act into the journal, with the digest of the text that it was about."""
    record_act(
        act=f"allocate.{act}",
        subject=subject_of(draft.number),
        actor=acting_user,
        detail={"sha256": draft.sha256, **detail},
    )


def subject_of(number: int) -> str:
    """How the journal names a draft."""
    return f"model draft {number}"


def _number(version: ModelVersion | None) -> int | None:
    return version.number if version else None
