"""The hand-worked company under 5.0 and 4.1: equal totals, explained differences, untouched facts.

Rules TX6, TX11, TX12 and TX13 of docs/spec/taxonomy.md.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from tests.stages.report.company import MONTHS, summed

from bursar.allocate.naming import Naming
from bursar.core.calc.taxonomy.restate import Place
from bursar.office.people.scope import Scope
from bursar.report.costs import costs
from bursar.report.taxonomy import Comparison, compare_taxonomies

pytestmark = pytest.mark.django_db
ALL = Scope.all()
SERVERS = "Compute / Servers"


def figures(found: Comparison, side: str, currency: str = "EUR") -> dict[str, Decimal]:
    (table,) = (t for t in found.currencies if t.currency == currency)
    rows = ((row.name, getattr(row, side)) for row in table.rows)
    return {name: amount for name, amount in rows if amount is not None}


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("layer", ["cost_pool", "tower", "solution"])
@pytest.mark.parametrize("pair", [("tbm-5.0", "tbm-4.1"), ("tbm-4.1", "tbm-5.0")])
def test_totals_are_those_of_costs_to_the_last_digit(layer: str, pair: tuple[str, str]) -> None:
    """Rules TX6 and TX12."""
    for month in MONTHS:
        found = compare_taxonomies(
            ALL, source=pair[0], target=pair[1], layer=layer, periods=[month]
        )
        plain = {t.currency: t.amount for t in costs(ALL, by=[layer], periods=[month]).totals}
        assert {t.currency: t.total for t in found.currencies} == plain
        for table in found.currencies:
            for side in ("before", "after"):
                tops = [getattr(row, side) or 0 for row in table.rows if row.depth == 0]
                assert sum(map(Fraction, tops)) == Fraction(plain[table.currency])
            for row in table.rows:
                signs = {"from": 1, "to": -1}
                told = sum(signs[r.direction] * Fraction(r.amount) for r in row.reasons)
                assert told == Fraction(row.difference), row.name


@pytest.mark.usefixtures("company")
def test_the_side_that_was_published_is_shown_as_published() -> None:
    """Rule TX11."""
    found = compare_taxonomies(ALL, source="tbm-5.0", target="tbm-4.1", periods=["2026-01"])
    assert found.made_under == {"2026-01": "tbm-5.0"}
    assert found.versions == {"tbm-5.0 > tbm-4.1": "1.0"}
    where = {"period": "2026-01", "currency": "EUR"}
    for (tower,), amount in summed("tower", where=where).items():
        assert Fraction(figures(found, "before")[tower or "No tower"]) == amount
    after = figures(found, "after")
    assert after["Not decided / Compute / Servers"] == figures(found, "before")[SERVERS]
    assert "Compute / Servers" not in after
    assert after["Storage / Online"] == figures(found, "before")["Storage / Online Storage"]
    assert figures(
        compare_taxonomies(ALL, source="tbm-5.0", target="tbm-5.0", periods=["2026-01"]), "after"
    ) == figures(found, "before")


def test_own_names_are_placed_by_path_or_by_parent() -> None:
    """Rule TX13."""
    parents = {"tower": {"Edge": ["Compute / Servers / Rack"], "Loop": ["Loop"]}}
    naming = Naming("tbm-5.0", parents)
    assert naming.place("tower", SERVERS) == Place(SERVERS)
    assert naming.place("tower", f"{SERVERS} / Rack / One") == Place(SERVERS, "Rack / One")
    assert naming.place("tower", "Edge") == Place(SERVERS, "Rack / Edge")
    assert naming.place("tower", "Loop") == Place("Loop")
    assert naming.place("solution", "Shop") == Place("Shop")
    assert Naming().place("tower", f"{SERVERS} / Rack") == Place(f"{SERVERS} / Rack")
