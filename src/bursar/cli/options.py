"""Options that many commands share, each explained once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bursar.cli.errors import BadOptions
from bursar.cli.session import SESSION


def _remember_json(value: bool) -> bool:
    SESSION.json = SESSION.json or value
    return SESSION.json


def _remember_home(value: Path | None) -> Path | None:
    SESSION.home = value or SESSION.home
    return SESSION.home


def _remember_user(context: typer.Context, option: typer.CallbackParam, value: str) -> str:
    source = context.get_parameter_source(str(option.name))
    if not value.strip() and (source is None or source.name != "DEFAULT"):
        # Most likely a variable that is not set; without a name everything would be shown.
        raise BadOptions("--as needs the name of a user.")
    SESSION.as_user = value or SESSION.as_user
    return SESSION.as_user


Json = Annotated[
    bool, typer.Option("--json", help="Print JSON for machines.", callback=_remember_json)
]
Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Data folder (default: BURSAR_HOME, or ~/.bursar).",
        callback=_remember_home,
    ),
]
AsUser = Annotated[
    str,
    typer.Option(
        "--as", metavar="USER", help="Show what this user may see.", callback=_remember_user
    ),
]
Periods = Annotated[
    list[str] | None,
    typer.Option("--period", metavar="YYYY-MM", help="Posting period; may be given often."),
]
Basis = Annotated[
    str,
    typer.Option(help="billed, effective, contracted, list or booked. Bases are never added."),
]
