"""The program `bursar`: its commands, and how refusals leave it.

Exit codes: 0 done; 1 done, but a check failed or rows were rejected under --strict; 2 refused or
unreadable, nothing recorded.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence
from copy import copy
from typing import Annotated

import typer
from typer.models import CommandInfo, TyperInfo

from bursar.cli import (
    ai,
    clusters,
    commitments,
    control,
    data,
    documents,
    duplicates,
    entities,
    figures,
    focus,
    fx,
    intercompany,
    issued,
    journal,
    keeping,
    looking,
    matching,
    model,
    periods,
    postings,
    profiles,
    quality,
    reconcile,
    register_tables,
    runs,
    services,
    serving,
    setup,
    statements,
    taxonomy,
    undoing,
    users,
    watching,
    what_if,
)
from bursar.cli.options import Home, Json
from bursar.core.refusal import InvariantBroken, Refused

app = typer.Typer(
    name="bursar",
    help="IT financial management: where technology money goes, and who uses it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"bursar {version('bursar')}")
        raise typer.Exit


@app.callback()
def program(
    json: Json = False,
    home: Home = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """IT financial management: where technology money goes, and who uses it."""


for subject in (
    setup,
    data,
    looking,
    undoing,
    duplicates,
    reconcile,
    model,
    runs,
    what_if,
    periods,
    quality,
    figures,
    services,
    statements,
    issued,
    intercompany,
    keeping,
    journal,
    serving,
):
    subject.register(app)
app.add_typer(users.app, name="user")
app.add_typer(entities.app, name="entity")
app.add_typer(watching.app, name="watch")
app.add_typer(clusters.app, name="cluster")
app.add_typer(commitments.app, name="commitment")
app.add_typer(profiles.app, name="profile")
app.add_typer(documents.app, name="document")
app.add_typer(register_tables.registers, name="register")
app.add_typer(ai.app, name="ai")
app.add_typer(focus.app, name="focus")
app.add_typer(fx.app, name="fx")
app.add_typer(matching.app, name="match")
app.add_typer(control.app, name="control")
app.add_typer(postings.app, name="postings")
app.add_typer(issued.app, name="issued")
app.add_typer(taxonomy.app, name="taxonomy")


def main() -> None:
    """Run the program; every refusal becomes one line and exit code 2."""
    try:
        program_of(sys.argv[1:2])()
    except Refused as refusal:
        _leave(refusal.code, refusal.message)
    except InvariantBroken as broken:
        _leave("invariant", f"{broken} This is a defect of Bursar; nothing was published.")
    except OSError as problem:
        place = f"{problem.filename}: " if problem.filename else ""
        _leave("system", f"{place}{problem.strerror or problem}. Nothing was recorded.")
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing was recorded by the interrupted step.", err=True)
        sys.exit(130)
    except Exception:  # noqa: BLE001 - a report needs the place, a script needs the exit code
        traceback.print_exc()
        _leave("defect", "This is a defect of Bursar: please report the lines above.")


def program_of(first: Sequence[str]) -> typer.Typer:
    """The program with the command alone that is called, for making all of them takes longer than
    most of them do; the whole where the first word is no command."""

    def called(entry: TyperInfo | CommandInfo) -> bool:
        return entry.name in first

    only = copy(app)
    only.registered_groups = list(filter(called, app.registered_groups))
    only.registered_commands = list(filter(called, app.registered_commands))
    return only if only.registered_groups or only.registered_commands else app


def _leave(code: str, message: str) -> None:
    from bursar.cli.session import SESSION

    if SESSION.json:
        typer.echo(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False))
    typer.echo(f"{code}: {message}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
