"""Charges between entities in a run, and the group's view: rules IC1-IC7 of
docs/spec/intercompany.md."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest
from tests.stages.allocate.firm import MODEL, drivers, model, run

from bursar.allocate.language.canonical import freeze, thaw
from bursar.allocate.model_text import parse_model
from bursar.allocate.models import RunPeriod, Statement
from bursar.allocate.what_if import asked_run
from bursar.core.calc.allocation.drivers import Quantity
from bursar.core.money.amount import exact_sum
from bursar.office.people.scope import Scope
from bursar.office.reference.entities import ensure_entity
from bursar.record.actions.import_files import import_files
from bursar.record.actions.set_agreement import Agreed, set_agreement
from bursar.record.actions.set_consumer_entity import set_consumer_entity
from bursar.record.errors import BadParty
from bursar.report.errors import BeyondScope, NotRun
from bursar.report.intercompany import IntercompanyView, intercompany
from bursar.report.model_view import model_view

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
ALL = Scope.all()
NEW_YEAR = date(2026, 1, 1)
CHARGED = MODEL.replace(
    "consumers: [Retail, Wholesale, Logistics]",
    "consumers: [{name: Retail, mode: chargeback}, {name: Wholesale, mode: chargeback}, Logistics]",
)
BETWEEN = "intercompany: {pass_through: [Software & SaaS], shareholder: [Staffing]}\n"
USAGE = """\
orders,2026-01,,Retail,2
orders,2026-01,,Wholesale,1
orders,2026-01,,Logistics,1
hours,2026-01,,Webshop,1
"""


def books(folder: Path, rows: str) -> None:
    """date, amount, account, entity, counterpart entity."""
    head = "posting_date,amount,currency,gl_account,legal_entity,counterpart_entity\n"
    (folder / "books.csv").write_text(head + dedent(rows))
    import_files(paths=[folder / "books.csv"], acting_user=None, source="books", format="ledger")


def agree(markup: str = "5", seller: str = "main", buyer: str = "shop") -> None:
    terms = Agreed("AE", markup=Decimal(markup))
    set_agreement(acting_user=None, seller=seller, buyer=buyer, terms=terms, valid_from=NEW_YEAR)


def firm(folder: Path, rows: str, *, text: str = CHARGED + BETWEEN) -> IntercompanyView:
    for code in ("main", "shop"):
        ensure_entity(code)
    model(text)
    set_consumer_entity(acting_user=None, consumer="Retail", code="shop", valid_from=NEW_YEAR)
    set_consumer_entity(acting_user=None, consumer="Logistics", code="shop", valid_from=NEW_YEAR)
    set_consumer_entity(acting_user=None, consumer="Wholesale", code="main", valid_from=NEW_YEAR)
    agree()
    books(folder, rows)
    drivers(folder, USAGE)
    run()
    return intercompany(ALL, period="2026-01")


OWN = "2026-01-31,400.00,EUR,6500,main,\n2026-01-31,50.00,EUR,6500,shop,\n"


def totals(entity: str = "main") -> dict[str, str]:
    rows = Statement.objects.filter(
        legal_entity=entity, run_period__superseded_at__isnull=True
    ).values_list("consumer", "total")
    return dict(rows)


def test_ic2_ic6_charges_cancel_out_and_the_group_bears_its_own_cost(tmp_path: Path) -> None:
    found = firm(tmp_path, OWN)
    assert totals() == {"Retail": "210", "Wholesale": "100", "Logistics": "105"}
    assert totals("shop") == {"Retail": "25", "Wholesale": "12.5", "Logistics": "12.5"}
    told = {(p.seller, p.buyer): (p.charged, p.markup, p.shown) for p in found.pairs}
    # Logistics is only shown what it uses, so its 105 are no charge.
    assert told == {
        ("main", "shop"): (210, 15, 105),
        ("shop", "main"): (Decimal("12.5"), 0, 0),
    }
    main, shop = found.entities
    assert (main.own, main.charged_out, main.charged_in) == (400, 210, Decimal("12.5"))
    assert (main.after, shop.after) == (Decimal("202.5"), Decimal("247.5"))
    (group,) = found.groups
    assert (group.own, group.after, group.charged_out) == (450, 450, group.charged_in)
    assert found.holds
    assert found.to_json()["groups"][0]["after"] == "450"


def test_ic2_without_the_key_no_agreement_changes_a_charge(tmp_path: Path) -> None:
    found = firm(tmp_path, OWN, text=CHARGED)
    assert totals()["Retail"] == "200"
    assert "between" not in RunPeriod.objects.get().inputs
    assert found.pairs[0].markup == 0
    assert found.holds


def test_ic2_a_new_agreement_makes_the_period_stale_and_is_frozen_with_the_run(
    tmp_path: Path,
) -> None:
    firm(tmp_path, OWN)
    view = model_view(ALL, period="2026-01")
    assert view is not None
    assert view.stale == ()
    agree("10")
    view = model_view(ALL, period="2026-01")
    assert view is not None
    assert view.stale == ("2026-01",)
    frozen = RunPeriod.objects.get().inputs["between"]
    assert frozen["markups"] == [["main", "shop", "5"]]
    run()
    assert totals()["Retail"] == "220"


def test_ic3_ic4_pass_through_and_shareholder_cost(tmp_path: Path) -> None:
    text = CHARGED.replace(
        "steps:",
        '  - {name: licences, when: {gl_account: "6600"}, set: {cost_pool: Software & SaaS / '
        "Licensing, tower: Compute / Servers, solution: Webshop}}\nsteps:",
    )
    rows = "2026-01-31,400.00,EUR,6600,main,\n2026-01-31,40.00,EUR,6010,main,\n"
    firm(tmp_path, rows, text=text + BETWEEN)
    # 400 passed through, and 40 of staff of which only Wholesale's part is charged.
    assert totals() == {"Retail": "200", "Wholesale": "110", "Logistics": "100"}
    (terms,) = RunPeriod.objects.get().balance
    assert (terms["retained"], terms["markup"], terms["cost_in"]) == ("30", "0", "440")


def test_ic7_what_ledgers_hold_of_each_other_is_eliminated(tmp_path: Path) -> None:
    both = OWN + "2026-01-31,210.00,EUR,6900,shop,main\n2026-01-31,-210.00,EUR,4900,main,shop\n"
    found = firm(tmp_path, both)
    pair = found.pairs[0]
    assert (pair.seller, pair.recorded, pair.recorded_back, pair.difference) == (
        "main", 210, -210, 0,
    )  # fmt: skip
    assert [row.own for row in found.entities] == [400, 50]
    assert found.groups[0].own == 450
    assert found.holds


def test_ic7_a_difference_between_two_ledgers_is_named(tmp_path: Path) -> None:
    found = firm(tmp_path, OWN + "2026-01-31,210.00,EUR,6900,shop,main\n")
    assert [(p.seller, p.difference) for p in found.pairs if p.difference] == [("main", 210)]
    assert not found.holds


def test_ic7_a_counterpart_outside_the_group_is_cost_as_any_other(tmp_path: Path) -> None:
    found = firm(tmp_path, OWN + "2026-01-31,210.00,EUR,6900,shop,elsewhere\n")
    assert found.groups[0].own == 660
    assert found.holds


def test_a_what_if_charges_by_the_same_agreements(tmp_path: Path) -> None:
    firm(tmp_path, OWN)
    asked = asked_run("2026-01")
    moved = asked.changed({Quantity("orders", None, "Retail"): Decimal(4)})
    assert exact_sum(Decimal(row["difference"]) for row in moved) == 0
    drivers(tmp_path, USAGE.replace("Retail,2", "Retail,4"))
    run()
    told = {
        row["consumer"]: row["after"]
        for row in moved
        if row["legal_entity"] == "main" and row["consumer"]
    }
    assert told == {name: total for name, total in totals().items() if name in told}
    assert told["Retail"] == "280"


def test_who_may_see_it_and_what_there_is_to_see(tmp_path: Path) -> None:
    with pytest.raises(NotRun):
        intercompany(ALL, period="2026-01")
    firm(tmp_path, OWN)
    with pytest.raises(BeyondScope):
        intercompany(Scope.of_roots(["Retail"]), period="2026-01")


def test_the_text_is_read_and_frozen() -> None:
    parsed = parse_model(CHARGED + BETWEEN).model
    assert parsed is not None
    assert thaw(freeze(parsed)).intercompany == parsed.intercompany
    plain = parse_model(CHARGED).model
    assert plain is not None
    assert "intercompany" not in freeze(plain)
    for text, code in (
        ("{pass_through: [Nothing]}", "model.unknown_pool"),
        ("{pass_through: [Staffing], shareholder: [Staffing]}", "model.duplicate_member"),
        ("{passthrough: [Staffing]}", "model.unknown_key"),
        ("{shareholder: Staffing}", "model.expected_list"),
    ):
        (problem,) = parse_model(f"{CHARGED}intercompany: {text}\n").problems
        assert problem.code == code, text


def test_a_markup_is_a_percentage() -> None:
    for code in ("main", "shop"):
        ensure_entity(code)
    for wrong in ("-1", "1001", "1.00001"):
        with pytest.raises(BadParty, match="A markup is a percentage"):
            agree(wrong)
