"""Act: sign a period's reconciliation with the general ledger."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from bursar.core.money.amount import EXACT, exact_text
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.control.comparing import Account, compare
from bursar.record.control.errors import NoControl, Unexplained
from bursar.record.control.queries import standing
from bursar.record.models import Signature

ACT = "control.sign_reconciliation"


def sign_reconciliation(
    *, acting_user: User | None, period: str, entity: str, basis: str = "booked", comment: str = ""
) -> Signature:
    """Sign what ledger and Bursar say of the period and entity; an earlier signature gives way.

    Refuses: people.not_allowed, control.no_balance, control.unexplained (a difference that nothing
    explains is signed only with a comment).
    """
    require(acting_user, ACT)
    accounts = [one for one in compare(period, basis) if one.entity == entity]
    if all(one.ledger is None for one in accounts):
        raise NoControl(
            f"The general ledger of {entity} was not loaded for {period}. Load it first: "
            "bursar control import FILE."
        )
    rest = _rest(accounts)
    if rest and not comment.strip():
        told = ", ".join(f"{currency} {exact_text(amount)}" for currency, amount in rest.items())
        raise Unexplained(
            f"{told} of {entity} in {period} is not explained. Say in a comment why it is signed "
            "all the same, or find the reason: bursar control reconcile."
        )
    with transaction.atomic():
        now = timezone.now()
        Signature.objects.filter(
            period=period, legal_entity=entity, withdrawn_at__isnull=True
        ).update(withdrawn_at=now)
        made = Signature.objects.create(
            period=period,
            legal_entity=entity,
            basis=basis,
            unexplained=[{"currency": c, "amount": exact_text(a)} for c, a in rest.items()],
            stands_on=standing(period, entity),
            comment=comment.strip(),
            signed_at=now,
            signed_by=actor_name(acting_user),
        )
        record_act(
            act=ACT,
            subject=f"{period} {entity}",
            actor=acting_user,
            detail={"basis": basis, "unexplained": made.unexplained, "comment": made.comment},
        )
    return made


def _rest(accounts: list[Account]) -> dict[str, Decimal]:
    """What nothing explains, account by account without regard to sign, per currency."""
    found: dict[str, Decimal] = {}
    for one in accounts:
        if one.unexplained:
            before = found.get(one.currency, Decimal(0))
            found[one.currency] = EXACT.add(before, abs(one.unexplained))
    return dict(sorted(found.items()))
