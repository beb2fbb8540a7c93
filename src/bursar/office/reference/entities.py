"""Which legal entities there are, and the one that stands where a line names none."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bursar.office.reference.models import LegalEntity, VatRatio

DEFAULT_CODE = "main"


def default_entity() -> LegalEntity:
    """The first legal entity; a fresh installation gets one so that import works at once."""
    first = LegalEntity.objects.order_by("pk").first()
    if first is not None:
        return first
    return LegalEntity.objects.get_or_create(
        code=DEFAULT_CODE, defaults={"name": "Main company", "currency": "EUR"}
    )[0]


def entity(code: str) -> LegalEntity | None:
    """The legal entity of that code, where it is known."""
    return LegalEntity.objects.filter(code=code).first()


def entities() -> list[LegalEntity]:
    return list(LegalEntity.objects.all())


def ensure_entity(code: str) -> LegalEntity:
    """The legal entity of that code; one met for the first time resembles the default entity."""
    default = default_entity()
    return LegalEntity.objects.get_or_create(
        code=code,
        defaults={
            "name": code,
            "currency": default.currency,
            "fiscal_start_month": default.fiscal_start_month,
            "calendar_pattern": default.calendar_pattern,
        },
    )[0]


def vat_ratio(code: str, day: date) -> Decimal:
    """The part of VAT that an entity recovers on a day; all of it until a ratio is set."""
    rows = VatRatio.objects.filter(superseded_at__isnull=True, valid_from__lte=day)
    newest = rows.filter(legal_entity__code=code).order_by("-valid_from").first()
    if newest is not None:
        return newest.ratio
    known = entity(code)
    return known.recoverable_vat_ratio if known else Decimal(1)
