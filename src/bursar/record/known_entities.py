"""The legal entity that an act names, or its refusal."""

from __future__ import annotations

from bursar.office.reference.entities import default_entity, entity
from bursar.office.reference.models import LegalEntity
from bursar.record.errors import UnknownEntity


def known_entity(code: str) -> LegalEntity:
    """The legal entity of that code; a fresh installation has its first from now on.

    Refuses: record.unknown_entity.
    """
    default_entity()
    found = entity(code)
    if found is None:
        raise UnknownEntity(f"There is no legal entity '{code}'. Make it first: entity set.")
    return found
