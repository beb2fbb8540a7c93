"""Takes over the members and dated parents that a cost model declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

from bursar.office.reference.errors import HierarchyLoop
from bursar.office.reference.hierarchy import Branch, branches, find_loop
from bursar.office.reference.models import Member, Parent


@dataclass(frozen=True)
class Declared:
    """A member as somebody declares it."""

    layer: str
    name: str
    kind: str = ""
    label: str = ""


def declare_members(
    members: Sequence[Declared],
    parents: Mapping[str, Sequence[Branch]],
    *,
    since: date | None = None,
) -> int:
    """Adds or updates the members; their parents count from a day on, the past stays as it was.

    Without a day the declared parents replace whatever the members had. Says how many members
    were new. Part of the act that declares them, which checks the permission and writes the
    journal. Refuses: `reference.loop`.
    """
    with transaction.atomic():
        added = sum(_declare(member) for member in members)
        for layer, declared in parents.items():
            names = [m.name for m in members if m.layer == layer]
            _end_parents(layer, names, since)
            _begin_parents(layer, declared, since)
            loop = find_loop(branches(layer))
            if loop:
                raise HierarchyLoop(
                    f"With the parents that stand there already, {' under '.join(loop)}: "
                    "nothing may stand above itself. Change the parent of one of them."
                )
    return added


def _declare(member: Declared) -> bool:
    row, fresh = Member.objects.get_or_create(layer=member.layer, name=member.name)
    if (row.kind, row.label) != (member.kind, member.label) and not row.pack:
        row.kind, row.label = member.kind, member.label
        row.save(update_fields=["kind", "label"])
    return fresh


def _end_parents(layer: str, names: Iterable[str], since: date | None) -> None:
    rows = Parent.objects.filter(layer=layer, child__in=list(names))
    if since is None:
        rows.delete()
        return
    rows.filter(valid_from__gte=since).delete()
    rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=since)).update(valid_to=since)


def _begin_parents(layer: str, declared: Iterable[Branch], since: date | None) -> None:
    for branch in declared:
        start = branch.valid_from
        if since is not None:
            if branch.valid_to is not None and branch.valid_to <= since:
                continue
            start = max(since, start) if start else since
        Parent.objects.create(
            layer=layer,
            child=branch.child,
            parent=branch.parent,
            valid_from=start,
            valid_to=branch.valid_to,
        )
