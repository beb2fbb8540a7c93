"""Act: set which part of VAT a legal entity recovers from a day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from bursar.core.money.amount import exact_text, places_of
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.entities import default_entity, entity, vat_ratio
from bursar.office.reference.models import VatRatio
from bursar.record.errors import BadVatRatio, UnknownEntity

ACT = "record.set_vat_ratio"
_PLACES = 6


def set_vat_ratio(
    *, acting_user: User | None, code: str, ratio: Decimal, valid_from: date
) -> VatRatio:
    """The ratio holds until a later one begins; one of the same day is superseded and kept.

    It counts for what is imported from now on. Refusals: people.not_allowed,
    record.bad_vat_ratio, record.unknown_entity.
    """
    require(acting_user, ACT)
    if not ratio.is_finite() or not 0 <= ratio <= 1 or places_of(ratio) > _PLACES:
        raise BadVatRatio(
            f"{ratio} of VAT cannot be recovered: give a part from 0 (none) to 1 (all) with six "
            "digits after the point at most."
        )
    default_entity()  # a fresh installation has it from now on
    owner = entity(code)
    if owner is None:
        raise UnknownEntity(f"There is no legal entity '{code}'. Make it first: entity set.")
    with transaction.atomic():
        before = vat_ratio(code, valid_from)
        now = timezone.now()
        same = VatRatio.objects.filter(legal_entity=owner, valid_from=valid_from)
        same.filter(superseded_at__isnull=True).update(superseded_at=now)
        made = VatRatio.objects.create(
            legal_entity=owner,
            ratio=ratio,
            valid_from=valid_from,
            known_at=now,
            set_by=actor_name(acting_user),
        )
        told = {
            "before": exact_text(before),
            "after": exact_text(ratio),
            "from": valid_from.isoformat(),
        }
        record_act(act=ACT, subject=code, actor=acting_user, detail=told)
    return made
