"""`bursar init`."""

from __future__ import annotations

import typer

from bursar.cli.options import Home, Json
from bursar.cli.output import print_json, say, working
from bursar.cli.session import SESSION, configure


def register(app: typer.Typer) -> None:
    app.command("init")(init)


def init(json: Json = False, home: Home = None) -> None:
    """Create the data folder with its database, or upgrade it."""
    configure()
    from bursar.flow.setup import initialise

    with working("Preparing the database …"):
        made = initialise()
    if SESSION.json:
        print_json(made)
    say(f"Data folder  {made['home']}\nDatabase     {made['database']}")
