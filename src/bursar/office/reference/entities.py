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


def ensure_entity(code: str) -> LegalEntity:
    """The legal entity of that code; one that a fact names first is made like the default one."""
    found = entity(code)
    if found is not None:
        return found
    like = default_entity()
    return LegalEntity.objects.get_or_create(
        code=code,
        defaults={
            "name": code,
            "currency": like.currency,
            "fiscal_start_month": like.fiscal_start_month,
            "calendar_pattern": like.calendar_pattern,
        },
    )[0]
