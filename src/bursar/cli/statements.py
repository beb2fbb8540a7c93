"""`bursar statement`: the Bill of IT, on the screen or as a document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.errors import UnknownFormat
from bursar.cli.files import write_out
from bursar.cli.options import AsUser, Home, Json, Periods
from bursar.cli.output import print_json, say
from bursar.cli.session import SESSION, open_home, scope

if TYPE_CHECKING:
    from bursar.report.bill_of_it import Statements

FORMATS = ("table", "json", "csv", "xlsx", "pdf", "focus")
FOR_MACHINES = ("json", "csv", "focus")
"""Without a period these hold every period that was run; people are shown the latest."""


def register(app: typer.Typer) -> None:
    app.command("statement")(statement)
    app.command("why")(why)
    app.command("fair")(fair)


def why(
    consumer: Annotated[str, typer.Option(help="Whose statement.")],
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="Of which period.")],
    before: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Compare with this period.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="RUN", help="Compare with an earlier run of the period.")
    ] = None,
    basis: Annotated[str | None, typer.Option(help="Of runs on this basis.")] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Tell why a statement changed: new, gone, volume, rate, driver and price, adding up."""
    open_home()
    from bursar.report.change import change_of

    told = [
        change_of(scope(), statement_id=own, before=before, against=against)
        for own in _own(consumer, period, basis)
    ]
    if SESSION.json:
        print_json({"changes": [one.to_json() for one in told]})
        return
    for one in told:
        say(one.sentence)
        for line in one.lines:
            say(f"  {line.sentence}")


def fair(
    consumer: Annotated[str, typer.Option(help="Whose statement.")],
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="Of which period.")],
    basis: Annotated[str | None, typer.Option(help="Of runs on this basis.")] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Set each charge of a statement beside other ways that could be defended."""
    open_home()
    from bursar.core.money.amount import exact_text
    from bursar.report.fairness import fairness
    from bursar.report.wording import percent

    told = [fairness(scope(), statement_id=own) for own in _own(consumer, period, basis)]
    if SESSION.json:
        print_json({"statements": [one.to_json() for one in told]})
        return
    for one in told:
        for charge in one.charges:
            say(charge.sentence)
            for way in charge.ways:
                amount = way.to_json()["amount"] or way.why_not
                say(f"  {way.name}: {amount}")
            for measured in charge.measured:
                say(f"  {measured.sentence}")
            for peer in charge.peers:
                say(f"  {peer.name} pays {exact_text(peer.amount)} ({percent(peer.share)})")


def _own(consumer: str, period: str, basis: str | None) -> list[str]:
    """Ids of the consumer's own statements of a period, without sums of those below her."""
    from bursar.report.bill_of_it import statements

    found = statements(scope(), periods=[period], consumer=consumer, basis=basis).statements
    return [one.statement_id for one in found if not one.rollup]


def statement(
    period: Periods = None,
    consumer: Annotated[str | None, typer.Option(help="One consumer; without, all.")] = None,
    format: Annotated[str, typer.Option(help="table, json, csv, xlsx, pdf or focus.")] = "table",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write to this file.")
    ] = None,
    basis: Annotated[str | None, typer.Option(help="Of runs on this basis.")] = None,
    currency: Annotated[str | None, typer.Option(help="Only this currency.")] = None,
    legal_entity: Annotated[str | None, typer.Option(help="Only this legal entity.")] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show or export what each consumer is charged, and for what.

    Without --period: json, csv and focus hold every period that was run, the others the latest.
    """
    if format not in FORMATS:
        raise UnknownFormat(f"There is no format '{format}': choose {', '.join(FORMATS)}.")
    if format == "json":
        SESSION.json = True
    open_home()
    from bursar.report.bill_of_it import periods_run, statements

    every = not period and (SESSION.json or format in FOR_MACHINES)
    found = statements(
        scope(),
        periods=periods_run(scope(), basis) if every else period,
        consumer=consumer,
        basis=basis,
        currency=currency,
        legal_entity=legal_entity,
    )
    if SESSION.json and format in ("table", "json"):
        if out is None:
            print_json(found.to_json())
        else:
            from json import dumps

            write_out(dumps(found.to_json(), indent=2, ensure_ascii=False) + "\n", out)
    elif format == "table":
        _print_tables(found)
    else:
        write_out(_document(found, format), out)


def _document(found: Statements, format: str) -> str | bytes:
    if format == "pdf":
        from bursar.report.documents.pdf import statement_pdf

        return statement_pdf(found)
    if format == "xlsx":
        from bursar.report.documents.xlsx import statement_xlsx

        return statement_xlsx(found)
    if format == "focus":
        from bursar.report.documents.focus import statement_focus

        return statement_focus(scope(), found)
    from bursar.report.documents.csv import statement_csv

    return statement_csv(found)


def _print_tables(found: Statements) -> None:
    from rich.console import Console

    from bursar.report.documents.table import statement_table

    console = Console()
    if not console.is_terminal:
        console.width = 160  # a pipe has no width; nothing should be cut
    console.print(statement_table(found))
