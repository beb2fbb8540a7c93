"""Act: decide who has a commitment's saving and bears its unused part, and apply it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from bursar.core.calc.commitments import CENTRAL, POLICIES, PURCHASER
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.commitments.refreshing import refresh_commitments
from bursar.record.errors import BadCommitment, UnknownCommitment
from bursar.record.models import Commitment
from bursar.record.references.queries import used_of_commitments

ACT = "record.set_commitment"
_LONGEST = {"sub_account": 200, "cost_center": 100}


@dataclass(frozen=True)
class CommitmentPolicy:
    """Who pays, and where the home is; an empty home is where it was bought (rules CP1, CP2)."""

    policy: str
    sub_account: str = ""
    cost_center: str = ""


def set_commitment(
    *, acting_user: User | None, commitment: str, policy: CommitmentPolicy
) -> Commitment:
    """Set the policy and publish its lines; `users` withdraws them.

    Refuses: people.not_allowed, record.unknown_commitment, record.bad_commitment, and what
    `publish_derived` refuses except a closed period, which the commitment then names as its
    problem.
    """
    require(acting_user, ACT)
    _check(policy)
    met = {row["commitment"] for row in used_of_commitments()}
    if commitment not in met:
        listed = ", ".join(sorted(met)[:5]) or "none yet"
        raise UnknownCommitment(
            f"No line in force names the commitment '{commitment}' (met: {listed}). "
            "`bursar commitment list` has all of them."
        )
    with transaction.atomic():
        held, _ = Commitment.objects.select_for_update().get_or_create(commitment_id=commitment)
        before = _told(held)
        held.policy = policy.policy
        held.sub_account, held.cost_center = policy.sub_account, policy.cost_center
        if _told(held) != before:
            held.version += 1
            held.save()
            detail = {"before": before, "after": _told(held), "version": held.version}
            record_act(act=ACT, subject=commitment, actor=acting_user, detail=detail)
    refresh_commitments(acting_user)
    held.refresh_from_db()
    return held


def _check(policy: CommitmentPolicy) -> None:
    if policy.policy not in POLICIES:
        raise BadCommitment(
            f"'{policy.policy}' is no policy of a commitment; write {', '.join(POLICIES)}."
        )
    for name, most in _LONGEST.items():
        if len(getattr(policy, name)) > most:
            raise BadCommitment(f"The {name} of a commitment has at most {most} characters.")
    home = policy.sub_account or policy.cost_center
    if policy.policy == CENTRAL and not home:
        raise BadCommitment(
            "A central policy needs the account or the cost center that keeps the saving."
        )
    if home and policy.policy not in (CENTRAL, PURCHASER):
        raise BadCommitment(
            f"The policy {policy.policy} has no home: leave account and center out."
        )


def _told(held: Commitment) -> dict[str, str]:
    return {
        "policy": str(held.policy),
        "sub_account": held.sub_account,
        "cost_center": held.cost_center,
    }
