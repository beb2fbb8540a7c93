"""Reading what an invoice needs: a legal entity as a party, its VAT terms, a consumer's entity."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from bursar.core.einvoice.invoice import Party
from bursar.core.einvoice.vat import Vat, agreed_vat
from bursar.office.reference.models import ConsumerEntity, LegalParty, SupplyAgreement

PARTY_FIELDS = (
    "legal_name", "street", "city", "postal_code", "country", "vat_id", "registration_id",
)  # fmt: skip


def party_of(code: str) -> Party:
    """The legal entity as it stands on an invoice; what was never said is empty."""
    row = LegalParty.objects.filter(legal_entity__code=code).first()
    return Party(code, **{field: getattr(row, field, "") for field in PARTY_FIELDS})


def agreement_on(seller: str, buyer: str, day: date) -> SupplyAgreement | None:
    """What holds between two legal entities, by code, on a day."""
    rows = SupplyAgreement.objects.filter(superseded_at__isnull=True, valid_from__lte=day)
    found = rows.filter(seller__code=seller, buyer__code=buyer)
    return found.order_by("-valid_from").first()


def vat_of(row: SupplyAgreement) -> Vat:
    """How the agreement says that its supplies are taxed."""
    return agreed_vat(row.vat_category, Decimal(row.vat_rate), row.exemption_reason)


def entity_of_consumer(consumer: str, day: date) -> str | None:
    """Code of the legal entity that a consumer belongs to on a day; None where nobody said it."""
    rows = ConsumerEntity.objects.filter(superseded_at__isnull=True, valid_from__lte=day)
    newest = rows.filter(consumer=consumer).order_by("-valid_from").first()
    return newest.legal_entity.code if newest else None


def entities_of_consumers(day: date) -> dict[str, str]:
    """Consumer → code of the legal entity that it belongs to on a day."""
    rows = ConsumerEntity.objects.filter(superseded_at__isnull=True, valid_from__lte=day)
    named = rows.order_by("valid_from").values_list("consumer", "legal_entity__code")
    return dict(named)


def markups_on(day: date) -> dict[tuple[str, str], str]:
    """Seller and buyer → percent as text, of the agreements that hold on a day."""
    rows = SupplyAgreement.objects.filter(superseded_at__isnull=True, valid_from__lte=day)
    told = rows.order_by("valid_from").values_list("seller__code", "buyer__code", "markup")
    return {(seller, buyer): markup for seller, buyer, markup in told}


def party_json(code: str) -> dict[str, str]:
    """The fields of a party by name."""
    party = party_of(code)
    return {field: getattr(party, field) for field in PARTY_FIELDS}


def agreements_of(seller: str) -> list[dict[str, Any]]:
    """What is agreed with whom, now and before, by buyer and first day."""
    rows = SupplyAgreement.objects.filter(seller__code=seller, superseded_at__isnull=True)
    return [agreement_json(row) for row in rows.select_related("buyer").order_by(
        "buyer__code", "valid_from")]  # fmt: skip


def agreement_json(row: SupplyAgreement) -> dict[str, Any]:
    """One agreement; the rate is text."""
    return {
        "buyer": row.buyer.code,
        "vat_category": row.vat_category,
        "vat_rate": row.vat_rate,
        "exemption_reason": row.exemption_reason,
        "payment_days": row.payment_days,
        "markup": row.markup,
        "valid_from": row.valid_from.isoformat(),
    }


def consumers_of(code: str) -> list[dict[str, str]]:
    """Consumers that were said to belong to a legal entity, with the first day of it."""
    rows = ConsumerEntity.objects.filter(legal_entity__code=code, superseded_at__isnull=True)
    return [{"consumer": row.consumer, "valid_from": row.valid_from.isoformat()} for row in rows]
