"""Cost by dimensions, against fractions worked out from the raw files."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.stages.report.company import CHARGES, CLOUD, MONTHS, PAYROLL, summed

from bursar.office.people.scope import Scope
from bursar.report.costs import Costs, costs
from bursar.report.errors import BeyondScope, UnknownBasis, UnknownDimension

pytestmark = pytest.mark.django_db
ALL = Scope.all()
PRINTED = {"cost_pool": "Unclassified", "tower": "No tower", "solution": "No solution"}


def amounts(answer: Costs) -> dict[tuple, Fraction]:
    return {
        (*row.dimensions.values(), row.currency): Fraction(row.amount)
        for row in answer.rows
        if row.amount
    }


def expected_by(*names: str, **where: object) -> dict[tuple, Fraction]:
    """The hand-worked sums under printed names."""
    found: dict[tuple, Fraction] = {}
    for key, amount in summed(*names, "outcome", "currency", where=where).items():
        *values, outcome, currency = key
        unset = "Retained" if outcome == "retained" else "Unallocated"
        told = tuple(
            v if v is not None else PRINTED.get(n, unset)
            for n, v in zip(names, values, strict=True)
        )
        found[*told, currency] = found.get((*told, currency), Fraction(0)) + amount
    return found


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    "by",
    [
        ("cost_pool",),
        ("tower", "cost_pool"),
        ("solution",),
        ("consumer",),
        ("period", "consumer", "solution", "tower", "cost_pool"),
    ],
)
def test_allocated_cost_is_what_the_fractions_say(by: tuple[str, ...]) -> None:
    answer = costs(ALL, by=by)
    assert answer.view == "allocated"
    assert amounts(answer) == expected_by(*by)


@pytest.mark.usefixtures("company")
def test_parents_sum_their_parts() -> None:
    by_pool = amounts(costs(ALL, by=["pool"], periods=["2026-01"]))
    assert by_pool["Cloud Services", "EUR"] == sum(
        Fraction(c.amounts[1]) for c in CHARGES if c.pool == CLOUD
    )
    by_tower = amounts(costs(ALL, by=["tower_group"], periods=["2026-01"]))
    assert (
        by_tower["Compute", "EUR"]
        == summed("tower", where={"period": "2026-01"})["Compute / Servers",]
    )


@pytest.mark.usefixtures("company")
def test_a_reorganization_relabels_only_what_comes_after() -> None:
    online = {
        m: summed("consumer", where={"period": m, "currency": "EUR"})["Online",] for m in MONTHS
    }
    stores = {
        m: summed("consumer", where={"period": m, "currency": "EUR"})["Stores",] for m in MONTHS
    }
    found = amounts(costs(ALL, by=["period", "business_unit"]))
    assert found["2026-01", "Retail", "EUR"] == online["2026-01"] + stores["2026-01"]
    assert found["2026-02", "Retail", "EUR"] == stores["2026-02"]
    digital = summed("consumer", where={"period": "2026-02", "currency": "EUR"})["Digital",]
    assert found["2026-02", "Digital", "EUR"] == online["2026-02"] + digital


@pytest.mark.usefixtures("company")
def test_ledger_columns_show_what_was_recorded() -> None:
    answer = costs(ALL, by=["service_name", "charge_category"], periods=["2026-02"])
    assert answer.view == "recorded"
    found = amounts(answer)
    assert found["Machines", "Credit", "EUR"] == Fraction("-107.07")
    assert found[None, "Purchase", "EUR"] == Fraction(PAYROLL["2026-02"])
    assert found["Suite", "Usage", "USD"] == Fraction("351.2")


@pytest.mark.usefixtures("company")
def test_mixed_dimensions_show_cost_as_classified() -> None:
    answer = costs(ALL, by=["cost_pool", "tag.team"], periods=["2026-02"])
    assert answer.view == "classified"
    found = amounts(answer)
    assert found[CLOUD, "online", "EUR"] == Fraction("2203.979")
    assert found["Unclassified", None, "EUR"] == Fraction("71.9")
    days = amounts(costs(ALL, by=["day"], filters=[("cost_pool", CLOUD)], periods=["2026-02"]))
    assert days["2026-02-09", "EUR"] == Fraction("733.33")


@pytest.mark.usefixtures("company")
def test_no_view_and_no_filter_changes_a_total() -> None:
    total = {t.currency: t.amount for t in costs(ALL, by=[]).totals}
    for by in (["cost_pool"], ["service_name"], ["tower", "service_name"], ["day"], ["reason"]):
        assert {t.currency: t.amount for t in costs(ALL, by=by).totals} == total
    parts = [
        costs(ALL, by=["tower"], filters=[("consumer", row.dimensions["consumer"])]).totals
        for row in costs(ALL, by=["consumer"], filters=[("currency", "EUR")]).rows
    ]
    assert sum(t.amount for part in parts for t in part if t.currency == "EUR") == total["EUR"]


@pytest.mark.usefixtures("company")
def test_another_basis_is_never_added_and_shown_as_classified() -> None:
    answer = costs(ALL, by=["cost_pool"], basis="billed")
    assert (answer.basis, answer.view) == ("billed", "classified")
    assert amounts(answer) == expected_by("cost_pool")
    assert costs(ALL, by=["cost_pool"], basis="booked").rows == ()


@pytest.mark.usefixtures("company")
def test_unset_values_can_be_filtered_by_their_printed_name() -> None:
    answer = costs(ALL, by=["period"], filters=[("cost_pool", "Unclassified")])
    assert amounts(answer) == {
        (m, "EUR"): Fraction(a) for m, a in zip(MONTHS, CHARGES[-1].amounts, strict=True)
    }
    nulls = costs(ALL, by=["tag.team"], filters=[("tag.team", "")], periods=["2026-02"])
    assert [row.dimensions["tag.team"] for row in nulls.rows] == [None, None]


@pytest.mark.usefixtures("company")
def test_refusals_name_what_is_known() -> None:
    with pytest.raises(UnknownDimension, match="no dimension 'colour'"):
        costs(ALL, by=["colour"])
    with pytest.raises(UnknownDimension, match="allocated money"):
        costs(ALL, by=["outcome", "service_name"])
    with pytest.raises(UnknownBasis, match="billed, effective"):
        costs(ALL, by=["cost_pool"], basis="accrued")
    with pytest.raises(BeyondScope, match="service_name"):
        costs(Scope.of_roots(["Retail"]), by=["service_name"])


@pytest.mark.usefixtures("company")
def test_json_has_the_contract_s_keys_and_exact_text() -> None:
    told = costs(ALL, by=["cost_pool"], periods=["2026-02"]).to_json()
    assert told["basis"] == "effective"
    assert {"cost_pool": LABOR_ROW[0], "currency": "EUR", "amount": LABOR_ROW[1]} in told["rows"]
    assert [t["currency"] for t in told["totals"]] == ["EUR", "USD"]


LABOR_ROW = ("Staffing / Internal Labor", "8200.96")
