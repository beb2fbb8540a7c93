"""The taxonomy pack that is shipped: complete, defined in our own words, loadable twice."""

from __future__ import annotations

from datetime import date

import pytest

from bursar.office.journal.models import Entry
from bursar.office.reference.actions.load_pack import load_pack
from bursar.office.reference.errors import UnknownPack
from bursar.office.reference.hierarchy import Branch, find_loop, plant, subtree, tree
from bursar.office.reference.models import Member, Parent
from bursar.office.reference.packs import read_pack

PACK = read_pack("tbm-5.0")


def test_the_pack_names_every_pool_tower_and_solution_type() -> None:
    tops = {
        layer: {m.name for m in PACK.members if m.layer == layer and m.parent is None}
        for layer in ("cost_pool", "tower", "solution")
    }
    assert len(tops["cost_pool"]) == 9
    assert len(tops["tower"]) == 12
    assert tops["solution"] == {
        "Business", "Workplace", "Infrastructure", "Delivery", "Shared & Corporate",
        "Artificial Intelligence",
    }  # fmt: skip
    assert len(PACK.names("cost_pool")) == 9 + 40
    assert len(PACK.names("tower")) == 12 + 55


def test_every_name_of_5_has_a_definition() -> None:
    assert [m.name for m in PACK.members if not m.definition.endswith(".")] == []


def test_an_unknown_pack_is_refused_by_name() -> None:
    with pytest.raises(UnknownPack, match=r"no taxonomy pack 'tbm-9'.*tbm-5\.0") as refusal:
        read_pack("tbm-9")
    assert refusal.value.code == "reference.unknown_pack"


@pytest.mark.django_db
def test_loading_twice_adds_nothing_and_keeps_what_was_edited() -> None:
    assert load_pack("tbm-5.0", acting_user=None) == len(PACK.members)
    Parent.objects.filter(child="Risk & Compliance / Disaster Recovery").update(parent="Security")
    Member.objects.filter(name="Compute", layer="tower").update(definition="Ours.")

    assert load_pack("tbm-5.0", acting_user=None) == 0

    assert "Risk & Compliance / Disaster Recovery" in subtree("tower", "Security")
    assert Member.objects.get(name="Compute", layer="tower").definition == "Ours."
    assert Entry.objects.filter(act="reference.load_pack").count() == 1


@pytest.mark.django_db
def test_the_loaded_towers_form_a_tree() -> None:
    load_pack("tbm-5.0", acting_user=None)
    towers = tree("tower")
    assert len(towers.roots()) == 12
    assert towers.parent("Compute / Servers") == "Compute"
    assert towers.above("Compute / Servers") == ["Compute"]


def test_a_loop_is_found_on_the_day_it_exists_only() -> None:
    july = date(2025, 7, 1)
    fine = [Branch("A", "B", None, july), Branch("B", "A", july, None)]
    assert find_loop(fine) is None
    assert find_loop([*fine, Branch("A", "B", july, None)]) == ("A", "B", "A")
    assert plant([], fine, july).parent("B") == "A"
    assert plant([], fine, date(2025, 6, 30)).parent("A") == "B"
