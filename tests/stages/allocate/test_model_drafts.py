"""Drafts of the model, by the rules MD1-MD7 of docs/spec/model-drafts.md."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.allocate.firm import MODEL, drivers, ledger, model, run

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.actions.compare_models import compare_models
from bursar.allocate.actions.publish_draft import publish_draft
from bursar.allocate.actions.review_draft import review_draft
from bursar.allocate.actions.save_draft import save_draft
from bursar.allocate.actions.withdraw_draft import withdraw_draft
from bursar.allocate.errors import (
    DraftChanged,
    DraftStanding,
    ModelHasProblems,
    NoSuchDraft,
    OwnReview,
    ReviewNeeded,
    ReviewWithoutReason,
)
from bursar.allocate.model_queries import diff_model
from bursar.allocate.model_text import parse_model
from bursar.allocate.models import ModelDraft, ModelVersion, RunPeriod, Statement
from bursar.allocate.versions import version_in_force
from bursar.office.journal.models import Entry
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.report.model_drafts import moved_words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

MORE_TO_RETAIL = MODEL.replace("Retail: 50, Wholesale: 30", "Retail: 60, Wholesale: 30")
DEMANDING = MODEL.replace("name: Small firm", "name: Small firm\nreview: required")


def person(name: str, role: Role = Role.IT_FINANCE) -> User:
    found = User.objects.filter(username=name).first()
    return found or User.objects.create(username=name, email=f"{name}@example.org", role=role)


def month(folder: Path) -> None:
    """January: 1,000 of pay for the ERP by hours, 300 of cloud for the shop by orders."""
    ledger(folder, "2026-01-31,1000.00,EUR,6010,\n2026-01-31,300.00,EUR,6500,\n")
    drivers(
        folder,
        "hours,2026-01,,ERP,10\norders,2026-01,,Retail,1\norders,2026-01,,Logistics,2\n",
    )


def test_md1_a_draft_counts_for_nothing_and_tells_what_it_moves(tmp_path: Path) -> None:
    month(tmp_path)
    model()
    run()
    before = list(Statement.objects.values_list("statement_id", "total", "run_period_id"))

    draft = save_draft(text=MORE_TO_RETAIL, acting_user=person("anna"), comment="as agreed")

    assert (draft.number, draft.standing, draft.authors) == (1, "draft", ["anna"])
    assert draft.against == version_in_force()
    assert [
        (r["period"], r["consumer"], r["outcome"], r["before"], r["after"], r["difference"])
        for r in draft.money["rows"]
    ] == [
        ("2026-01", "Retail", "allocated", "600", "700", "100"),
        ("2026-01", None, "retained", "200", "100", "-100"),
    ]
    assert moved_words(draft.money["rows"], draft.money["periods"]) == [
        "In January 2026 this text moves 100.00 EUR from what IT keeps to Retail."
    ]
    assert list(Statement.objects.values_list("statement_id", "total", "run_period_id")) == before
    assert (ModelVersion.objects.count(), RunPeriod.objects.count()) == (1, 1)
    entry = Entry.objects.get(act="allocate.save_draft")
    assert (entry.actor, entry.subject) == ("anna", "model draft 1")
    assert not list(tmp_path.rglob(".dry-run-*"))


def test_md2_a_draft_goes_from_person_to_person_into_force(tmp_path: Path) -> None:
    month(tmp_path)
    model()
    draft = save_draft(text=MORE_TO_RETAIL, acting_user=person("anna"), from_period="2026-01")
    ben = person("ben")

    with pytest.raises(DraftStanding, match="Somebody else than its authors"):
        publish_draft(number=1, acting_user=ben)
    with pytest.raises(ReviewWithoutReason):
        review_draft(number=1, sha256=draft.sha256, approve=False, acting_user=ben, text=" ")
    seen = review_draft(number=1, sha256=draft.sha256, approve=False, acting_user=ben, text="Why?")
    assert (seen.standing, seen.reviewed_by, seen.review) == ("returned", "ben", "Why?")
    with pytest.raises(DraftStanding, match="Change its text"):
        review_draft(number=1, sha256=draft.sha256, approve=True, acting_user=ben)

    again = save_draft(
        text=MORE_TO_RETAIL + "# As the board decided.\n",
        acting_user=person("anna"), number=1, from_period="2026-01", comment="board",
    )  # fmt: skip
    assert (again.standing, again.reviewed_by, again.review) == ("draft", "", "")
    review_draft(number=1, sha256=again.sha256, approve=True, acting_user=ben)
    done = publish_draft(number=1, acting_user=person("anna"))

    assert (done.version, done.in_force_from) == (2, "2026-01")
    version = version_in_force()
    assert (version.text, version.comment, version.applied_by) == (again.text, "board", "anna")
    assert ModelDraft.objects.get().version == version
    applied = Entry.objects.get(act="allocate.apply_model", subject="model version 2")
    assert (applied.detail["draft"], applied.detail["reviewed_by"]) == (1, "ben")
    for late in (
        lambda: save_draft(text=MODEL, acting_user=ben, number=1),
        lambda: withdraw_draft(number=1, acting_user=ben),
        lambda: publish_draft(number=1, acting_user=ben),
    ):
        with pytest.raises(DraftStanding, match="published"):
            late()


def test_md2_a_draft_is_withdrawn_and_stays_readable() -> None:
    model()
    save_draft(text=MORE_TO_RETAIL, acting_user=person("anna"))
    gone = withdraw_draft(number=1, acting_user=None, text="not now")
    assert (gone.standing, gone.text) == ("withdrawn", MORE_TO_RETAIL)
    with pytest.raises(DraftStanding, match="withdrawn"):
        review_draft(number=1, sha256=gone.sha256, approve=True, acting_user=person("ben"))
    with pytest.raises(NoSuchDraft):
        withdraw_draft(number=7, acting_user=None)
    with pytest.raises(ModelHasProblems):
        save_draft(text="name: x\nnonsense: 1\n", acting_user=None)
    assert ModelDraft.objects.count() == 1


def test_md3_only_somebody_who_wrote_none_of_it_reviews() -> None:
    model()
    save_draft(text=MORE_TO_RETAIL, acting_user=person("anna"))
    draft = save_draft(text=MORE_TO_RETAIL, acting_user=person("ben"), number=1)
    for author in ("anna", "ben"):
        with pytest.raises(OwnReview, match=author):
            review_draft(number=1, sha256=draft.sha256, approve=True, acting_user=person(author))
    with pytest.raises(OwnReview, match="sign in"):
        review_draft(number=1, sha256=draft.sha256, approve=True, acting_user=None)
    for role in (Role.AUDITOR, Role.BUDGET_OWNER):
        reader = person(role, role)
        with pytest.raises(NotAllowed):
            review_draft(number=1, sha256=draft.sha256, approve=True, acting_user=reader)
        with pytest.raises(NotAllowed):
            save_draft(text=MODEL, acting_user=reader)
        with pytest.raises(NotAllowed):
            publish_draft(number=1, acting_user=reader)
        with pytest.raises(NotAllowed):
            withdraw_draft(number=1, acting_user=reader)
        with pytest.raises(NotAllowed):
            compare_models(acting_user=reader, after=parse_model(MODEL).model)
    assert ModelDraft.objects.get().standing == "draft"


def test_md4_a_review_is_of_what_was_seen() -> None:
    model()
    first = save_draft(text=MORE_TO_RETAIL, acting_user=person("anna"))
    save_draft(text=MORE_TO_RETAIL + "# more\n", acting_user=person("anna"), number=1)
    ben = person("ben")
    with pytest.raises(DraftChanged, match="another text"):
        review_draft(number=1, sha256=first.sha256, approve=True, acting_user=ben)

    model(MODEL.replace("name: Small firm", "name: Another"))
    now = ModelDraft.objects.get()
    with pytest.raises(DraftChanged, match="Version 2 was put in force"):
        review_draft(number=1, sha256=now.sha256, approve=True, acting_user=ben)

    saved = save_draft(text=now.text, acting_user=person("anna"), number=1)
    review_draft(number=1, sha256=saved.sha256, approve=True, acting_user=ben)
    model(MODEL.replace("name: Small firm", "name: A third"))
    with pytest.raises(DraftChanged, match="Version 3 was put in force"):
        publish_draft(number=1, acting_user=ben)
    assert ModelVersion.objects.count() == 3


def test_md5_a_model_may_demand_a_review_even_of_the_text_that_ends_it() -> None:
    model(DEMANDING)
    assert apply_model(text=DEMANDING, acting_user=None).unchanged
    for who in (None, person("anna"), person("root", Role.ADMINISTRATOR)):
        with pytest.raises(ReviewNeeded):
            apply_model(text=MODEL, acting_user=who)
    draft = save_draft(text=MODEL, acting_user=person("anna"))
    review_draft(number=1, sha256=draft.sha256, approve=True, acting_user=person("ben"))
    publish_draft(number=1, acting_user=None)
    assert apply_model(text=DEMANDING, acting_user=None).version == 3


def test_md6_two_versions_on_the_same_inputs_add_up_per_entity(tmp_path: Path) -> None:
    month(tmp_path)
    model()
    run()
    # Cost that came after the run is in both sides, so that it is no difference of the texts.
    ledger(tmp_path, "2026-01-31,50.00,EUR,6010,\n", source="late")
    marked = MORE_TO_RETAIL.replace(
        "method: weighted, driver: orders", "method: weighted, driver: orders, markup: 10"
    )
    second = parse_model(marked).model
    moved = compare_models(
        acting_user=None, before=parse_model(MODEL).model, after=second, periods=["2026-01"]
    )
    told = {row["consumer"] or row["outcome"]: row["difference"] for row in moved.rows}
    # 10 % of 1,050 more for Retail from IT; and 10 % markup on 300, a third of it on Retail.
    assert told == {"Retail": "115", "Logistics": "20", "retained": "-105"}
    assert sum(Decimal(row["difference"]) for row in moved.rows) == Decimal("30")
    assert moved_words(moved.rows, moved.periods) == [
        "In January 2026 this text moves 105.00 EUR from what IT keeps to Retail (115.00) and "
        "Logistics (20.00); in all 30.00 EUR more is charged or kept."
    ]
    back = compare_models(
        acting_user=None, before=second, after=parse_model(MODEL).model, periods=["2026-01"]
    )
    assert [-Decimal(row["difference"]) for row in back.rows] == [
        Decimal(row["difference"]) for row in moved.rows
    ]
    same = compare_models(acting_user=None, before=second, after=second, periods=["2026-01"])
    assert same.rows == ()
    assert moved_words(same.rows, same.periods) == ["In January 2026 nobody pays more or less."]


def test_md6_what_a_sentence_prints_adds_up() -> None:
    """A third of a cent each: three rounded for themselves would be 0.33 of 0.32 (rule M8)."""
    moved = {"A": "0.32435209672901", "B": "-0.10811736557633", "C": "-0.21623473115268"}
    rows = [
        {"period": "2026-01", "currency": "CAD", "consumer": name, "outcome": "allocated",
         "difference": amount}
        for name, amount in moved.items()
    ]  # fmt: skip
    assert moved_words(rows, ["2026-01"]) == [
        "In January 2026 this text moves 0.32 CAD from C (0.21) and B (0.11) to A."
    ]


def test_md7_what_people_say_of_a_rule_moves_no_cent(tmp_path: Path) -> None:
    month(tmp_path)
    model()
    run()
    noted = MODEL.replace(
        "method: weighted, driver: orders}",
        "method: weighted, driver: orders, maturity: measured, description: By orders of the shop,"
        " agreed_by: CFO and Retail, agreed_on: 2025-12-01}",
    )
    draft = save_draft(text=noted, acting_user=person("anna"))
    assert draft.money["rows"] == []
    assert [(c["what"], c["name"], c["change"]) for c in diff_model(noted).changes] == [
        ("note on", "solutions to consumers: orders", "added")
    ]
    line = noted.splitlines().index(next(n for n in noted.splitlines() if "agreed_on" in n)) + 1
    problems = parse_model(noted.replace(" agreed_by: CFO and Retail,", "")).problems
    assert [(p.line, p.code) for p in problems] == [(line, "model.missing_key")]
    problems = parse_model(noted.replace("maturity: measured", "maturity: perfect")).problems
    assert [p.code for p in problems] == ["model.unknown_value"]
