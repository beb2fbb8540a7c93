"""Act: give a period's result to the general ledger as a journal."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from bursar.allocate.models import PostingExport, RunPeriod
from bursar.allocate.postings import beancount
from bursar.allocate.postings.errors import AccountMissing, NothingToPost, UnknownLayout
from bursar.allocate.postings.journal import Accounts, Posting, postings_of, reversal_of
from bursar.allocate.postings.layouts import LAYOUTS, Layout
from bursar.allocate.postings.writing import as_file
from bursar.allocate.queries import require_run
from bursar.office.calendar.periods import calendar_of
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require

ACT = "allocate.export_postings"


@dataclass(frozen=True)
class Exported:
    """The file's bytes, and what was recorded of it."""

    content: bytes
    sha256: str
    documents: tuple[str, ...]
    reversed_documents: tuple[str, ...]
    unchanged: bool
    """Whether the same file was exported before."""

    def to_json(self) -> dict[str, Any]:
        return {
            "sha256": self.sha256,
            "documents": list(self.documents),
            "reversed_documents": list(self.reversed_documents),
            "unchanged": self.unchanged,
        }


def export_postings(
    *,
    acting_user: User | None,
    period: str,
    basis: str = "effective",
    layout: str = "generic",
    accounts: Accounts | None = None,
) -> Exported:
    """The journal of the run in force; what an earlier run's export posted is reversed in it.

    The same run gives the same file. Refuses: people.not_allowed, run.none,
    postings.unknown_layout, postings.account_missing, postings.no_statement.
    """
    require(acting_user, ACT)
    chosen, where = _layout(layout), accounts or Accounts()
    if chosen.name == "beancount":
        where = _in_beancount(where)
    if chosen.needs_accounts and not (where.debit and where.credit):
        raise AccountMissing(
            f"The layout {layout} names accounts. Say what consumers are debited and what IT is "
            "credited: --debit-account 699000 --credit-account 690000."
        )
    run_period = require_run(period, basis)
    with transaction.atomic():
        # Two exports at once would both reverse the same journal.
        RunPeriod.objects.select_for_update().get(pk=run_period.pk)
        return _export(run_period, chosen, where, acting_user)


def _in_beancount(accounts: Accounts) -> Accounts:
    """Its accounts have roots; two trees that never meet, unless others are named."""
    return Accounts(accounts.debit or beancount.DEBIT, accounts.credit or beancount.CREDIT)


def _layout(name: str) -> Layout:
    if name not in LAYOUTS:
        raise UnknownLayout(f"There is no layout '{name}'. Choose {', '.join(LAYOUTS)}.")
    return LAYOUTS[name]


def _export(
    run_period: RunPeriod, layout: Layout, accounts: Accounts, acting_user: User | None
) -> Exported:
    last = calendar_of().period(run_period.period).end - timedelta(days=1)
    own = postings_of(run_period, accounts, last)
    known = PostingExport.objects.filter(
        period=run_period.period, basis=run_period.basis, layout=layout.name
    )
    wanted = [accounts.debit, accounts.credit]
    same = known.filter(run_period=run_period, accounts=wanted).order_by("-exported_at").first()
    latest = known.order_by("-exported_at", "-pk").first()
    earlier = same.reverses if same else latest
    reversals = _kept(earlier)
    if not own and not reversals:
        raise NothingToPost(
            f"The run of {run_period.period} issued no statement, so there is nothing to post."
        )
    content = as_file([*reversal_of(reversals), *own], layout)
    digest = hashlib.sha256(content).hexdigest()
    done = Exported(
        content=content,
        sha256=digest,
        documents=tuple(dict.fromkeys(one.document for one in own)),
        reversed_documents=tuple(dict.fromkeys(one.document for one in reversals)),
        unchanged=same is not None,
    )
    if same is None:
        _record(run_period, layout, (own, wanted, earlier), done, acting_user)
    return done


def _kept(export: PostingExport | None) -> list[Posting]:
    return [Posting.from_json(kept) for kept in export.postings] if export else []


def _record(
    run_period: RunPeriod,
    layout: Layout,
    made: tuple[list[Posting], list[str], PostingExport | None],
    done: Exported,
    acting_user: User | None,
) -> None:
    own, accounts, earlier = made
    PostingExport.objects.create(
        run_period=run_period,
        period=run_period.period,
        basis=run_period.basis,
        layout=layout.name,
        content_sha256=done.sha256,
        reverses=earlier,
        postings=[one.to_json() for one in own],
        accounts=accounts,
        exported_at=timezone.now(),
        exported_by=actor_name(acting_user),
    )
    record_act(
        act=ACT,
        subject=f"{run_period.period} {run_period.basis} {layout.name}",
        actor=acting_user,
        detail={**done.to_json(), "run_id": run_period.run.run_id, "lines": len(own)},
    )
