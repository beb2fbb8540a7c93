"""Act: whose figures a user may see."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.people.errors import UnknownConsumer
from bursar.office.people.models import ConsumerGrant, User
from bursar.office.people.permissions import require
from bursar.office.reference.models import Layer, Member


def grant_consumers(*, acting_user: User | None, user: User, consumers: Iterable[str]) -> list[str]:
    """Set the consumers at the top of what a user sees; an empty list takes everything away.

    Refuses: people.not_allowed, people.unknown_consumer.
    """
    require(acting_user, "people.grant_consumers")
    with transaction.atomic():
        before = sorted(user.grants.values_list("consumer", flat=True))
        user.grants.all().delete()
        after = give_grants(user, consumers)
        if after != before:
            record_act(
                act="people.grant_consumers",
                subject=user.username,
                actor=acting_user,
                detail={"before": before, "after": after},
            )
    return after


def give_grants(user: User, consumers: Iterable[str]) -> list[str]:
    """Add grants within the caller's transaction; the names, sorted."""
    names = sorted(set(consumers))
    known = Member.objects.filter(layer=Layer.CONSUMER)
    missing = set(names) - set(known.filter(name__in=names).values_list("name", flat=True))
    if missing:
        some = ", ".join(list(known.values_list("name", flat=True))[:10])
        raise UnknownConsumer(
            f"The organization has no consumer {', '.join(sorted(missing))}. "
            + (f"It has: {some}." if some else "Apply a cost model that names consumers first.")
        )
    ConsumerGrant.objects.bulk_create(ConsumerGrant(user=user, consumer=name) for name in names)
    return names
