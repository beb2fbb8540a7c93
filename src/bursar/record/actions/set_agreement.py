"""Act: say how what one legal entity charges another is taxed and paid, from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from bursar.core.einvoice.invoice import SameParty
from bursar.core.einvoice.vat import agreed_vat
from bursar.core.money.amount import exact_text, places_of
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.models import SupplyAgreement
from bursar.office.reference.parties import agreement_json
from bursar.record.errors import BadParty
from bursar.record.known_entities import known_entity

ACT = "record.set_agreement"
MOST_DAYS = 365
MOST_MARKUP, MARKUP_PLACES = 1000, 4


@dataclass(frozen=True)
class Agreed:
    """What two legal entities agree on; rates are in percent."""

    vat_category: str
    vat_rate: Decimal = Decimal(0)
    exemption_reason: str = ""
    payment_days: int = 30
    markup: Decimal = Decimal(0)
    """Percent on top of cost, where the cost model charges between entities."""


def set_agreement(
    *, acting_user: User | None, seller: str, buyer: str, terms: Agreed, valid_from: date
) -> SupplyAgreement:
    """Holds for what is supplied from that day on, until a later one begins.

    One of the same day is superseded and kept. Refuses: `people.not_allowed`,
    `record.unknown_entity`, `einvoice.same_party`, `einvoice.unknown_category`,
    `einvoice.bad_rate`, `einvoice.bad_exemption`, `einvoice.bad_party` (days, reason or markup).
    """
    require(acting_user, ACT)
    vat = agreed_vat(terms.vat_category, terms.vat_rate, terms.exemption_reason)
    if not 0 <= terms.payment_days <= MOST_DAYS or len(vat.reason) > 200:
        raise BadParty(
            f"An agreement has 0 to {MOST_DAYS} days to pay and a reason of 200 characters at most."
        )
    if not 0 <= terms.markup <= MOST_MARKUP or places_of(terms.markup) > MARKUP_PLACES:
        raise BadParty(
            f"A markup is a percentage from 0 to {MOST_MARKUP} with {MARKUP_PLACES} digits after "
            f"the point at most, not {exact_text(terms.markup)}."
        )
    if seller == buyer:
        raise SameParty(f"{seller} cannot charge itself. Name two legal entities.")
    with transaction.atomic():
        pair = {"seller": known_entity(seller), "buyer": known_entity(buyer)}
        now = timezone.now()
        same = SupplyAgreement.objects.filter(
            **pair, valid_from=valid_from, superseded_at__isnull=True
        )
        before = [agreement_json(row) for row in same]
        same.update(superseded_at=now)
        made = SupplyAgreement.objects.create(
            **pair,
            vat_category=vat.category.value,
            vat_rate=exact_text(vat.rate),
            exemption_reason=vat.reason,
            payment_days=terms.payment_days,
            markup=exact_text(terms.markup),
            valid_from=valid_from,
            known_at=now,
            set_by=actor_name(acting_user),
        )
        detail = {"before": before[0] if before else None, "after": agreement_json(made)}
        record_act(act=ACT, subject=seller, actor=acting_user, detail=detail)
    return made
