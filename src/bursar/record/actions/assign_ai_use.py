"""Act: give a principal's or a team's AI use to a consumer."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.pseudonyms import pseudonym_of
from bursar.record.ai.refreshing import refresh_ai_use
from bursar.record.errors import BadAiSetting
from bursar.record.models import AiAssignment

_LONGEST = 200


def assign_ai_use(
    *, acting_user: User | None, kind: str, value: str, consumer: str
) -> AiAssignment | None:
    """Give a principal's or a team's use to a consumer; an empty consumer takes it back.

    A principal is named as the log names it, or by its pseudonym. Refuses: people.not_allowed,
    record.bad_ai_setting.
    """
    require(acting_user, "record.set_ai_use")
    if kind not in AiAssignment.Kind.values:
        raise BadAiSetting(f"'{kind}' is neither principal nor team.")
    if not 0 < len(value.strip()) <= _LONGEST or len(consumer) > _LONGEST:
        raise BadAiSetting("A principal, team or consumer has 1 to 200 characters.")
    if kind == AiAssignment.Kind.PRINCIPAL and not value.startswith("p-"):
        value = pseudonym_of(value.strip())
    with transaction.atomic():
        row = None
        if consumer:
            row, _ = AiAssignment.objects.update_or_create(
                kind=kind, value=value, defaults={"consumer": consumer}
            )
        else:
            AiAssignment.objects.filter(kind=kind, value=value).delete()
        record_act(
            act="record.set_ai_use",
            subject=value,
            actor=acting_user,
            detail={"kind": kind, "consumer": consumer or None},
        )
    refresh_ai_use(acting_user)
    return row
