"""A charge beside other ways to divide it, by hand: rules FA9-FA12 of docs/spec/fairness.md."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.allocate.firm import MODEL, drivers, ledger, model, run

from bursar.allocate.model_text import parse_model
from bursar.allocate.models import Statement
from bursar.office.people.scope import Scope
from bursar.report.errors import NoStatement
from bursar.report.fairness import fairness

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
ALL, RETAIL = Scope.all(), Scope.of_roots(["Retail"])

JUDGED = MODEL.replace("[Webshop, ERP]", "[{name: Webshop, fixed: 40}, ERP]").replace(
    "method: weighted, driver: orders}",
    "method: weighted, driver: orders, alternatives: [heads, visits, zeros]}",
)
USAGE = """\
orders,2026-01,,Retail,1
orders,2026-01,,Logistics,2
hours,2026-01,,ERP,1
heads,2026-01,Webshop,Retail,30
heads,2026-01,Webshop,Wholesale,60
heads,2026-01,Webshop,Logistics,10
heads,2026-01,,Retail,1000
zeros,2026-01,,Retail,0
"""


def charged(folder: Path, text: str = JUDGED) -> dict[str, str]:
    """Consumer → its statement of January."""
    ledger(folder, "2026-01-31,900.00,EUR,6500,\n2026-01-31,50.00,EUR,6010,\n")
    drivers(folder, USAGE)
    model(text)
    run()
    return dict(Statement.objects.values_list("consumer", "statement_id"))


def test_fa9_to_fa11_by_hand(tmp_path: Path) -> None:
    ids = charged(tmp_path)
    found = fairness(ALL, statement_id=ids["Retail"])
    webshop, erp = found.charges
    assert (webshop.solution, webshop.rule, webshop.charged) == ("Webshop", "orders", 300)
    assert (webshop.whole, webshop.payers, webshop.share) == (900, 2, Decimal("0.3333"))
    # 40 % of 900.00 is fixed; the rest is 180.00 an order.
    assert {way.name: way.amount for way in webshop.ways} == {
        "as charged, orders": 300,
        "by heads": 270,
        "by visits": None,
        "by zeros": None,
        "in equal parts": 450,
        "alone, 40 % of the cost fixed": 360 + 180,
        "Shapley share, 40 % of the cost fixed": 180 + 180,
    }
    assert {way.name: way.why_not for way in webshop.ways if way.amount is None} == {
        "by visits": "there are no quantities of visits for it",
        "by zeros": "all quantities of zeros are zero",
    }
    assert webshop.sentence == (
        "Webshop: 300.00 EUR by the rule 'orders'; 270.00 to 450.00 by other ways that could be "
        "defended; 540.00 if nobody shared it."
    )
    assert (erp.solution, erp.rule, erp.charged, erp.whole) == ("ERP", "erp shares", 25, 40)
    assert [way.kind for way in erp.ways] == ["as charged", "in equal parts"]
    other = fairness(ALL, statement_id=ids["Logistics"]).charges[0]
    shares = [next(w.amount for w in c.ways if w.kind == "Shapley share") for c in (webshop, other)]
    assert sum(shares) == webshop.whole
    by_heads = next(way.amount for way in other.ways if way.name == "by heads")
    assert by_heads == 90


def test_fa10_every_cent_of_an_uneven_whole_is_somebodys(tmp_path: Path) -> None:
    rule = "orders, alternatives: [heads, visits, zeros]"
    text = JUDGED.replace(rule, "heads, alternatives: [orders]")
    ledger(tmp_path, "2026-01-31,100.01,EUR,6500,\n")
    drivers(tmp_path, USAGE.replace("Logistics,2", "Logistics,2\norders,2026-01,,Wholesale,4"))
    model(text)
    run()
    found = [fairness(ALL, statement_id=one.statement_id) for one in Statement.objects.all()]
    kinds = {way.name for one in found for charge in one.charges for way in charge.ways}
    assert len(found) == 3
    for name in kinds - {name for name in kinds if name.startswith("alone")}:
        ways = [way for one in found for way in one.charges[0].ways if way.name == name]
        spread = sum(way.amount for way in ways) - Decimal("100.01")
        # Shapley shares are rounded one by one (rule FA11).
        assert abs(spread) <= (Decimal("0.00000002") if name.startswith("Shapley") else 0), name


def test_fa12_what_others_pay_is_told_where_it_is_open(tmp_path: Path) -> None:
    ids = charged(tmp_path)
    closed = fairness(RETAIL, statement_id=ids["Retail"]).charges[0]
    assert (closed.charged, closed.whole, closed.payers, closed.ways) == (300, None, None, ())
    assert "is not disclosed" in closed.sentence
    assert closed.to_json()["share"] is None
    with pytest.raises(NoStatement):
        fairness(RETAIL, statement_id=ids["Logistics"])
    model(JUDGED + "disclosure: {Cloud Services: total}\n")
    run()
    (mine,) = Statement.objects.filter(consumer="Retail", run_period__superseded_at__isnull=True)
    shop, erp = fairness(RETAIL, statement_id=mine.statement_id).charges
    assert (shop.whole, len(shop.ways)) == (900, 7)
    assert erp.whole is None


def test_the_text_says_where_alternatives_and_fixed_parts_stand() -> None:
    wrong = JUDGED.replace("driver: hours}", "driver: hours, alternatives: [heads]}")
    assert [p.code for p in parse_model(wrong).problems] == ["model.wrong_key"]
    for fixed in ("120", "-1", "much"):
        problems = parse_model(JUDGED.replace("fixed: 40", f"fixed: {fixed}")).problems
        assert [p.code for p in problems] == ["model.bad_number"]
