"""A small firm for tests: ledger and driver files written line by line, imported and run."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.actions.run_model import run_model
from bursar.record.actions.import_files import import_files

MODEL = dedent(
    """\
    name: Small firm
    taxonomy: tbm-5.0
    consumers: [Retail, Wholesale, Logistics]
    solutions: [Webshop, ERP]
    classify:
      - name: pay
        when: {gl_account: "6010"}
        set: {cost_pool: Staffing / Internal Labor}
      - name: cloud
        when: {gl_account: "6500"}
        set:
          cost_pool: Cloud Services / Cloud Service Provider
          tower: Compute / Servers
          solution: Webshop
      - name: owned by Retail
        when: {cost_center: "R1"}
        set: {consumer: Retail}
    steps:
      - name: pools to towers
        to: tower
        rules:
          - {when: {cost_pool: Staffing}, method: direct, target: Application / Development}
      - name: towers to solutions
        to: solution
        rules:
          - {name: hours, when: {tower: Application}, method: weighted, driver: hours}
      - name: solutions to consumers
        to: consumer
        rules:
          - {name: orders, when: {solution: Webshop}, method: weighted, driver: orders}
          - name: erp shares
            when: {solution: ERP}
            method: fixed
            shares: {Retail: 50, Wholesale: 30}
            residual: retained
    """
)


def ledger(folder: Path, rows: str, *, source: str = "ledger") -> None:
    """Imports a ledger of `date,amount,currency,gl_account,cost_center` rows."""
    file = folder / f"{source}.csv"
    file.write_text("posting_date,amount,currency,gl_account,cost_center\n" + dedent(rows))
    import_files(paths=[file], acting_user=None, source=source, format="ledger")


def drivers(folder: Path, rows: str, *, source: str = "drivers") -> None:
    """Imports a driver file of `driver,period,from,to,quantity` rows."""
    file = folder / f"{source}.csv"
    file.write_text("driver,period,from,to,quantity\n" + dedent(rows))
    import_files(paths=[file], acting_user=None, source=source, format="usage")


def model(text: str = MODEL, **arguments: Any) -> int:
    return apply_model(text=text, acting_user=None, **arguments).version


def run(**arguments: Any) -> dict[str, Any]:
    return run_model(acting_user=None, **arguments).to_json()


def terms(outcome: dict[str, Any], period: str, currency: str = "EUR") -> dict[str, str]:
    """One row of a balance without its zeros."""
    (row,) = [r for r in outcome["balance"] if (r["period"], r["currency"]) == (period, currency)]
    names = ("cost_in", "allocated", "retained", "unallocated", "recovery_gap", "rounding")
    return {name: row[name] for name in names if row[name] != "0"}
