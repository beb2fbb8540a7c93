"""Statements against the hand-worked amounts: totals, comparison, roll-ups, words, disclosure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from tests.stages.report.company import CLOUD, MONTHS, summed

from bursar.office.people.scope import Scope
from bursar.report.balance import balance
from bursar.report.bill_of_it import Statement, statement, statements
from bursar.report.errors import NoStatement, NotRun, UnknownBasis, UnknownConsumer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]
ALL = Scope.all()


def of(consumer: str, period: str = "2026-02", currency: str = "EUR") -> Statement:
    found = statements(ALL, periods=[period], consumer=consumer, currency=currency).statements
    return next(s for s in found if not s.rollup)


def exact(consumer: str, period: str, currency: str = "EUR") -> Fraction:
    where = {"period": period, "currency": currency, "consumer": consumer}
    return sum(summed("tower", where=where).values(), Fraction(0))


def test_statements_are_exact_and_sum_to_what_was_allocated() -> None:
    for month in MONTHS:
        told = statements(ALL, periods=[month])
        assert not any(s.rollup for s in told.statements)
        for s in told.statements:
            assert Fraction(s.total) == exact(s.consumer, month, s.currency)
            assert sum(line.amount for line in s.lines) == s.total
            assert sum(line.document_amount for line in s.lines) == s.document_total
        rows = {r.currency: r for r in balance(ALL, periods=[month]).rows}
        for total in told.totals:
            assert total.total == rows[total.currency].allocated
            assert total.document_total + total.rounding == total.total


def test_documents_of_a_year_add_up_to_the_rounded_year() -> None:
    for consumer in ("Stores", "Online"):
        printed = sum(of(consumer, month).document_total for month in ("2026-01", "2026-02"))
        whole = exact(consumer, "2026-01") + exact(consumer, "2026-02")
        assert abs(Fraction(printed) - whole) <= Fraction(1, 200)


def test_a_statement_is_compared_with_the_period_before() -> None:
    now, past = of("Stores"), of("Stores", "2026-01")
    assert now.previous_total == past.document_total
    assert now.change == now.document_total - past.document_total
    assert sum(line.change for line in now.lines) == now.change
    assert now.past == tuple((m, of("Stores", m).document_total) for m in MONTHS)
    first = of("Stores", "2025-12")
    assert (first.previous_total, first.change, first.change_ratio) == (None, None, None)


def test_words_say_total_change_and_largest_part() -> None:
    told = of("Stores")
    assert told.summary.startswith("Stores is charged 5,239.24 EUR for February 2026")
    assert "% more than in January 2026" in told.summary
    assert "The largest part is Shop" in told.summary
    assert "% of the total" in told.lines[0].sentence


def test_a_parent_has_a_roll_up_that_no_sum_counts() -> None:
    answer = statements(ALL, periods=["2026-01"], consumer="Retail")
    (roll_up,) = [s for s in answer.statements if s.currency == "EUR"]
    assert roll_up.rollup
    assert roll_up.below == ("Online", "Stores")
    assert Fraction(roll_up.total) == exact("Stores", "2026-01") + exact("Online", "2026-01")
    assert answer.totals == ()
    later = statements(ALL, periods=["2026-02"], consumer="Retail", currency="EUR").statements
    assert later[0].below == ("Stores",)
    assert later[0].previous_total == roll_up.document_total


def test_an_own_statement_and_a_roll_up_stand_beside_each_other() -> None:
    answer = statements(ALL, periods=["2026-02"], consumer="Digital", currency="EUR")
    own, roll_up = answer.statements
    assert (own.rollup, roll_up.rollup) == (False, True)
    assert roll_up.total == own.total + of("Online").total
    assert [t.total for t in answer.totals] == [own.total]


def test_disclosure_tells_the_pool_s_total_beside_the_own_part() -> None:
    (pool,) = of("Stores").disclosed
    where = {"period": "2026-02", "currency": "EUR", "cost_pool": CLOUD}
    assert pool.pool == "Cloud Services"
    assert Fraction(pool.pool_total) == sum(summed("tower", where=where).values())
    own = sum(summed("tower", where=where | {"consumer": "Stores"}).values())
    assert Fraction(pool.own_amount) == own
    assert of("Wholesale").disclosed == ()


def test_json_carries_the_contract_s_keys() -> None:
    told = statements(ALL, periods=["2026-02"]).to_json()
    first = told["statements"][0]
    assert {"statement_id", "consumer", "period", "currency", "total", "lines"} <= set(first)
    assert {"solution", "tower", "cost_pool", "amount"} <= set(first["lines"][0])
    assert sum(Decimal(x["amount"]) for x in first["lines"]) == Decimal(first["total"])


def test_one_statement_by_its_id() -> None:
    told = of("Online")
    assert statement(ALL, statement_id=told.statement_id) == told
    assert len(told.sha256) == 64


def test_refusals() -> None:
    with pytest.raises(NotRun, match="2027-01"):
        statements(ALL, periods=["2027-01"])
    with pytest.raises(UnknownConsumer, match="Nobody"):
        statements(ALL, consumer="Nobody")
    with pytest.raises(NoStatement):
        statement(ALL, statement_id="S-none")
    with pytest.raises(UnknownBasis):
        statements(ALL, basis="accrued")
    with pytest.raises(NotRun, match="2027-01"):
        balance(ALL, periods=["2027-01"])


def test_the_balance_holds_with_every_term() -> None:
    told = balance(ALL)
    assert len(told.rows) == 6
    for row in told.rows:
        assert row.holds
        where = {"period": row.period, "currency": row.currency}
        assert Fraction(row.cost_in) == sum(summed("tower", where=where).values())
        retained = summed("currency", where=where | {"outcome": "retained"})
        assert Fraction(row.retained) == sum(retained.values())
    assert told.to_json()["balance"][0]["recovery_gap"] == "0"
