"""Closing, correcting and reopening a period in the browser, and who may not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stages.record.bills import bill
from tests.surfaces.web.conftest import Served
from tests.surfaces.web.test_web_data import client_of
from tests.surfaces.web.visitor import Visitor

from bursar.office.calendar.models import Period
from bursar.office.people.models import Role
from bursar.record.actions.import_files import import_files

Visit = Callable[..., Visitor]


@pytest.fixture
def march(home: Path, tmp_path: Path) -> None:
    import_files(paths=[bill(tmp_path / "a.csv", [{}])], acting_user=None, source="cloud")


def act(client: object, **fields: str) -> str:
    place = {"period": "2025-03", "entity": "main"}
    answer = client.post("/data/periods/change", {**place, **fields}, follow=True)  # type: ignore[attr-defined]
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.django_db
def test_the_page_closes_and_reopens(march: None) -> None:
    finance = client_of(Role.IT_FINANCE)
    assert "ready to close" in finance.get("/data/periods/").content.decode()
    text = act(finance, do="add", name="Call the bank", owner="", due_days="4")
    assert "Added: Call the bank." in text
    assert "Still open: Call the bank." in act(finance, do="close")
    key = Period.objects.get().lines.get().key
    assert "the journal and the page keep it" in act(finance, do="waive", check=key)
    act(finance, do="finish", check=key, reason="they called")
    assert "is closed. Its figures stand" in act(finance, do="close")
    assert Period.objects.get().state == "closed"
    text = act(finance, do="reopen", reason="a wrong bill")
    assert "is open again" in text
    assert "a wrong bill" in text
    assert "is soft-closed" in act(finance, do="soft_close")
    assert "no such act" in act(finance, do="nothing")


@pytest.mark.django_db
def test_an_auditor_reads_and_an_owner_does_not(march: None) -> None:
    auditor = client_of(Role.AUDITOR)
    text = auditor.get("/data/periods/").content.decode()
    assert "Checklist of 2025-03" in text
    assert "Close 2025-03" not in text
    assert auditor.post("/data/periods/change", {"do": "close"}).status_code == 403
    assert client_of(Role.BUDGET_OWNER).get("/data/periods/").status_code == 403


@pytest.mark.django_db
def test_the_api_closes(march: None) -> None:
    finance = client_of(Role.IT_FINANCE)

    def post(path: str, **body: object) -> tuple[int, dict]:
        answer = finance.post(f"/api/v1/periods/2025-03/main/{path}", body, "application/json")
        return answer.status_code, answer.json()

    _, told = post("lines", name="Look again")
    key = told["checks"][-1]["key"]
    assert post("close")[1]["changed"] is False
    assert post(f"checks/{key}/waive", reason="")[0] == 422
    assert post(f"checks/{key}/done")[1]["checks"][-1]["state"] == "done"
    assert post("close")[1]["state"] == "closed"
    assert post("reopen", reason="why not")[1]["state"] == "open"
    assert finance.get("/api/v1/periods").json()["periods"][0]["state"] == "open"
    assert client_of(Role.BUDGET_OWNER).get("/api/v1/periods").status_code == 403


@pytest.mark.django_db
def test_the_quality_of_data_is_a_page(march: None) -> None:
    finance = client_of(Role.IT_FINANCE)
    text = finance.get("/data/quality/").content.decode()
    for told in ("Score in EUR", "100.0 %", "not measured", "To mend, by money"):
        assert told in text
    assert "nothing to judge yet" in finance.get("/data/quality/?basis=booked").content.decode()
    told = finance.get("/api/v1/quality").json()
    assert [(row["source"], row["score"]) for row in told["rows"]] == [("cloud", "1")]
    assert client_of(Role.BUDGET_OWNER).get("/data/quality/").status_code == 403


@pytest.mark.browser
def test_a_month_is_closed_corrected_and_reopened(
    browser: object, apart: Served, tmp_path: Path
) -> None:
    from tests.surfaces.web.company import bursar

    finn = Visitor.arrive(browser, apart.address)
    finn.sign_in("finn")
    finn.go("/data/periods/?period=2026-01&entity=main")
    page = finn.page
    finn.photograph("periods-open")
    finn.go("/data/periods/?period=2026-01&entity=main")  # a picture leaves traces in the page
    page.get_by_role("button", name="Close 2026-01").click()
    page.get_by_text("Still open: Unallocated is low").wait_for()
    page.get_by_text("Waive", exact=True).first.click()
    page.get_by_label("Reason").fill("ERP is shared by nobody yet")
    page.get_by_role("button", name="Waive").click()
    page.get_by_text("your reason stands on the checklist").wait_for()
    page.get_by_role("button", name="Close 2026-01").click()
    page.get_by_text("2026-01 is closed").wait_for()
    restated = tmp_path / "cumulus-2026-01.csv"
    text = apart.files["cumulus-2026-01.csv"].read_text()
    restated.write_text(text.replace("1200.125", "1300.125"))
    bursar(apart.home, "import", str(restated))
    bursar(apart.home, "run")
    for theme in ("light", "dark"):
        for width in (1440, 390):
            eye = Visitor.arrive(browser, apart.address, theme=theme, width=width)
            eye.sign_in("finn")
            for period in ("2026-01", "2026-02"):
                eye.go(f"/data/periods/?period={period}&entity=main")
                eye.photograph(f"periods-{period}-{theme}-{width}")
                assert eye.accessibility_problems() == []
                over = eye.page.evaluate("document.documentElement.scrollWidth") - width
                assert over <= 0
            assert eye.leave() == []
    finn.go("/data/periods/?period=2026-01&entity=main")
    page.get_by_text("1 after closing").wait_for()
    page.get_by_label("Why it is reopened").fill("The provider corrected its bill")
    page.get_by_role("button", name="Reopen 2026-01").click()
    page.get_by_text("2026-01 is open again").wait_for()
    page.get_by_text("The provider corrected its bill").wait_for()
    finn.photograph("periods-reopened")
    assert finn.leave() == []
