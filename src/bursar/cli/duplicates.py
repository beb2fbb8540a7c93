"""`bursar duplicates`: invoices that seem to count twice."""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require, scope


def register(app: typer.Typer) -> None:
    app.command("duplicates")(duplicates)


def duplicates(
    import_token: Annotated[
        str | None, typer.Option("--import", metavar="IMPORT", help="Of this import only.")
    ] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show lines that look like one invoice twice, and documents with credits."""
    open_home()
    from bursar.report.duplicates import duplicates as report

    require("read.data")
    found = report(scope(), import_token=import_token).to_json()
    if SESSION.json:
        print_json(found)
        return
    rows = [
        {**line, "kind": one["kind"] if first == 0 else ""}
        for one in found["suspicions"]
        for first, line in enumerate(one["lines"])
    ]
    columns = {
        "kind": "Why",
        "line_id": "Line",
        "source": "Source",
        "vendor": "Vendor",
        "document": "Document",
        "day": "Date",
        "currency": "Currency",
        "amount": "Amount",
    }
    print_table(rows, columns, right=["amount"], empty="No two invoice lines look alike.")
    for total in found["totals"]:
        say(f"Too much, {total['basis']}: {total['currency']} {total['amount']}")
    if found["credit_count"]:
        say(f"{found['credit_count']} documents hold credits (--json lists them).")
