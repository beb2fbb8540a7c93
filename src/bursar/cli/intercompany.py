"""`bursar intercompany`: what legal entities charge each other, and the group's view."""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.options import AsUser, Basis, Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home, scope


def register(app: typer.Typer) -> None:
    app.command("intercompany")(intercompany)


def intercompany(
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="Of which period.")],
    basis: Basis = "effective",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show charges between legal entities and how they cancel out. Exit code 1 where not."""
    open_home()
    from bursar.report.intercompany import intercompany as report

    found = report(scope(), period=period, basis=basis)
    if SESSION.json:
        print_json(found.to_json())
    else:
        pairs = {
            "seller": "Seller", "buyer": "Buyer", "currency": "", "charged": "Charged",
            "markup": "Markup in it", "shown": "Only shown", "recorded": "In the buyer's ledger",
            "recorded_back": "In the seller's", "difference": "Difference",
        }  # fmt: skip
        amounts = [name for name in pairs if name not in ("seller", "buyer", "currency")]
        rows = [row.to_json() for row in found.pairs]
        print_table(rows, pairs, right=amounts, empty="No entity charges another one.")
        say("")
        columns = {
            "legal_entity": "Legal entity", "currency": "", "own": "Own cost",
            "charged_out": "Charged to others", "charged_in": "Charged by others",
            "after": "After charges", "markup": "Markup",
        }  # fmt: skip
        group = [{**row.to_json(), "legal_entity": "The group"} for row in found.groups]
        rows = [*(row.to_json() for row in found.entities), *group]
        print_table(rows, columns, right=list(columns)[2:])
        say("Charges cancel out." if found.holds else "Charges do not cancel out: see Difference.")
    if not found.holds:
        raise typer.Exit(1)
