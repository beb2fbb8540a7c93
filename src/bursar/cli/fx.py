"""`bursar fx …`: exchange rates in, out and applied."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bursar.cli.errors import BadOptions
from bursar.cli.options import AsUser, Basis, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require, scope

app = typer.Typer(help="Exchange rates: convert, import, list, set.", no_args_is_help=True)

_SHOWN = 20
Kind = Annotated[str, typer.Option("--type", help="closing, average or plan.")]


@app.command("convert", context_settings={"ignore_unknown_options": True})
def convert(
    amount: Annotated[str, typer.Argument(metavar="AMOUNT")],
    source: Annotated[str, typer.Argument(metavar="FROM", help="Currency of the amount.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Currency that is wanted.")],
    day: Annotated[str, typer.Option("--date", metavar="DATE", help="Day of the rate.")],
    kind: Kind = "closing",
    json: Json = False,
    home: Home = None,
) -> None:
    """Convert an amount and show the way: a closing rate is the last one on or before the day."""
    open_home()
    from bursar.core.money.amount import parse_amount
    from bursar.report.conversion import convert_amount

    answer = convert_amount(
        parse_amount(amount), source.upper(), target.upper(), day=_day(day), kind=kind
    ).to_json()
    if SESSION.json:
        print_json(answer)
        return
    say(f"{answer['amount']} {target.upper()}  (exactly {answer['amount_exact']})")
    columns = {"from": "From", "to": "To", "rate": "Rate", "date": "Date", "quoted": "Published as"}
    print_table(answer["path"], columns, right=["rate"], empty="The same currency: no rate.")


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="ECB table, or a CSV.")],
    source: Annotated[str | None, typer.Option(help="Name of the source.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit code 1 when rows are rejected.")
    ] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Take rates from the ECB's eurofxref files or a CSV with date, from, to, rate, type."""
    open_home()
    from bursar.record.actions.import_rates import import_rates

    done = [import_rates(path=file, acting_user=None, source=source) for file in files]
    if SESSION.json:
        print_json({"imports": [outcome.to_json() for outcome in done]})
    for outcome in done:
        say(
            f"{outcome.file}, source {outcome.source}: {outcome.added} rates added, "
            f"{outcome.changed} changed, {outcome.same} known, {outcome.rejected_total} rejected."
        )
        for reason in outcome.rejected[:_SHOWN]:
            note(f"row {reason['row']} {reason['column']}: {reason['code']}: {reason['message']}")
    if strict and any(outcome.rejected_total for outcome in done):
        raise typer.Exit(1)


@app.command("rates")
def rates(
    kind: Annotated[str | None, typer.Option("--type", help="Only this type.")] = None,
    currency: Annotated[str | None, typer.Option(help="Only pairs with this currency.")] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show the newest rate of every pair, how old it is, and where it has gaps."""
    open_home()
    require("read.data")
    from bursar.report.rates import rates as report

    answer = report(scope(), kind=kind, currency=currency).to_json()
    if SESSION.json:
        print_json(answer)
        return
    say(f"Reporting currency: {answer['reporting_currency']}")
    columns = {
        "type": "Type", "from": "From", "to": "To", "rate": "Rate", "valid_from": "From day",
        "until": "Until", "rates": "Rates", "first": "First", "gaps": "Gaps", "source": "Source",
    }  # fmt: skip
    empty = "No rates yet: `bursar fx import eurofxref-hist.zip` brings the ECB's."
    print_table(answer["rates"], columns, right=["rate", "rates", "gaps"], empty=empty)


@app.command("set")
def set_(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Currency of which there is one.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Currency that the rate is in.")],
    rate: Annotated[str, typer.Argument(metavar="RATE", help="How much TO one FROM is.")],
    day: Annotated[str, typer.Option("--date", metavar="DATE", help="First day of the rate.")],
    kind: Kind = "plan",
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Last day; else the fiscal year's or month's."),
    ] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Set a rate by hand: of a plan's year, a month, or a day."""
    open_home()
    from bursar.core.money.amount import exact_text, parse_amount
    from bursar.record.actions.set_rate import set_rate

    done = set_rate(
        acting_user=None,
        kind=kind,
        source=source.upper(),
        target=target.upper(),
        rate=parse_amount(rate),
        day=_day(day),
        until=_day(until) if until else None,
    )
    told = {
        "type": done.kind, "from": done.source, "to": done.target, "rate": exact_text(done.rate),
        "valid_from": done.valid_from.isoformat(),
        "valid_to": done.valid_to.isoformat() if done.valid_to else None,
    }  # fmt: skip
    if SESSION.json:
        print_json(told)
    say(f"{kind}: 1 {done.source} = {exact_text(done.rate)} {done.target} from {done.valid_from}.")


@app.command("effect")
def effect(
    before: Annotated[
        str, typer.Option("--from", metavar="P", help="Earlier period, or plan for plan rates.")
    ],
    after: Annotated[str, typer.Option("--to", metavar="P", help="Later period.")],
    by: Annotated[str, typer.Option(metavar="A,B", help="Dimensions, such as cost_pool.")] = "",
    currency: Annotated[
        str, typer.Option(metavar="VIEW", help="reporting, functional, or a code as EUR.")
    ] = "reporting",
    rate: Annotated[str, typer.Option(help="Actual rates: average or closing.")] = "average",
    basis: Basis = "effective",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Split the difference between two periods into exchange rates and the money itself."""
    open_home()
    from bursar.report.conversion import VIEWS, CurrencyView
    from bursar.report.currency_effect import currency_effect

    names = [name.strip() for name in by.split(",") if name.strip()]
    shown_in = CurrencyView(currency if currency in VIEWS else currency.upper(), rate)
    answer = currency_effect(
        scope(), before=before, after=after, by=names, basis=basis, currency=shown_in
    ).to_json()
    if SESSION.json:
        print_json(answer)
        return
    say(f"Basis: {answer['basis']}, {answer['words']}; {before} to {after}")
    told = ("before", "after", "change", "operating", "fx")
    columns = {name: name for name in names} | {"currency": "Currency"}
    columns |= {name: name.capitalize() for name in told[:-1]} | {"fx": "FX"}
    totals = [dict.fromkeys(names, "Total") | total for total in answer["totals"]]
    rows = [*answer["rows"], *(totals if names else [])]
    print_table(rows, columns, right=told, empty="No cost in either period.")
    say("\nBy local currency")
    columns = {"local_currency": "Currency", "legal_entity": "Entity", "local_before": "Before",
               "local_after": "After", "rate_before": "Rate before", "rate_after": "Rate after",
               "operating": "Operating", "fx": "FX"}  # fmt: skip
    print_table(answer["local"], columns, right=list(columns)[2:])


@app.command("reporting-currency")
def reporting_currency(
    currency: Annotated[
        str | None, typer.Argument(metavar="CODE", help="The new one; none shows it.")
    ] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Show or set the currency of consolidated figures."""
    open_home()
    from bursar.office.reference.rates import reporting_currency as current
    from bursar.record.actions.set_reporting_currency import set_reporting_currency

    if currency:
        set_reporting_currency(acting_user=None, currency=currency.upper())
    if SESSION.json:
        print_json({"reporting_currency": current()})
    say(f"Consolidated figures are in {current()}.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadOptions(f"'{text}' is no day; write it like 2026-03-31.") from None
