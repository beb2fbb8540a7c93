"""`bursar entity …`: legal entities, their currency and fiscal calendar."""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.options import Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home

app = typer.Typer(help="Legal entities: list, set.", no_args_is_help=True)

_FIELDS = ("code", "name", "currency", "fiscal_start_month", "calendar_pattern")
_SHOWN = (*_FIELDS, "recoverable_vat_ratio")


@app.command("list")
def list_entities(json: Json = False, home: Home = None) -> None:
    """Show the legal entities; the first takes lines that name none."""
    open_home()
    from datetime import UTC, datetime

    from bursar.core.money.amount import exact_text
    from bursar.office.reference.entities import default_entity, entities, vat_ratio

    default_entity()
    today = datetime.now(UTC).date()
    rows = [
        {field: getattr(owner, field) for field in _FIELDS}
        | {"recoverable_vat_ratio": exact_text(vat_ratio(owner.code, today))}
        for owner in entities()
    ]
    if SESSION.json:
        print_json({"entities": rows})
        return
    titles = ("Code", "Name", "Currency", "Year from month", "Calendar", "VAT recovered")
    print_table(rows, dict(zip(_SHOWN, titles, strict=True)))


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


@app.command("vat")
def set_vat(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The legal entity.")],
    ratio: Annotated[str, typer.Argument(metavar="RATIO", help="From 0 (none) to 1 (all).")],
    valid_from: Annotated[str, typer.Option("--from", metavar="DATE", help="First day.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Set which part of VAT an entity recovers; the rest is cost of what is imported then."""
    open_home()
    from datetime import date

    from bursar.cli.errors import BadOptions
    from bursar.core.money.amount import exact_text, parse_amount
    from bursar.record.actions.set_vat_ratio import set_vat_ratio

    try:
        day = date.fromisoformat(valid_from)
    except ValueError:
        raise BadOptions(f"'{valid_from}' is no day; write it like 2026-01-01.") from None
    done = set_vat_ratio(acting_user=None, code=code, ratio=parse_amount(ratio), valid_from=day)
    told = {"code": code, "recoverable_vat_ratio": exact_text(done.ratio), "valid_from": valid_from}
    if SESSION.json:
        print_json(told)
    say(f"{code} recovers {exact_text(done.ratio)} of VAT from {valid_from} on.")
