"""Whose figures a budget owner gets: from no report anything of a consumer outside her subtree."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.stages.report.company import MONTHS, summed

from bursar.office.people.scope import Scope
from bursar.report.balance import balance
from bursar.report.batches import batches
from bursar.report.bill_of_it import statement, statements
from bursar.report.choices import choices
from bursar.report.costs import costs
from bursar.report.documents.focus import statement_focus
from bursar.report.driver_quality import driver_quality
from bursar.report.errors import BeyondScope, NoStatement, UnknownConsumer
from bursar.report.lines import cost_line, cost_lines, export_lines
from bursar.report.model_view import model_view
from bursar.report.money_flow import money_flow
from bursar.report.overview import overview
from bursar.report.trace import trace_line, trace_statement
from bursar.report.unclassified import unclassified

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]
ALL, RETAIL, NOBODY = Scope.all(), Scope.of_roots(["Retail"]), Scope()


def mine(month: str) -> Fraction:
    """What Retail's consumers paid in EUR; Online was hers until January."""
    names = ("Stores",) if month == "2026-02" else ("Stores", "Online")
    where = {"period": month, "currency": "EUR"}
    return sum(
        (sum(summed("tower", where=where | {"consumer": n}).values(), Fraction(0)) for n in names),
        Fraction(0),
    )


def test_costs_are_hers_in_every_grouping() -> None:
    for by in (["pool"], ["consumer"], ["business_unit", "tower"], ["outcome"], ["reason"], []):
        for month in MONTHS:
            found = costs(RETAIL, by=by, periods=[month]).totals
            assert {t.currency: Fraction(t.amount) for t in found}["EUR"] == mine(month)
    names = {r.dimensions["consumer"] for r in costs(RETAIL, by=["consumer"]).rows}
    assert names == {"Stores", "Online"}
    later = costs(RETAIL, by=["consumer"], periods=["2026-02"]).rows
    assert {r.dimensions["consumer"] for r in later} == {"Stores"}


def test_no_filter_reaches_beyond() -> None:
    for filters in (
        [("consumer", "Wholesale")],
        [("business_unit", "Digital")],
        [("outcome", "retained")],
        [("consumer", "Unallocated")],
    ):
        assert costs(RETAIL, by=["pool"], filters=filters).rows == ()
    for name in ("service_name", "day", "tag.team", "gl_account", "source", "no_such_thing"):
        with pytest.raises(BeyondScope):
            costs(RETAIL, by=[name])
        with pytest.raises(BeyondScope):
            costs(RETAIL, by=["pool"], filters=[(name, "x")])


def test_her_overview_holds_nothing_of_others() -> None:
    told = overview(RETAIL)
    assert {kpi.key for kpi in told.kpis} == {"total", "year_to_date", "largest_rise"}
    assert Fraction(told.kpis[0].amount) == mine("2026-02")
    assert Fraction(told.kpis[0].previous) == mine("2026-01")
    assert {row.consumer for row in told.consumers} <= {"Stores", "Online"}
    text = str(told.to_json())
    for foreign in ("Wholesale", "Digital", "Group", "Unallocated", "Retained", "Unclassified"):
        assert foreign not in text
    flow = money_flow(RETAIL, currency="EUR", periods=list(MONTHS))
    assert Fraction(flow.total) == sum(mine(month) for month in MONTHS)
    assert money_flow(RETAIL, currency="EUR", periods=MONTHS, focus="consumer:Digital").nodes == ()


def test_statements_follow_the_reorganization() -> None:
    for month in MONTHS:
        seen = {s.consumer for s in statements(RETAIL, periods=[month]).statements}
        assert seen == ({"Stores"} if month == "2026-02" else {"Stores", "Online"})
    online = statements(ALL, periods=["2026-02"], consumer="Online").statements[0]
    with pytest.raises(NoStatement):
        statement(RETAIL, statement_id=online.statement_id)
    with pytest.raises(UnknownConsumer):
        statements(RETAIL, periods=["2026-02"], consumer="Online")
    with pytest.raises(UnknownConsumer):
        statements(RETAIL, consumer="Wholesale")
    digital = statements(Scope.of_roots(["Digital"]), periods=["2026-02"], consumer="Online")
    (told,) = digital.statements
    assert (told.previous_total, told.past) == (None, (("2026-02", told.document_total),))


def test_nobody_above_her_is_rolled_up_for_her() -> None:
    for scope in (RETAIL, Scope.of_roots(["Stores"])):
        with pytest.raises(UnknownConsumer):
            statements(scope, periods=["2026-01"], consumer="Group")
    answer = statements(RETAIL, periods=["2026-01"], consumer="Retail", currency="EUR")
    assert Fraction(answer.statements[0].total) == mine("2026-01")


def test_traces_are_of_her_own_amounts_only() -> None:
    traced = trace_statement(RETAIL, period="2026-01", consumer="Online")
    assert Fraction(traced.amount) == mine("2026-01") - sum(
        summed(
            "tower", where={"period": "2026-01", "currency": "EUR", "consumer": "Stores"}
        ).values()
    )
    with pytest.raises(UnknownConsumer):
        trace_statement(RETAIL, period="2026-02", consumer="Online")
    with pytest.raises(UnknownConsumer):
        trace_statement(RETAIL, period="2026-02", consumer="Wholesale")


def test_what_shows_everybody_is_refused_to_her() -> None:
    line = cost_lines(ALL).rows[0]["line_id"]
    for ask in (
        lambda: balance(RETAIL),
        lambda: batches(RETAIL),
        lambda: unclassified(RETAIL),
        lambda: model_view(RETAIL),
        lambda: driver_quality(RETAIL, period="2026-02"),
        lambda: cost_lines(RETAIL),
        lambda: export_lines(RETAIL),
        lambda: cost_line(RETAIL, line_id=line),
        lambda: trace_line(RETAIL, line_id=line),
    ):
        with pytest.raises(BeyondScope):
            ask()


def test_a_file_that_travels_is_cut_once_more() -> None:
    everything = statements(ALL, periods=["2026-02"])
    text = statement_focus(RETAIL, everything)
    assert "Stores" in text
    assert ",Online," not in text
    assert "Wholesale" not in text


def test_choices_name_only_what_is_hers() -> None:
    known = choices(RETAIL)
    assert known.consumers == ("Online", "Retail", "Stores")
    assert known.model_version is None
    assert "service_name" not in known.dimensions
    assert known.bases == ("effective",)


def test_without_a_grant_there_is_nothing() -> None:
    assert costs(NOBODY, by=["pool"]).rows == ()
    assert statements(NOBODY).statements == ()
    assert overview(NOBODY).currency == ""
    known = choices(NOBODY)
    assert (known.periods, known.currencies, known.consumers) == ((), (), ())
