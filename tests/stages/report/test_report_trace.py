"""Traces in both directions, lines and the queue, against the raw files."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from fractions import Fraction

import pytest
from tests.stages.report.company import CHARGES, CLOUD, LABOR, MONTHS, summed

from bursar.office.people.scope import Scope
from bursar.report.bill_of_it import statements
from bursar.report.errors import NotRun, UnknownBasis, UnknownConsumer, UnknownLine
from bursar.report.lines import cost_line, cost_lines, export_lines
from bursar.report.trace import trace_line, trace_statement
from bursar.report.unclassified import unclassified

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]
ALL = Scope.all()


def test_every_statement_traces_back_to_its_last_digit() -> None:
    for told in statements(ALL, periods=list(MONTHS)).statements:
        traced = trace_statement(
            ALL, period=told.period, consumer=told.consumer, currency=told.currency
        )
        assert traced.amount == told.total
        assert sum(source.amount for source in traced.sources) == told.total


def test_sources_are_the_charges_that_the_fractions_name() -> None:
    traced = trace_statement(ALL, period="2026-02", consumer="Online", cost_pool=CLOUD)
    by_service = {
        (s.dimension["service_name"], s.dimension.get("tag.team")): Fraction(s.amount)
        for s in traced.sources
    }
    assert by_service == {
        ("Machines", "online"): Fraction("2203.979"),
        ("Buckets", None): Fraction("733.33") / 2,
    }
    entered = [step for step in traced.path if step.step == 0]
    assert sum(step.amount for step in entered) == traced.amount
    assert {step.target for step in entered} == {CLOUD}
    driven = trace_statement(ALL, period="2026-02", consumer="Online", cost_pool=LABOR)
    assert {step.driver for step in driven.path} == {None, "hours"}


def test_a_line_is_paid_in_full_by_those_the_fractions_name() -> None:
    buckets = [("service_name", "Buckets")]
    (line,) = cost_lines(ALL, filters=buckets, periods=["2026-01"]).rows
    traced = trace_line(ALL, line_id=line["line_id"])
    assert traced.amount == Decimal("719.17")
    assert {p.consumer: Fraction(p.amount) for p in traced.payers} == {
        "Stores": Fraction("719.17") / 2,
        "Online": Fraction("719.17") / 2,
    }
    told = traced.to_json()
    assert [s["amount"] for s in told["sources"]] == ["719.17"]
    assert sum(Decimal(p["amount"]) for p in told["payers"]) == Decimal("719.17")


def test_what_nobody_pays_says_why() -> None:
    (line,) = cost_lines(ALL, filters=[("service_name", "Streams")], periods=["2026-02"]).rows
    (payer,) = trace_line(ALL, line_id=line["line_id"]).payers
    assert (payer.outcome, payer.consumer, payer.cost_pool) == (
        "unallocated", "Unallocated", "Unclassified",
    )  # fmt: skip
    assert payer.reason


def test_lines_are_found_by_layers_as_well_as_by_columns() -> None:
    found = cost_lines(
        ALL, filters=[("cost_pool", CLOUD), ("currency", "EUR")], periods=["2026-02"]
    )
    assert found.count == 4
    expected = sum(Fraction(c.amounts[2]) for c in CHARGES if c.pool == CLOUD)
    assert [(c, Fraction(a)) for c, a in found.totals] == [("EUR", expected)]
    amounts = [abs(Decimal(row["effective_cost"])) for row in found.rows]
    assert amounts == sorted(amounts, reverse=True)
    page = cost_lines(ALL, filters=[("cost_pool", CLOUD)], periods=["2026-02"], offset=1, limit=2)
    assert [r["line_id"] for r in page.rows] == [r["line_id"] for r in found.rows][1:3]
    day = cost_lines(ALL, filters=[("day", "2026-02-09")])
    assert [row["service_name"] for row in day.rows] == ["Buckets"]
    assert cost_lines(ALL, filters=[("service_name", "None such")]).rows == ()


def test_one_line_says_everything_it_came_with() -> None:
    (row,) = cost_lines(ALL, filters=[("gl_account", "6100")], periods=["2026-02"]).rows
    line = cost_line(ALL, line_id=row["line_id"])
    assert line["charge_description"] == "=1+1 Payroll"
    assert line["effective_cost"] == "8200.96"
    assert line["in_force"] is True


def test_exported_lines_are_all_of_them_and_safe_to_open() -> None:
    text = "".join(export_lines(ALL))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(MONTHS) * (len(CHARGES) + 2)
    total = sum(Fraction(row["effective_cost"]) for row in rows if row["billing_currency"] == "EUR")
    assert total == sum(summed("currency", where={"currency": "EUR"}).values())
    payroll = [row["charge_description"] for row in rows if row["gl_account"]]
    assert set(payroll) == {"'=1+1 Payroll"}
    credit = [row["effective_cost"] for row in rows if row["charge_category"] == "Credit"]
    assert credit == ["-101.01", "-103.03", "-107.07"]


def test_the_queue_names_what_no_rule_takes_and_a_rule_that_would() -> None:
    queue = unclassified(ALL, periods=["2026-02"])
    (row,) = queue.rows
    assert (row.missing, Fraction(row.amount)) == ("cost_pool", Fraction("71.9"))
    assert row.suggested_when == (
        "{service_provider_name: Cumulus, service_category: Media, service_name: Streams}"
    )
    assert queue.classified_ratio > Decimal("0.99")
    assert queue.to_json()["rows"][0]["amount"] == "71.9"


def test_refusals() -> None:
    with pytest.raises(UnknownLine):
        cost_line(ALL, line_id="b0-1")
    with pytest.raises(UnknownLine):
        trace_line(ALL, line_id="nonsense")
    with pytest.raises(NotRun, match="2027-01"):
        trace_statement(ALL, period="2027-01", consumer="Online")
    with pytest.raises(UnknownConsumer, match="Stores: trace one of them"):
        trace_statement(ALL, period="2026-02", consumer="Retail")
    with pytest.raises(UnknownBasis):
        trace_statement(ALL, period="2026-02", consumer="Online", basis="cash")
