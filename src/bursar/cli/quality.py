"""`bursar quality` and `bursar drivers`: how good data and drivers are."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bursar.cli.options import AsUser, Basis, Home, Json, Periods
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home, scope

_SHOWN = 40


def register(app: typer.Typer) -> None:
    app.command("quality")(quality)
    app.command("drivers")(drivers)


def quality(
    source: Annotated[str | None, typer.Option(help="Of this source only.")] = None,
    period: Periods = None,
    basis: Basis = "effective",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show what is incomplete, late, unreconciled, unclassified, untagged or odd, by money."""
    open_home()
    from bursar.report.quality import quality as report

    found = report(scope(), source=source, periods=period, basis=basis)
    answer = found.to_json()
    if SESSION.json:
        print_json(answer)
        return
    for one in answer["overall"]:
        score = one["score"] or "not measured"
        say(f"{one['currency']}: {score} of 1, over {one['money']} of {basis} cost")
    columns = {
        "source": "Source", "period": "Period", "key": "Measure", "ratio": "Ratio",
        "money": "Money", "currency": "Currency", "detail": "What",
    }  # fmt: skip
    rows: list[dict[str, Any]] = answer["findings"]
    empty = "Nothing to mend." if answer["rows"] else "Nothing was recorded yet."
    print_table(rows[:_SHOWN], columns, right=["ratio", "money"], empty=empty)
    if len(rows) > _SHOWN:
        say(f"… {len(rows)} in all; --json lists every one.")
    say(answer["formula"])


def drivers(
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="Of which period.")],
    basis: Basis = "effective",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show how old, complete and well measured each driver is, beside the money it divided."""
    open_home()
    from bursar.report.driver_quality import driver_quality

    answer = driver_quality(scope(), period=period, basis=basis).to_json()
    if SESSION.json:
        print_json(answer)
        return
    rows = [
        {
            **row,
            "quality": row["origin"]["quality"] or "not said",
            "imported": row["origin"]["imported_on"] or "",
            "amount": moved["amount"],
            "currency": moved["currency"],
            "coverage": moved["coverage"],
        }
        for row in answer["drivers"]
        for moved in row["moved"] or [{"amount": "", "currency": "", "coverage": ""}]
    ]
    columns = {
        "driver": "Driver", "total": "Total", "unit": "Unit", "targets": "Targets",
        "quality": "Quality", "imported": "Imported", "amount": "Money split",
        "currency": "Currency", "coverage": "Of what it was given", "verdict": "State",
    }  # fmt: skip
    right = ["total", "targets", "amount", "coverage"]
    print_table(rows, columns, right=right, empty="The model of this period uses no driver.")
