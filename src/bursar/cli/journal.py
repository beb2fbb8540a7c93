"""`bursar journal`: who did what, newest first; its head kept outside, and checked against that."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require, user


def register(app: typer.Typer) -> None:
    app.command("journal")(journal)
    app.command("anchor")(anchor)
    app.command("check-anchors")(check_anchors)


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


def anchor(
    to: Annotated[
        str, typer.Option(metavar="FILE|ADDRESS", help="A file outside, or mailto://, jsons://, …")
    ],
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Keep the journal's head outside, so that nobody can rewrite what was recorded unseen."""
    open_home()
    from bursar.flow.actions.anchor_journal import anchor_journal

    kept = anchor_journal(to=to, acting_user=user())
    if SESSION.json:
        print_json(kept.to_json())
        return
    say(f"Anchored entry {kept.seq}, {kept.hash}.")


def check_anchors(
    files: Annotated[list[Path], typer.Argument(help="Files of anchors, or saved messages.")],
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Check the journal against anchors from outside. Exit code 1 where it was rewritten."""
    open_home()
    require("read.journal")
    from bursar.flow.anchoring import check_files

    found = check_files(files)
    if SESSION.json:
        print_json(found.to_json())
    else:
        say(f"{'ok    ' if found.ok else 'FAILED'}  {found.name}: {found.detail}")
    if not found.ok:
        raise typer.Exit(1)
