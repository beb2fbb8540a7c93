"""Putting a model in force: immutable versions, dated members, and what a text would change."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.errors import (
    ModelHasProblems,
    NoModel,
    NoSuchModel,
    UnknownPeriodOfModel,
)
from bursar.allocate.model_queries import check_model, diff_model, model_json, show_model
from bursar.allocate.models import ModelVersion
from bursar.allocate.versions import model_of, version_in_force, versions_in_force
from bursar.office.journal.models import Entry
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.office.reference.errors import HierarchyLoop
from bursar.office.reference.hierarchy import ancestors, subtree
from bursar.office.reference.models import Member, Parent
from bursar.record.models import PromotedColumn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

FIRST = """\
name: First
taxonomy: tbm-5.0
promote: [team]
consumers: [Retail, Digital, {name: Online, parent: Retail}]
solutions: [{name: ERP, type: Shared & Corporate / Finance}]
classify:
  - {name: compute, when: {service_name: EC2}, set: {tower: Compute / Servers}}
"""
SECOND = FIRST.replace("name: First", "name: Second").replace("parent: Retail", "parent: Digital")


def user(role: Role) -> User:
    return User.objects.create(username=role, email=f"{role}@example.org", role=role)


def test_the_first_version_brings_members_parents_and_dimensions(home: Path) -> None:
    outcome = apply_model(text=FIRST, acting_user=user(Role.IT_FINANCE), comment="go")

    assert outcome.to_json() == {
        "version": 1, "in_force_from": None, "unchanged": False, "problems": [], "warnings": [],
    }  # fmt: skip
    assert subtree("consumer", "Retail") == {"Retail", "Online"}
    assert ancestors("solution", "ERP") == ["Shared & Corporate / Finance", "Shared & Corporate"]
    assert Member.objects.filter(layer="tower", pack="tbm-5.0").count() == 67
    assert list(PromotedColumn.objects.values_list("name", flat=True)) == ["tag.team"]
    entry = Entry.objects.get(act="allocate.apply_model")
    assert (entry.actor, entry.subject) == ("it_finance", "model version 1")


def test_the_same_text_again_changes_nothing_and_says_so(home: Path) -> None:
    apply_model(text=FIRST, acting_user=None)
    entries = Entry.objects.count()

    again = apply_model(text=FIRST, acting_user=None)

    assert (again.version, again.unchanged) == (1, True)
    assert (ModelVersion.objects.count(), Entry.objects.count()) == (1, entries)


def test_a_later_version_counts_from_its_period_and_keeps_the_past(home: Path) -> None:
    apply_model(text=FIRST, acting_user=None)
    apply_model(text=SECOND, acting_user=None, from_period="2026-03")

    assert [version_in_force(p).number for p in ("2026-02", "2026-03", None)] == [1, 2, 2]
    assert ancestors("consumer", "Online", date(2026, 2, 28)) == ["Retail"]
    assert ancestors("consumer", "Online", date(2026, 3, 1)) == ["Digital"]
    assert [v.number for v in versions_in_force()] == [2, 1]

    third = apply_model(text=FIRST, acting_user=None)
    assert third.version == 3
    assert [v.number for v in versions_in_force()] == [3]
    assert ancestors("consumer", "Online", date(2026, 3, 1)) == ["Retail"]


def test_what_people_may_and_may_not(home: Path) -> None:
    for role in (Role.AUDITOR, Role.BUDGET_OWNER):
        with pytest.raises(NotAllowed):
            apply_model(text=FIRST, acting_user=user(role))
    assert ModelVersion.objects.count() == 0


def test_a_text_with_problems_is_refused_whole(home: Path) -> None:
    with pytest.raises(ModelHasProblems, match=r"(?s)2 problems.*line 2: .*line 3") as refusal:
        apply_model(text="name: x\nbasis: cash\nscale: many\n", acting_user=None)
    assert refusal.value.code == "model.problems"
    assert [p.code for p in refusal.value.problems] == ["model.unknown_value", "model.bad_number"]
    assert ModelVersion.objects.count() == 0


def test_a_model_cannot_begin_in_a_period_that_does_not_exist(home: Path) -> None:
    with pytest.raises(UnknownPeriodOfModel, match="2026-13") as refusal:
        apply_model(text=FIRST, acting_user=None, from_period="2026-13")
    assert refusal.value.code == "model.unknown_period"


def test_parents_that_stand_already_may_not_close_a_loop(home: Path) -> None:
    apply_model(text=FIRST, acting_user=None)
    Parent.objects.create(layer="solution", child="Shared & Corporate", parent="ERP")
    text = FIRST.replace("name: First", "name: Loop")
    with pytest.raises(HierarchyLoop, match="nothing may stand above itself") as refusal:
        apply_model(text=text, acting_user=None)
    assert refusal.value.code == "reference.loop"
    assert ModelVersion.objects.count() == 1


def test_versions_are_shown_by_number_or_the_latest(home: Path) -> None:
    with pytest.raises(NoModel) as none:
        show_model()
    assert none.value.code == "model.none"
    apply_model(text=FIRST, acting_user=None)
    apply_model(text=SECOND, acting_user=None)
    assert model_json(show_model())["text"] == SECOND
    assert model_json(show_model(1))["name"] == "First"
    with pytest.raises(NoSuchModel, match="no version 9") as refusal:
        show_model(9)
    assert refusal.value.code == "model.no_such_version"


def test_checking_touches_nothing(home: Path) -> None:
    assert check_model(FIRST) == {"version": None, "problems": []}
    (problem,) = check_model("name: x\nbasis: cash\n")["problems"]
    assert problem["where"] == "line 2"
    assert Member.objects.count() == 0


def test_a_difference_is_told_line_by_line_and_in_words(home: Path) -> None:
    apply_model(text=FIRST, acting_user=None)
    text = SECOND.replace("EC2", "EKS") + (
        "  - {name: rest, when: {service_name: S3}, set: {tower: Storage / Online Storage}}\n"
    )
    found = diff_model(text).to_json()
    assert "-name: First" in found["diff"]
    assert "+name: Second" in found["diff"]
    assert found["changes"] == [
        {"what": "classification rule", "name": "compute", "change": "changed"},
        {"what": "classification rule", "name": "rest", "change": "added"},
        {"what": "consumer", "name": "Online", "change": "changed"},
    ]
    assert diff_model(FIRST).to_json() == {"version": 1, "problems": [], "diff": [], "changes": []}
    gone = FIRST.replace(", Digital", "")
    assert diff_model(gone).changes == (
        {"what": "consumer", "name": "Digital", "change": "removed"},
    )


def test_without_any_model_the_empty_one_counts(home: Path) -> None:
    assert version_in_force("2026-01") is None
    assert model_of(None).rules == ()
