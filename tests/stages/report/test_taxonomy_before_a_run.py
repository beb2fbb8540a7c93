"""What is recorded but not run has no names that could be restated."""

from __future__ import annotations

import pytest
from tests.stages.report.test_two_taxonomies import figures

from bursar.office.people.scope import Scope
from bursar.report.taxonomy import compare_taxonomies

pytestmark = pytest.mark.django_db
ALL = Scope.all()


@pytest.mark.usefixtures("recorded")
def test_without_a_run_every_name_stays() -> None:
    """Rule TX10."""
    found = compare_taxonomies(ALL, source="tbm-4.1", target="tbm-5.0", periods=["2026-01"])
    assert figures(found, "before") == figures(found, "after")
    assert set(figures(found, "after")) == {"No tower"}
    assert any("names a taxonomy" in note for note in found.notes)
