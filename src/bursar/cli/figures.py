"""`bursar costs | trace`: what it costs, where an amount came from and who pays a line."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bursar.cli.errors import BadOptions
from bursar.cli.options import AsUser, Basis, Home, Json, Periods
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, scope

_TOLD = (
    "service_provider_name",
    "service_name",
    "sku_id",
    "charge_category",
    "sub_account_name",
    "region_name",
    "resource_name",
    "gl_account",
    "cost_center",
    "vendor",
    "charge_description",
)


def register(app: typer.Typer) -> None:
    app.command("costs")(costs)
    app.command("trace")(trace)


def costs(
    by: Annotated[
        str, typer.Option(metavar="A,B", help="Dimensions, such as cost_pool,tower,consumer.")
    ] = "cost_pool",
    period: Periods = None,
    basis: Basis = "effective",
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="DIMENSION=VALUE", help="Only these; may be given often."),
    ] = None,
    currency: Annotated[
        str,
        typer.Option(metavar="VIEW", help="transaction, functional, reporting, or a code as EUR."),
    ] = "transaction",
    rate: Annotated[str, typer.Option(help="Rates to convert by: average, closing, plan.")] = (
        "average"
    ),
    at: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM", help="Convert all periods at this one's rates."),
    ] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show cost by any dimensions; every currency has its own total unless it is converted."""
    filters = [_filter(text) for text in where or []]
    names = [name.strip() for name in by.split(",") if name.strip()]
    open_home()
    from bursar.report.conversion import VIEWS, CurrencyView
    from bursar.report.costs import costs as report

    shown_in = CurrencyView(currency if currency in VIEWS else currency.upper(), rate, at)
    found = report(
        scope(), by=names, periods=period, basis=basis, filters=filters, currency=shown_in
    )
    answer = found.to_json()
    if SESSION.json:
        print_json(answer)
        return
    say(f"Basis: {answer['basis']}" + (f", {shown_in.words}" if shown_in.converts else ""))
    columns = {name: name for name in answer["by"]} | {"currency": "Currency", "amount": "Amount"}
    print_table(answer["rows"], columns, right=["amount"], empty="No cost in this choice.")
    for total in answer["totals"]:
        say(f"Total {total['currency']} {total['amount']}")
    for used in (answer["conversion"] or {}).get("rates", []):
        way = ", ".join(f"{leg['quoted']} ({_days(leg)})" for leg in used["path"])
        say(f"{used['period']}: 1 {used['from']} = {used['rate']} {used['to']}, from {way}")
    for remark in answer.get("notes", []):
        note(str(remark))


def _days(leg: dict[str, str]) -> str:
    """The day of a rate, or the days that it covers and was taken from."""
    days = f"{leg['date']} to {leg['until']}" if "until" in leg else leg["date"]
    mean = leg.get("mean_of_days")
    return f"{days}, mean of {mean} days" if mean else days


def _filter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadOptions(f"--where {text!r} is not DIMENSION=VALUE.")
    return name.strip(), value.strip()


def trace(
    period: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Posting period of the statement.")
    ] = None,
    consumer: Annotated[str | None, typer.Option(help="Whose statement.")] = None,
    solution: Annotated[str | None, typer.Option(help="Only this solution's part.")] = None,
    tower: Annotated[str | None, typer.Option(help="Only this tower's part.")] = None,
    cost_pool: Annotated[str | None, typer.Option(help="Only this pool's part.")] = None,
    currency: Annotated[str | None, typer.Option(help="Only this currency.")] = None,
    legal_entity: Annotated[str | None, typer.Option(help="Only this legal entity.")] = None,
    line: Annotated[
        str | None, typer.Option(metavar="ID", help="A cost line: who pays it.")
    ] = None,
    basis: Basis = "effective",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show where a charge comes from, or who pays a cost line."""
    if line is not None and (period or consumer):
        raise BadOptions("Give either --line ID, or --period P with --consumer NAME.")
    if line is None and not (period and consumer):
        raise BadOptions("Give --period P and --consumer NAME, or --line ID.")
    open_home()
    from bursar.report.trace import trace_line, trace_statement

    if line is not None:
        answer = trace_line(scope(), line_id=line, basis=basis).to_json()
    else:
        answer = trace_statement(
            scope(),
            period=period or "",
            consumer=consumer or "",
            solution=solution,
            tower=tower,
            cost_pool=cost_pool,
            currency=currency,
            legal_entity=legal_entity,
            basis=basis,
        ).to_json()
    if SESSION.json:
        print_json(answer)
        return
    _tell(answer)


def _tell(answer: dict[str, Any]) -> None:
    say(f"{answer['amount']} {answer['currency']} (basis: {answer.get('basis', '')})")
    rows = [{**row, "dimension": _words(row.get("dimension"))} for row in answer.get("sources", [])]
    columns = {
        "amount": "Amount",
        "source": "Source",
        "batch_id": "Batch",
        "dimension": "Dimension",
    }
    say("\nCame from")
    print_table(rows, columns, right=["amount"])
    if answer.get("payers"):
        say("\nPaid by")
        columns = {
            "amount": "Amount",
            "consumer": "Consumer",
            "solution": "Solution",
            "tower": "Tower",
            "cost_pool": "Cost pool",
            "reason": "Reason",
        }
        print_table(answer["payers"], columns, right=["amount"])
    say("\nWay")
    columns = {
        "name": "Step",
        "rule": "Rule",
        "driver": "Driver",
        "source": "From",
        "target": "To",
        "amount": "Amount",
    }
    print_table(answer.get("path", []), columns, right=["amount"])


def _words(dimension: object) -> str:
    """What a person knows a cost by; the whole dimension is in the JSON."""
    if not isinstance(dimension, dict):
        return str(dimension or "")
    shown = [
        str(value)
        for name, value in dimension.items()
        if value and (name in _TOLD or name.startswith("tag."))
    ]
    return ", ".join(dict.fromkeys(shown))
