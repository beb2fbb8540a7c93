"""Work that outlives a page: imports and runs asked for in the browser, watched places, and
the nightly sweep and anchoring.

A job is a row, so its progress survives a reload and a restart. The queue is a file in the data
folder; the consumer (`bursar serve` starts it) takes one job at a time. Ask for jobs outside a
transaction: the consumer must see the row.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone
from huey import SqliteHuey, crontab

from bursar.allocate.actions.run_model import run_model
from bursar.connect.profile import Profile
from bursar.core.refusal import InvariantBroken, Refused
from bursar.flow.actions.anchor_journal import anchor_journal
from bursar.flow.models import Job
from bursar.office.journal.anchors import changed_since_anchored
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.actions.import_files import import_files
from bursar.record.actions.poll_watches import poll_watches
from bursar.record.actions.sweep_lake import sweep_lake

_DAY_SECONDS = 24 * 3600
log = structlog.get_logger(__name__)

# At once: the asking process does the work itself, for tests and for hosts without a consumer.
queue = SqliteHuey(
    "bursar",
    filename=str(Path(settings.BURSAR_HOME) / "jobs.sqlite3"),
    immediate=getattr(settings, "JOBS_AT_ONCE", False),
)


def ask_import(
    *,
    acting_user: User,
    paths: list[str],
    source: str | None = None,
    format: str = "auto",
    profile: str | Profile | None = None,
) -> Job:
    """Import files or a folder behind the page. Refuses: people.not_allowed."""
    require(acting_user, "record.import_files")
    told = profile.to_json() if isinstance(profile, Profile) else profile
    arguments = {"paths": paths, "source": source, "format": format, "profile": told}
    return _ask("record.import_files", acting_user, arguments)


def ask_run(*, acting_user: User, periods: list[str] | None = None, dry_run: bool = False) -> Job:
    """Run the cost model behind the page. Refuses: people.not_allowed."""
    require(acting_user, "allocate.run_model")
    arguments = {"periods": periods, "dry_run": dry_run}
    return _ask("allocate.run_model", acting_user, arguments)


def refuse_interrupted() -> None:
    """Jobs that a killed consumer left running are refused: nothing of them was recorded."""
    Job.objects.filter(state="running").update(
        state="refused",
        finished_at=timezone.now(),
        outcome={
            "error": {
                "code": "job.interrupted",
                "message": "The server stopped during this job; nothing was recorded. Ask again.",
            }
        },
    )


def _ask(act: str, user: User, arguments: dict[str, Any]) -> Job:
    job = Job.objects.create(
        token=secrets.token_urlsafe(20),
        act=act,
        asked_by=user,
        asked_at=timezone.now(),
        arguments=arguments,
    )
    carry_out(job.token)
    job.refresh_from_db()
    return job


@queue.task()  # type: ignore[untyped-decorator]
def carry_out(token: str) -> None:
    """Do one job and write down how it ended; a refusal is an outcome, not a failure."""
    _fresh_connection()
    job = Job.objects.select_related("asked_by").get(token=token)
    if job.state != "waiting":
        return
    job.state = "running"
    job.save(update_fields=["state"])
    try:
        job.outcome = _ACTS[job.act](job)
        job.state = "done"
    except Refused as refusal:
        job.outcome = {"error": {"code": refusal.code, "message": refusal.message}}
        job.state = "refused"
    except Exception as defect:  # the page must learn of it, whatever it was
        log.exception("job failed", act=job.act, token=token)
        code = "invariant" if isinstance(defect, InvariantBroken) else "job.failed"
        text = f"{defect} This is a defect of Bursar; nothing was recorded."
        job.outcome = {"error": {"code": code, "message": text}}
        job.state = "refused"
    finally:
        job.finished_at = timezone.now()
        job.save(update_fields=["state", "outcome", "finished_at"])
        _fresh_connection()


@queue.periodic_task(crontab(minute="17", hour="3"))  # type: ignore[untyped-decorator]
def sweep_nightly() -> None:
    """Remove files that no batch or run owns, once they are a day old."""
    _fresh_connection()
    removed, spared = sweep_lake(acting_user=None, grace_seconds=_DAY_SECONDS)
    log.info("nightly sweep", removed=len(removed), spared=len(spared))
    _fresh_connection()


@queue.periodic_task(crontab(minute="41", hour="2"))  # type: ignore[untyped-decorator]
def anchor_nightly() -> None:
    """Keep the journal's head outside, where anything was recorded since the last time."""
    _fresh_connection()
    for place in settings.ANCHORS if changed_since_anchored() else ():
        try:
            anchor = anchor_journal(to=place, acting_user=None)
            log.info("journal anchored", seq=anchor.seq)
        except Refused as refusal:  # one place that does not answer keeps no other from it
            log.warning("journal not anchored", code=refusal.code, why=refusal.message)
    _fresh_connection()


@queue.periodic_task(crontab(minute="*/5"))  # type: ignore[untyped-decorator]
def look_at_watched_places() -> None:
    """Import what arrived in watched folders and object stores."""
    _fresh_connection()
    for found in poll_watches(acting_user=None):
        if found.imported or found.refused or found.problem:
            log.info("watched place", **found.to_json())
    _fresh_connection()


def _import(job: Job) -> dict[str, Any]:
    told = job.arguments["profile"]
    outcome = import_files(
        paths=[Path(path) for path in job.arguments["paths"]],
        acting_user=job.asked_by,
        source=job.arguments["source"],
        format=job.arguments["format"],
        profile=Profile.from_json(told) if isinstance(told, dict) else told,
        progress=_progress(job, "{:,} rows"),
    )
    answer: dict[str, Any] = outcome.to_json()
    return answer


def _run(job: Job) -> dict[str, Any]:
    outcome = run_model(
        acting_user=job.asked_by,
        periods=job.arguments["periods"],
        dry_run=job.arguments["dry_run"],
        progress=_progress(job, "{}"),
    )
    answer: dict[str, Any] = outcome.to_json()
    return answer


_ACTS: dict[str, Callable[[Job], dict[str, Any]]] = {
    "record.import_files": _import,
    "allocate.run_model": _run,
}


def _progress(job: Job, wording: str) -> Callable[..., None]:
    def tell(done: object) -> None:
        text = wording.format(done)[:200]
        if text != job.progress:
            job.progress = text
            # Inside an act's transaction the row would stay unseen, and would hold a lock.
            if not connection.in_atomic_block:
                with suppress(Job.DoesNotExist):
                    job.save(update_fields=["progress"])

    return tell


def _fresh_connection() -> None:
    if not connection.in_atomic_block:
        close_old_connections()
