"""Act: say which legal entity a consumer belongs to, from a day on."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.models import ConsumerEntity, Layer, Member
from bursar.office.reference.parties import entity_of_consumer
from bursar.record.errors import UnknownConsumer
from bursar.record.known_entities import known_entity

ACT = "record.set_consumer_entity"


def set_consumer_entity(
    *, acting_user: User | None, consumer: str, code: str, valid_from: date
) -> ConsumerEntity:
    """Holds from that day until a later one begins; one of the same day is superseded and kept.

    It says whom an invoice goes to; where the cost model charges between entities (rules IC1-IC4
    of docs/spec/intercompany.md), the next run charges by it. Refuses: `people.not_allowed`,
    `record.unknown_entity`, `record.unknown_consumer`.
    """
    require(acting_user, ACT)
    if not Member.objects.filter(layer=Layer.CONSUMER, name=consumer).exists():
        raise UnknownConsumer(
            f"There is no consumer '{consumer}'. Write its name as the cost model does."
        )
    with transaction.atomic():
        owner = known_entity(code)
        now = timezone.now()
        before = entity_of_consumer(consumer, valid_from)
        same = ConsumerEntity.objects.filter(consumer=consumer, valid_from=valid_from)
        same.filter(superseded_at__isnull=True).update(superseded_at=now)
        made = ConsumerEntity.objects.create(
            consumer=consumer,
            legal_entity=owner,
            valid_from=valid_from,
            known_at=now,
            set_by=actor_name(acting_user),
        )
        detail = {"before": before, "after": code, "from": valid_from.isoformat()}
        record_act(act=ACT, subject=consumer, actor=acting_user, detail=detail)
    return made
