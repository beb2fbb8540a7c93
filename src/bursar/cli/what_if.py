"""`bursar what-if`: a published month with other quantities of its drivers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.errors import BadOptions
from bursar.cli.files import write_out
from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require, scope

if TYPE_CHECKING:
    from bursar.core.calc.allocation.drivers import Quantity


def register(app: typer.Typer) -> None:
    app.command("what-if")(what_if)


def what_if(
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="A month that was run.")],
    driver: Annotated[str, typer.Option(help="The driver whose quantities change.")] = "",
    source: Annotated[str, typer.Option("--from", help="Of what; without, of any cost.")] = "",
    change: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=QUANTITY", help="May be given often."),
    ] = None,
    usage: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the driver as a usage file.")
    ] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show who would pay more or less with other quantities. Without --set: what they are."""
    changes = _changes(driver, source, change or [])
    open_home()
    require("read.model")
    from bursar.report.what_if import quantities_json, run_to_ask, usage_text
    from bursar.report.what_if import what_if as answer

    asked = run_to_ask(scope(), period)
    if usage is not None:
        write_out(usage_text(asked, driver, changes), usage)
    if not changes:
        rows = quantities_json(asked, driver)
        if SESSION.json:
            print_json({"period": period, "quantities": rows})
            return
        columns = {"driver": "Driver", "from": "Of", "to": "For", "quantity": "Quantity",
                   "unit": ""}  # fmt: skip
        print_table(rows, columns, right=["quantity"], empty="No driver divides this month.")
        return
    view = answer(asked, changes)
    if SESSION.json:
        print_json(view.to_json())
        return
    for sentence in view.sentences:
        say(sentence)
    if view.rows:
        told = [{**row, "who": row["consumer"] or row["outcome"]} for row in view.rows]
        columns = {"who": "Who", "legal_entity": "Entity", "before": "Published",
                   "after": "Then", "difference": "Difference", "currency": ""}  # fmt: skip
        print_table(told, columns, right=["before", "after", "difference"])
    note("Nothing was published.")


def _changes(driver: str, source: str, given: list[str]) -> dict[Quantity, Decimal]:
    from bursar.core.calc.allocation.drivers import Quantity
    from bursar.core.money.amount import AmountError, parse_amount

    if given and not driver:
        raise BadOptions("--set changes quantities of one driver: name it with --driver.")
    found: dict[Quantity, Decimal] = {}
    for text in given:
        name, equals, quantity = text.rpartition("=")
        if not equals or not name:
            raise BadOptions(f"--set takes NAME=QUANTITY, not '{text}'.")
        try:
            found[Quantity(driver, source or None, name)] = parse_amount(quantity)
        except AmountError as error:
            raise BadOptions(f"--set {text}: {error.message}") from error
    return found
