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
