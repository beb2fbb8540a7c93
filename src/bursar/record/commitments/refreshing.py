"""The lines of commitments' policies brought up to date (rule CP8)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from bursar.core.tables.cost_line import COST_LINE
from bursar.office.people.models import User
from bursar.record.commitments.deriving import SOURCE, NoHomeError, derived_lines
from bursar.record.deriving import Derivation, publish_derived
from bursar.record.errors import PeriodClosed
from bursar.record.ledger import open_ledger
from bursar.record.models import Batch, Commitment
from bursar.record.promotion import promoted_columns
from bursar.record.queries import sources_of_bills
from bursar.record.split_lines import as_table

ACT = "record.apply_commitments"


def refresh_commitments(acting_user: User | None) -> None:
    """Publish the lines again where a bill or a policy changed; cheap where nothing did.

    One whose home nobody knows adds nothing, and says so in `problem`; a closed period keeps what
    it has where there is no open one to correct it in.
    """
    known = list(Commitment.objects.all())
    if not known:
        return
    sources = sources_of_bills()
    stands_on = _fingerprint(known, sources)
    if all(one.derived_from == stands_on for one in known):
        return
    promoted, lines = promoted_columns(), open_ledger().lines
    made: list[dict[str, Any]] = []
    for one in known:
        one.problem = ""
        try:
            made += derived_lines(one, lines, sources, promoted)
        except NoHomeError:
            one.problem = (
                f"No line says who bought {one.commitment_id}. Name the account or the cost "
                "center that keeps the saving and bears what is unused."
            )
    try:
        publish_derived(Derivation(SOURCE, ACT, acting_user), as_table(made))
    except PeriodClosed as refusal:
        for one in known:
            one.problem = refusal.message
    for one in known:
        one.derived_from = stands_on
        one.save(update_fields=["derived_from", "problem"])


def _fingerprint(known: list[Commitment], sources: tuple[str, ...]) -> str:
    bills = Batch.objects.filter(
        kind=COST_LINE.name, superseded_at__isnull=True, source__name__in=sources
    )
    stands_on = [
        sorted(bills.values_list("batch_id", flat=True)),
        [[c.commitment_id, str(c.policy), c.sub_account, c.cost_center, c.version] for c in known],
        promoted_columns(),
    ]
    return hashlib.sha256(json.dumps(stands_on).encode()).hexdigest()
