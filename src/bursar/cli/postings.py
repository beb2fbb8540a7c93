"""`bursar postings …`: the allocated result as a journal for the general ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home, scope

app = typer.Typer(help="Journals for the general ledger: export, list.", no_args_is_help=True)


@app.command("export")
def export(
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="Period of the run in force.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the journal.")],
    basis: Annotated[str, typer.Option(help="Basis of the run.")] = "effective",
    layout: Annotated[
        str, typer.Option(help="generic, sap, dynamics, netsuite, datev or beancount.")
    ] = "generic",
    debit_account: Annotated[str, typer.Option(help="Account that consumers are debited.")] = "",
    credit_account: Annotated[str, typer.Option(help="Account that IT is credited.")] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Write a period's charges as a balanced journal; an earlier run's journal is reversed."""
    open_home()
    from bursar.allocate.actions.export_postings import export_postings
    from bursar.allocate.postings.journal import Accounts

    done = export_postings(
        acting_user=None,
        period=period,
        basis=basis,
        layout=layout,
        accounts=Accounts(debit_account, credit_account),
    )
    out.write_bytes(done.content)
    if SESSION.json:
        print_json({**done.to_json(), "file": str(out)})
    say(f"{out}: {', '.join(done.documents) or 'nothing new'}, SHA-256 {done.sha256[:12]}…")
    for document in done.reversed_documents:
        say(f"  reverses {document}")
    if done.unchanged:
        say("  the same journal was exported before; post it once.")


@app.command("list")
def list_exports(
    period: Annotated[str | None, typer.Option(metavar="YYYY-MM")] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show which journals were exported."""
    open_home()
    from bursar.report.postings import posting_exports

    rows = posting_exports(scope(), period=period)
    if SESSION.json:
        print_json({"exports": rows})
        return
    columns = {"period": "Period", "basis": "Basis", "layout": "Layout", "lines": "Lines",
               "exported_at": "Exported", "exported_by": "By", "sha256": "SHA-256"}  # fmt: skip
    print_table(rows, columns, right=["lines"], empty="No journal was exported yet.")
