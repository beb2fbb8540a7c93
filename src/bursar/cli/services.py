"""`bursar services`: the catalogue of services with what each costs, and costs per unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, scope

if TYPE_CHECKING:
    from bursar.report.services import ServiceRow


def register(app: typer.Typer) -> None:
    app.command("services")(services)


def services(
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="Period of the run in force.")],
    basis: Annotated[str, typer.Option(help="Basis of the run.")] = "effective",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show what each service costs, in all and per unit, and what changed in a month."""
    open_home()
    from bursar.report.services import services as told

    found = told(scope(), period=period, basis=basis)
    if SESSION.json:
        print_json(found.to_json())
        return
    rows = [_row(row.to_json()) for row in found.rows]
    columns = {"service": "Service", "owner": "Owner", "currency": "", "cost": "Cost",
               "charged": "Charged", "volume": "Volume", "unit": "Unit", "unit_cost": "Unit cost",
               "rate": "Rate", "change": "Change", "volume_effect": "by volume",
               "unit_cost_effect": "by unit cost"}  # fmt: skip
    numbers = ["cost", "charged", "volume", "unit_cost", "rate", "change", "volume_effect",
               "unit_cost_effect"]  # fmt: skip
    print_table(rows, columns, right=numbers, empty=f"{period} was not run on this basis.")
    planned = [_row({**one, **one["plan"]}) for one in map(_told, found.rows) if one["plan"]]
    if planned:
        say("\nAgainst the plan (above zero is unfavourable)")
        columns = {"service": "Service", "currency": "", "cost": "Planned cost",
                   "volume": "Planned volume", "rate": "Planned rate", "variance": "Variance",
                   "price_variance": "by price", "volume_variance": "by volume",
                   "efficiency_variance": "by efficiency"}  # fmt: skip
        print_table(planned, columns, right=list(columns)[2:])
    uncounted = sorted({row.service for row in found.rows if row.month.volume is None})
    if uncounted:
        named = ", ".join(uncounted)
        note(f"Not counted, because no single driver says how much was used: {named}.")


def _told(row: ServiceRow) -> dict[str, Any]:
    return row.to_json()


def _row(told: dict[str, Any]) -> dict[str, Any]:
    return {name: "" if value is None else value for name, value in told.items()}
