"""`bursar undo`: take an import back as one act."""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.options import Home, Json
from bursar.cli.output import print_json, say
from bursar.cli.session import SESSION, open_home


def register(app: typer.Typer) -> None:
    app.command("undo")(undo)


def undo(
    import_token: Annotated[
        str,
        typer.Argument(
            metavar="IMPORT", help="Token of the import, as `bursar batches --json` names it."
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why; the journal keeps it.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Take an import back: what it replaced counts again."""
    open_home()
    from bursar.record.actions.undo_import import undo_import

    done = undo_import(import_token=import_token, reason=reason, acting_user=None)
    if SESSION.json:
        print_json(done.to_json())
    say(f"{done.file}, source {done.source}: undone.")
    for batch in done.withdrawn:
        say(f"  {batch['period']}  {batch['batch_id']}  {batch['rows']} rows  taken out of force")
    for batch in done.restored:
        say(f"  {batch['period']}  {batch['batch_id']}  {batch['rows']} rows  in force again")
