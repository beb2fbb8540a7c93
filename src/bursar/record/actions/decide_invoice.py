"""Act: decide whether an invoice and records are the same money (rules RI2-RI5)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.errors import UnknownRecordMatch
from bursar.record.models import RecordMatch
from bursar.record.registers.invoices import ACT, net_invoices, propose
from bursar.record.turns import in_turn


def decide_invoice(
    *, acting_user: User | None, match: int, confirm: bool, remember: bool = False
) -> RecordMatch:
    """Confirm that an invoice and records are the same money, or that they are not.

    A confirmed one may be taken back by rejecting it. `remember` confirms later invoices of the
    vendor for the same contract, or for assets of the same account, where the amounts are equal.
    Refusals: people.not_allowed, record.unknown_record_match.
    """
    require(acting_user, ACT)
    found = in_turn(lambda: _decide(match, (confirm, remember), acting_user))
    if remember and confirm:
        in_turn(lambda: propose(acting_user))
    net_invoices(acting_user)
    return found


def _decide(match: int, how: tuple[bool, bool], acting_user: User | None) -> RecordMatch:
    confirm, remember = how
    with transaction.atomic():
        rows = RecordMatch.objects.select_for_update().filter(pk=match)
        found = rows.exclude(state=RecordMatch.State.REJECTED).first()
        if found is None:
            raise UnknownRecordMatch(
                f"No invoice {match} is proposed or confirmed for a record; it may have been "
                "searched anew since. Look at the list again."
            )
        found.state = RecordMatch.State.CONFIRMED if confirm else RecordMatch.State.REJECTED
        found.remembered = confirm and remember
        found.decided_by, found.decided_at = actor_name(acting_user), timezone.now()
        found.save()
        record_act(
            act=ACT, subject=f"{found.register} {', '.join(found.numbers[:5])}", actor=acting_user,
            detail={"state": found.state, "invoice": found.key, "amount": found.amount,
                    "invoiced": found.invoiced, "remembered": found.remembered},
        )  # fmt: skip
    return found
