"""How figures are written, arranged and kept in addresses."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bursar.core.money.amount import EXACT
from bursar.office.people.scope import Scope
from bursar.report.choices import Choices
from bursar.report.costs import CostRow
from bursar.web.dimensions import deeper, words
from bursar.web.explain import EXPLANATIONS
from bursar.web.figures import change_words
from bursar.web.filters import Selection
from bursar.web.pivot import MOST_COLUMNS, OTHER, pivot
from bursar.web.refusals import status_of
from bursar.web.templatetags import bursar as tags

CHOICES = Choices(
    periods=("2026-02", "2026-01", "2025-12"),
    run_periods=("2026-01",),
    currencies=("EUR",),
    legal_entities=("NORD",),
    bases=("billed", "effective"),
    consumers=("Retail",),
    dimensions=("pool", "cost_pool", "tower", "solution", "period"),
    model_version=1,
    data_as_of=None,
)


def selection(**state: str) -> Selection:
    return Selection(scope=Scope.all(), choices=CHOICES, currency="EUR", **state)  # type: ignore[arg-type]


def test_a_period_is_one_a_year_or_every() -> None:
    assert selection(period="2026-01").periods == ("2026-01",)
    assert selection(period="2026").periods == ("2026-01", "2026-02")
    assert selection(period="all").periods == ("2025-12", "2026-01", "2026-02")
    assert selection(period="2026").last_period == "2026-02"


def test_a_link_keeps_the_state_and_leaves_defaults_out() -> None:
    here = selection(period="2026-01", basis="effective").with_filters(("pool", "Software & SaaS"))
    pairs = parse_qsl(here.link("/costs/", [("by", "cost_pool")]).partition("?")[2])
    assert pairs == [
        ("period", "2026-01"),
        ("currency", "EUR"),
        ("pool", "Software & SaaS"),
        ("by", "cost_pool"),
    ]
    assert "basis=billed" in here.link("/costs/", basis="billed")
    assert here.without(("pool", "Software & SaaS")).filters == ()
    assert here.with_filters(("pool", "Software & SaaS")).filters == here.filters


AMOUNT = st.decimals(
    allow_nan=False, allow_infinity=False, places=8, min_value=-(10**9), max_value=10**9
)


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("xyz"), AMOUNT)))
def test_a_pivot_loses_nothing(cells: list[tuple[str, str, Decimal]]) -> None:
    rows = [CostRow({"pool": a, "tower": b}, "EUR", amount) for a, b, amount in cells]
    table = pivot(rows, by="pool", across="tower")
    whole = Decimal(0)
    for row in rows:
        whole = EXACT.add(whole, row.amount)
    assert table.foot.total == whole
    assert sum((row.total for row in table.rows), Decimal(0)) == whole
    for row in (*table.rows, table.foot):
        assert sum(row.cells.values(), Decimal(0)) == row.total


def test_many_columns_end_in_other_and_still_add_up() -> None:
    rows = [CostRow({"pool": "a", "tower": f"t{n:02d}"}, "EUR", Decimal(n)) for n in range(1, 41)]
    table = pivot(rows, by="pool", across="tower")
    assert len(table.columns) == MOST_COLUMNS
    assert table.columns[-1] == OTHER
    assert sum(table.rows[0].cells.values()) == table.foot.total == 820


def test_time_runs_forward_whatever_its_size() -> None:
    rows = [CostRow({"period": p}, "EUR", Decimal(a)) for p, a in (("2026-02", 9), ("2026-01", 1))]
    assert [row.value for row in pivot(rows, by="period").rows] == ["2026-01", "2026-02"]


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("1234.565", "EUR", ">1,234.57<"),
        ("-1234.5", "EUR", ">\N{MINUS SIGN}1,234.50<"),
        ("1234.5", "JPY", ">1,235<"),
        ("0", "EUR", ">0.00<"),
    ],
)
def test_money_is_grouped_and_keeps_its_exact_amount(
    amount: str, currency: str, shown: str
) -> None:
    html = tags.money(Decimal(amount), currency)
    assert shown in html
    assert f'value="{amount}"' in html


def test_nothing_is_a_dash_not_a_zero() -> None:
    assert "0" not in tags.money(None, "EUR")


def test_a_difference_has_sign_word_and_colour() -> None:
    assert change_words(Decimal(5), Decimal("0.1")) == ("over", "+10.0 % more")
    look, text = change_words(Decimal(-5), Decimal("-0.1"))
    assert (look, text) == ("under", "\N{MINUS SIGN}10.0 % less")
    assert change_words(Decimal(0)) == ("soft", "no change")


def test_a_bar_stays_within_its_track() -> None:
    assert 'width="100.00"' in tags.bar(Decimal(9), Decimal(3))
    assert 'width="0.00"' in tags.bar(None, Decimal(3))
    assert "fill minus" in tags.bar(Decimal(-1), Decimal(3))


def test_a_sparkline_needs_two_points_and_says_its_ends() -> None:
    assert tags.sparkline((("2026-01", Decimal(1)),)) == ""
    flat = tags.sparkline((("2026-01", Decimal(5)), ("2026-02", Decimal(5))), "Spend")
    assert "Spend from 2026-01 to 2026-02" in flat


def test_dimensions_have_words_and_a_way_down() -> None:
    assert words("tag.team") == "Tag team"
    assert words("sub_account_name") == "Sub account name"
    assert deeper("pool", known=("cost_pool",), used=()) == "cost_pool"
    assert deeper("pool", known=("cost_pool",), used=("cost_pool",)) is None


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("people.not_allowed", 403),
        ("report.beyond_scope", 403),
        ("report.unknown_line", 404),
        ("report.not_run", 404),
        ("upload.too_large", 413),
        ("import.empty_file", 422),
    ],
)
def test_a_refusals_code_decides_its_status(code: str, status: int) -> None:
    assert status_of(code) == status


def test_every_explanation_is_a_text() -> None:
    assert all(text and text[0].endswith(".") for text in EXPLANATIONS.values())


def test_a_quantity_has_separators_and_no_idle_zeros() -> None:
    told = {"10164.000": "10,164", "-1234.50": "\N{MINUS SIGN}1,234.5", "0.25": "0.25", "0": "0"}
    assert {number: tags.quantity(Decimal(number)) for number in told} == told
