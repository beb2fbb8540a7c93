"""Act: search the ledger for evidences of one obligation."""

from __future__ import annotations

from django.db import transaction

from bursar.office.journal.writing import record_act
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.evidence.proposing import Proposed, renew_proposals
from bursar.record.evidence.refresher import net_matches

ACT = "evidence.propose_matches"


def propose_matches(*, acting_user: User | None) -> Proposed:
    """Renew the proposals; what learned rules confirm counts at once.

    Refuses: people.not_allowed, and what `publish_derived` refuses.
    """
    require(acting_user, ACT)
    with transaction.atomic():
        raise_version()
        done = renew_proposals(acting_user)
        record_act(act=ACT, subject="matches", actor=acting_user, detail=dict(vars(done)))
        net_matches(acting_user)
    return done
