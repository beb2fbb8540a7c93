"""Own pools and towers hang below the taxonomy's names, at any level (rule TX13)."""

from __future__ import annotations

import pytest

from bursar.allocate.model_text import parse_model


def codes(text: str) -> list[str]:
    return [problem.code for problem in parse_model(text).problems]


@pytest.mark.parametrize(
    "towers",
    [
        "[Compute / Edge]",
        "[Compute / Servers / Edge, Compute / Servers / Edge / Rack]",
        "[{name: Edge, parent: Compute / Servers}]",
        "[{name: Racks, parent: Compute}, {name: Racks / Edge}]",
        "[{name: Security, label: Shield}]",
    ],
)
def test_own_towers_at_any_level(towers: str) -> None:
    assert codes(f"name: A\ntaxonomy: tbm-5.0\ntowers: {towers}\n") == []


@pytest.mark.parametrize("towers", ["[Robots]", "[Robots / Arms]", "[{name: Compute2 / Edge}]"])
def test_a_tower_below_no_name_of_the_taxonomy_is_a_problem(towers: str) -> None:
    assert set(codes(f"name: A\ntaxonomy: tbm-5.0\ntowers: {towers}\n")) == {
        "model.outside_taxonomy"
    }
    assert codes(f"name: A\ntowers: {towers}\n") == []


def test_an_unknown_parent_and_a_name_twice_are_problems() -> None:
    head = "name: A\ntaxonomy: tbm-4.1\n"
    assert "model.unknown_pool" in codes(f"{head}pools: [{{name: Edge, parent: Cloud Services}}]")
    assert "model.duplicate_member" in codes(f"{head}towers: [Compute / Edge, Compute / Edge]")
    assert "model.reserved_name" in codes("name: A\ntowers: [Not decided]")
