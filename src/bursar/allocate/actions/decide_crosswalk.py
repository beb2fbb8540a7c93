"""Act: say with own rows where the names of one taxonomy went in another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.crosswalks import read_rows, shipped_pairs
from bursar.office.reference.errors import NoCrosswalk
from bursar.office.reference.models import CrosswalkDecision

ACT = "allocate.decide_crosswalk"


@dataclass(frozen=True)
class Decided:
    """The decision that counts now; `unchanged` where it did before."""

    source: str
    target: str
    number: int
    rows: int
    unchanged: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "from": self.source,
            "to": self.target,
            "decision": self.number,
            "rows": self.rows,
            "unchanged": self.unchanged,
        }


def decide_crosswalk(
    *, text: str, acting_user: User | None, where: str = "The text", comment: str = ""
) -> Decided:
    """Makes the rows of the text a new version that stands instead of shipped rows (rule TX15).

    No figure is written: restated figures follow from it when they are asked for. The text that
    counts already is not decided twice. Refuses: people.not_allowed, reference.no_crosswalk, and
    what `read_rows` refuses.
    """
    require(acting_user, ACT)
    read = read_rows(text, where)
    pair = (read.source, read.target)
    if pair not in shipped_pairs():
        shipped = "; ".join(f"from {one} to {other}" for one, other in shipped_pairs())
        raise NoCrosswalk(
            f"{where} goes from {pair[0]} to {pair[1]}. Decide on a shipped crosswalk: {shipped}."
        )
    rows = sum(len(listed) for listed in read.rows.values())
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        earlier = CrosswalkDecision.objects.select_for_update().filter(
            source=pair[0], target=pair[1]
        )
        last = earlier.last()
        if last is not None and last.sha256 == sha256:
            return Decided(*pair, last.number, rows, unchanged=True)
        made = CrosswalkDecision.objects.create(
            source=pair[0],
            target=pair[1],
            number=last.number + 1 if last else 1,
            text=text,
            sha256=sha256,
            decided_at=timezone.now(),
            decided_by=actor_name(acting_user),
            comment=comment,
        )
        record_act(
            act=ACT,
            subject=f"crosswalk {pair[0]} to {pair[1]}, decision {made.number}",
            actor=acting_user,
            detail={"rows": rows, "sha256": sha256, "comment": comment},
        )
    return Decided(*pair, made.number, rows, unchanged=False)
