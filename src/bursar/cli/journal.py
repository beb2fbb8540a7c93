"""`bursar journal`: who did what, newest first."""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import print_json, print_table
from bursar.cli.session import SESSION, open_home, require


def register(app: typer.Typer) -> None:
    app.command("journal")(journal)


def journal(
    act: Annotated[str, typer.Option(help="Beginning of the act, such as allocate.")] = "",
    subject: Annotated[str, typer.Option(help="Batch, run, user or other thing.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show the journal of every act that changed money or model."""
    open_home()
    require("read.journal")
    from bursar.office.journal.queries import entries, entry_json

    rows = [entry_json(entry) for entry in entries(act=act, subject=subject)[:limit]]
    if SESSION.json:
        print_json({"entries": rows})
        return
    columns = {"seq": "No.", "at": "When", "actor": "Who", "act": "Act", "subject": "On"}
    empty = "No entry is of that kind." if act or subject else "The journal is empty."
    print_table(rows, columns, right=["seq"], empty=empty)
