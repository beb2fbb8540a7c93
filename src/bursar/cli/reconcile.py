"""`bursar reconcile`: invoices and commitments as providers list them against the cost lines."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require, scope

app = typer.Typer(
    help="Providers' own lists against the cost lines: invoices, commitments.",
    no_args_is_help=True,
)

Period = Annotated[
    str | None, typer.Option("--period", metavar="YYYY-MM", help="Of this billing period only.")
]


def register(main: typer.Typer) -> None:
    main.add_typer(app, name="reconcile")


@app.command("invoices")
def invoices(
    period: Period = None, as_user: AsUser = "", json: Json = False, home: Home = None
) -> None:
    """Show each invoice: what its lines bill, what its issuer lists, and the difference."""
    open_home()
    from bursar.report.invoices import reconcile_invoices

    require("read.data")
    found = reconcile_invoices(scope(), period=period).to_json()
    if SESSION.json:
        print_json(found)
        return
    columns = {
        "invoice_id": "Invoice",
        "issuer": "Issuer",
        "status": "Status",
        "currency": "Currency",
        "lines": "Lines",
        "billed": "Billed",
        "invoiced": "Invoiced",
        "difference": "Difference",
        "state": "State",
    }
    right = ["lines", "billed", "invoiced", "difference"]
    print_table(found["invoices"], columns, right=right, empty="No line names an invoice.")
    for one in found["invoices"]:
        for part in one["categories"]:
            say(f"{one['invoice_id']}: {part['charge_category']} differs by {part['difference']}")


@app.command("commitments")
def commitments(
    period: Period = None, as_user: AsUser = "", json: Json = False, home: Home = None
) -> None:
    """Show each commitment: what was promised, and what each period used and left unused."""
    open_home()
    from bursar.report.commitments import commitments as report

    require("read.data")
    found = report(scope(), period=period).to_json()
    if SESSION.json:
        print_json(found)
        return
    rows: list[dict[str, Any]] = [
        {**{name: one[name] if first == 0 else "" for name in _ONCE}, **use}
        for one in found["commitments"]
        for first, use in enumerate(one["periods"] or [{}])
    ]
    columns = {
        "commitment_id": "Commitment",
        "currency": "Currency",
        "promised": "Promised",
        "left": "Left",
        "period": "Period",
        "bought": "Bought",
        "used": "Used",
        "unused": "Unused",
        "applied": "Applied",
    }
    amounts = [name for name in columns if name not in ("commitment_id", "currency", "period")]
    print_table(rows, columns, right=amounts, empty="No list and no line names a commitment.")


_ONCE = ("commitment_id", "currency", "promised", "left")
