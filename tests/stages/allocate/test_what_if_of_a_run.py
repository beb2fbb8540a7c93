"""Rules WI4 and WI5: what a published month is said to charge is what a run then publishes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.stages.allocate import test_run_methods as methods
from tests.stages.allocate.firm import drivers, ledger, model, run

from bursar.allocate.errors import BadQuantity, NoQuantity, NoRun
from bursar.allocate.models import Statement
from bursar.allocate.what_if import asked_run
from bursar.core.calc.allocation.drivers import Quantity
from bursar.core.money.amount import exact_text
from bursar.office.people.scope import Scope
from bursar.report.errors import BeyondScope
from bursar.report.what_if import run_to_ask, usage_text, what_if

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

ORDERS = Quantity("orders", None, "Retail")
USAGE = """\
hours,2026-01,,ERP,10
hours,2026-01,,Webshop,3
orders,2026-01,,Retail,1
orders,2026-01,,Logistics,2.25
"""


def totals(period: str = "2026-01") -> dict[str, Decimal]:
    rows = Statement.objects.filter(
        period=period, run_period__superseded_at__isnull=True
    ).values_list("consumer", "total")
    return {consumer: Decimal(total) for consumer, total in rows}


def test_wi4_the_answer_is_what_the_next_run_publishes(tmp_path: Path) -> None:
    ledger(tmp_path, "2026-01-31,1000.01,EUR,6010,\n2026-01-31,333.33,EUR,6500,\n")
    drivers(tmp_path, USAGE)
    model()
    run()
    before = totals()
    changes = {ORDERS: Decimal("7.125"), Quantity("hours", None, "Webshop"): Decimal(0)}

    asked = asked_run("2026-01")
    view = what_if(asked, changes)
    assert totals() == before
    told = {row["consumer"]: row for row in view.rows if row["consumer"]}
    assert sum(Decimal(row["difference"]) for row in view.rows) == 0

    text = "".join(usage_text(asked, name, changes).partition("\n")[2] for name in
                   ("hours", "orders"))  # fmt: skip
    drivers(tmp_path, text.replace(",unit", "").replace(",\n", "\n"))
    run()
    after = totals()
    assert {name: row["after"] for name, row in told.items()} == {
        name: exact_text(after[name]) for name in told
    }
    assert {name for name in after if after[name] != before.get(name)} == set(told)
    # The other month's figures are asked anew, and the run that was asked is not in force now.
    assert asked_run("2026-01").run != asked.run


def test_wi4_true_ups_of_standard_rates_too(tmp_path: Path) -> None:
    months = ("2026-01", "2026-02", "2026-03")
    ledger(tmp_path, "".join(f"{m}-28,100.00,EUR,3,\n" for m in months))
    use = {"2026-01": (300, 60), "2026-02": (200, 100), "2026-03": (280, 80)}
    rows = [
        f"hours,{m},,{name},{q}\n"
        for m, pair in use.items()
        for name, q in zip(("Retail", "Wholesale"), pair, strict=True)
    ]
    drivers(tmp_path, "".join(rows))
    model(methods.MODEL)
    run()
    key = Quantity("hours", None, "Retail")
    view = what_if(asked_run("2026-03"), {key: Decimal(310)})
    drivers(tmp_path, "".join(rows).replace("Retail,280", "Retail,310"))
    run()
    after = totals("2026-03")
    found = {row["consumer"]: row["after"] for row in view.rows if row["outcome"] == "allocated"}
    assert found == {name: exact_text(after[name]) for name in found}
    assert set(found) == {"Retail", "Wholesale"}


def test_wi5_what_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    model()
    with pytest.raises(NoRun):
        asked_run("2026-01")
    ledger(tmp_path, "2026-01-31,10.00,EUR,6500,\n")
    drivers(tmp_path, USAGE)
    run()
    asked = asked_run("2026-01")
    for key in (ORDERS._replace(to_key="Nobody"), ORDERS._replace(from_key="ERP")):
        with pytest.raises(NoQuantity, match="has no quantity of 'orders'"):
            what_if(asked, {key: Decimal(1)})
    for amount in ("-1", "NaN", "Infinity"):
        with pytest.raises(BadQuantity):
            what_if(asked, {ORDERS: Decimal(amount)})
    with pytest.raises(BeyondScope):
        run_to_ask(Scope.of_roots(["Retail"]), "2026-01")
    assert what_if(asked, {}).sentences == ("In January 2026 nobody pays more or less.",)
