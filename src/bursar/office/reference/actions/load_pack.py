"""Brings the names of a taxonomy pack into the database."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import Actor, record_act
from bursar.office.reference.models import Member, Parent
from bursar.office.reference.packs import Pack, read_pack


def load_pack(name: str, *, acting_user: Actor | None) -> int:
    """Adds the pack's members that are not there yet and says how many were new.

    What a person has changed stays: members that exist keep their definition and their parents.
    Loading a pack twice changes nothing. Refuses: `reference.unknown_pack`. Whoever may apply a
    model may load the pack it names, so the caller checks the permission.
    """
    pack = read_pack(name)
    with transaction.atomic():
        added = _add_members(pack)
        if added:
            record_act(
                act="reference.load_pack",
                subject=pack.name,
                actor=acting_user,
                detail={"members_added": added},
            )
    return added


def _add_members(pack: Pack) -> int:
    known = set(Member.objects.values_list("layer", "name"))
    fresh = [m for m in pack.members if (m.layer, m.name) not in known]
    Member.objects.bulk_create(
        Member(layer=m.layer, name=m.name, kind=m.kind, definition=m.definition, pack=pack.name)
        for m in fresh
    )
    Parent.objects.bulk_create(
        Parent(layer=m.layer, child=m.name, parent=m.parent) for m in fresh if m.parent
    )
    return len(fresh)
