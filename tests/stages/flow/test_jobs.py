"""Jobs behind pages: what they do, how they end, and what a restart makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from bursar.core.refusal import Refused
from bursar.flow import jobs
from bursar.flow.models import Job
from bursar.office.journal.models import Entry
from bursar.office.people.models import User

pytestmark = pytest.mark.django_db(transaction=True)

LEDGER = "period,amount,currency,gl_account\n2026-01,10.50,EUR,6100\n2026-01,4.25,EUR,6200\n"


@pytest.fixture
def finance() -> User:
    return User.objects.create(username="fin", email="fin@example.org", role="it_finance")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    file = tmp_path / "ledger.csv"
    file.write_text(LEDGER)
    return file


@pytest.mark.usefixtures("home")
def test_an_import_is_done_in_the_name_of_who_asked(finance: User, ledger: Path) -> None:
    job = jobs.ask_import(acting_user=finance, paths=[str(ledger)])
    assert (job.state, job.asked_by) == ("done", finance)
    assert job.finished_at is not None
    assert job.outcome["rows_accepted"] == 2
    entry = Entry.objects.get(act="record.import_files")
    assert entry.actor == "fin"


@pytest.mark.usefixtures("home")
def test_a_run_is_done(finance: User, ledger: Path) -> None:
    jobs.ask_import(acting_user=finance, paths=[str(ledger)])
    preview = jobs.ask_run(acting_user=finance, dry_run=True)
    assert preview.state == "done", preview.outcome
    assert preview.outcome["dry_run"] is True
    job = jobs.ask_run(acting_user=finance)
    assert job.state == "done", job.outcome
    (balance,) = job.outcome["balance"]
    assert (balance["cost_in"], balance["unallocated"]) == ("14.75", "14.75")
    assert job.progress


@pytest.mark.usefixtures("home")
def test_a_refusal_is_an_outcome(finance: User, tmp_path: Path) -> None:
    job = jobs.ask_import(acting_user=finance, paths=[str(tmp_path / "missing.csv")])
    assert job.state == "refused"
    assert job.outcome["error"]["code"] == "import.no_such_file"


def test_a_defect_is_told_and_does_not_stop_the_consumer(finance: User) -> None:
    job = Job.objects.create(
        token="t", act="no.such_act", asked_by=finance, asked_at=timezone.now()
    )
    jobs.carry_out(job.token)
    job.refresh_from_db()
    assert (job.state, job.outcome["error"]["code"]) == ("refused", "job.failed")


def test_who_may_not_import_may_not_ask_for_it() -> None:
    auditor = User.objects.create(username="aud", email="aud@example.org", role="auditor")
    for ask, more in ((jobs.ask_import, {"paths": []}), (jobs.ask_run, {})):
        with pytest.raises(Refused) as refused:
            ask(acting_user=auditor, **more)
        assert refused.value.code == "people.not_allowed"
    assert not Job.objects.exists()


def test_a_job_is_done_once(finance: User) -> None:
    job = Job.objects.create(
        token="t", act="no.such_act", asked_by=finance, asked_at=timezone.now(), state="done"
    )
    jobs.carry_out(job.token)
    job.refresh_from_db()
    assert (job.state, job.outcome) == ("done", {})


def test_what_a_dead_consumer_left_running_is_refused(finance: User) -> None:
    for state in ("waiting", "running", "done"):
        Job.objects.create(
            token=state, act="a.b", asked_by=finance, asked_at=timezone.now(), state=state
        )
    jobs.refuse_interrupted()
    states = dict(Job.objects.values_list("token", "state"))
    assert states == {"waiting": "waiting", "running": "refused", "done": "done"}
    assert Job.objects.get(token="running").outcome["error"]["code"] == "job.interrupted"


def test_the_nightly_sweep_spares_young_orphans(home: Path) -> None:
    orphan = home / "lake" / "cost_line" / "stray.parquet"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"x")
    jobs.sweep_nightly()
    assert orphan.exists()
