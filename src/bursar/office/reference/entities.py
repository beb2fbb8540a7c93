"""Which legal entities there are, and the one that stands where a line names none."""

from __future__ import annotations

from bursar.office.reference.models import LegalEntity

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
