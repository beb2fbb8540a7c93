"""The model's pages: who may see and change what, problems by line, a dry run, a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from tests.stages.allocate.firm import MODEL, drivers, ledger, model, run
from tests.stages.allocate.test_run_model import DRIVERS, JANUARY

from bursar.allocate.models import ModelVersion, Run
from bursar.flow import jobs
from bursar.office.people.models import Role, User
from bursar.office.people.scope import Scope
from bursar.report.model_view import model_view
from bursar.web.model_picture import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


@pytest.fixture
def firm(home: Path, tmp_path: Path) -> Path:
    ledger(tmp_path, JANUARY)
    drivers(tmp_path, DRIVERS)
    model()
    return tmp_path


def client(role: Role) -> Client:
    found = Client()
    found.force_login(
        User.objects.create(username=role, email=f"{role}@example.org", role=role),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return found


def test_the_page_shows_steps_rules_and_drivers(firm: Path) -> None:
    run()
    page = client(Role.IT_FINANCE).get("/model/?currency=EUR").content.decode()
    for text in ("Small firm", "pools to towers", "erp shares", "hours", "Run and publish"):
        assert text in page
    assert 'value="950"' in page  # allocated


def test_an_auditor_reads_and_changes_nothing(firm: Path) -> None:
    auditor = client(Role.AUDITOR)
    assert "Run and publish" not in auditor.get("/model/").content.decode()
    assert "Put it in force" not in auditor.get("/model/text").content.decode()
    assert auditor.post("/model/text", {"text": MODEL + "\n", "act": "apply"}).status_code == 200
    assert auditor.post("/model/run", {"act": "publish"}).status_code == 403
    assert (ModelVersion.objects.count(), Run.objects.count()) == (1, 0)


def test_a_budget_owner_sees_none_of_it(firm: Path) -> None:
    owner = client(Role.BUDGET_OWNER)
    for address in ("/model/", "/model/text"):
        assert owner.get(address).status_code == 403
    assert owner.post("/model/run", {"act": "publish"}).status_code == 403


def test_problems_are_shown_with_their_lines(firm: Path) -> None:
    finance = client(Role.IT_FINANCE)
    page = finance.post("/model/text", {"text": "name: x\nbasis: cash\n", "act": "apply"})
    assert "line 2" in page.content.decode()
    assert "model.unknown_value" in page.content.decode()
    assert ModelVersion.objects.count() == 1


def test_a_text_is_compared_tried_and_applied(firm: Path) -> None:
    run()
    finance = client(Role.IT_FINANCE)
    text = MODEL.replace("Retail: 50", "Retail: 60").replace("\n", "\r\n")

    checked = finance.post("/model/text", {"text": text, "act": "check"}).content.decode()
    assert "allocation rule <strong>solutions to consumers: erp shares</strong>" in checked

    tried = finance.post(
        "/model/text", {"text": text, "act": "try", "try_period": "2026-01"}
    ).content.decode()
    assert "What would differ" in tried
    assert 'value="75"' in tried
    assert ModelVersion.objects.count() == 1

    applied = finance.post("/model/text", {"text": text, "act": "apply", "comment": "fairer"})
    assert (applied.status_code, applied["Location"]) == (302, "/model/")
    version = ModelVersion.objects.get(number=2)
    assert (version.comment, "\r" in version.text) == ("fairer", False)

    refused = finance.post("/model/text", {"text": MODEL, "act": "apply", "from_period": "soon"})
    assert "The model cannot begin" in refused.content.decode()


def test_a_run_is_asked_for_and_told(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.queue, "immediate", True)
    finance = client(Role.IT_FINANCE)
    dry = finance.get(finance.post("/model/run", {"act": "try"})["Location"]).content.decode()
    assert "Nothing was published." in dry
    assert Run.objects.count() == 0
    wet = finance.get(finance.post("/model/run", {"act": "publish"})["Location"])
    assert "1 period computed: 2026-01." in wet.content.decode()
    assert Run.objects.count() == 1


def test_without_a_model_the_page_says_what_to_do(home: Path) -> None:
    finance = client(Role.IT_FINANCE)
    assert "There is no cost model yet" in finance.get("/model/").content.decode()
    first = finance.get("/model/text").content.decode()
    assert "name: Our cost model" in first


def test_the_picture_has_a_box_for_each_step_and_outcome(firm: Path) -> None:
    run()
    view = model_view(Scope.all(), period="2026-01", currency="EUR")
    assert view is not None
    drawn = picture(view)
    assert [box.title for box in drawn.boxes] == [
        "classify", "pools to towers", "towers to solutions", "solutions to consumers",
        "Allocated", "Retained", "Unallocated",
    ]  # fmt: skip
    assert len(drawn.arrows) == 6
    assert all(box.x + box.width <= drawn.width for box in drawn.boxes)


def test_the_page_names_periods_that_changed_since_they_were_run(firm: Path) -> None:
    finance = client(Role.IT_FINANCE)
    assert "run again" in finance.get("/model/").content.decode()  # never run so far
    run()
    assert "run again" not in finance.get("/model/").content.decode()
