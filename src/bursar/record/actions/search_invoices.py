"""Act: search for invoices that pay for records (rule RI1)."""

from __future__ import annotations

from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.models import RecordMatch
from bursar.record.registers.invoices import ACT, net_invoices, propose
from bursar.record.turns import in_turn


def search_invoices(*, acting_user: User | None) -> int:
    """Proposals anew; how many wait for somebody. Refusals: people.not_allowed."""
    require(acting_user, ACT)
    in_turn(lambda: propose(acting_user))
    net_invoices(acting_user)
    return RecordMatch.objects.filter(state=RecordMatch.State.PROPOSED).count()
