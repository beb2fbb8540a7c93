"""`bursar entity …`: legal entities, their currency and fiscal calendar."""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.options import Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home

app = typer.Typer(help="Legal entities: list, set.", no_args_is_help=True)

_FIELDS = ("code", "name", "currency", "fiscal_start_month", "calendar_pattern")


@app.command("list")
def list_entities(json: Json = False, home: Home = None) -> None:
    """Show the legal entities; the first takes lines that name none."""
    open_home()
    from bursar.office.reference.entities import default_entity, entities

    default_entity()
    rows = [{field: getattr(owner, field) for field in _FIELDS} for owner in entities()]
    if SESSION.json:
        print_json({"entities": rows})
        return
    titles = ("Code", "Name", "Currency", "Year from month", "Calendar")
    print_table(rows, dict(zip(_FIELDS, titles, strict=True)))


@app.command("set")
def set_entity(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Code that lines name it by.")],
    name: Annotated[str | None, typer.Option(help="Full name.")] = None,
    currency: Annotated[str | None, typer.Option(help="Functional currency.")] = None,
    start_month: Annotated[
        int | None, typer.Option(help="Month in which its fiscal year starts, 1 to 12.")
    ] = None,
    calendar: Annotated[str | None, typer.Option(help="month, 4-4-5, 4-5-4 or 5-4-4.")] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Make or change a legal entity. Its calendar only before cost is posted by it."""
    open_home()
    from bursar.record.actions.set_entity import EntityChange
    from bursar.record.actions.set_entity import set_entity as act

    change = EntityChange(name, currency, start_month, calendar)
    owner = act(acting_user=None, code=code, change=change)
    if SESSION.json:
        print_json({field: getattr(owner, field) for field in _FIELDS})
    say(
        f"{owner.code}: {owner.currency}, {owner.calendar_pattern}, from month "
        f"{owner.fiscal_start_month}."
    )
