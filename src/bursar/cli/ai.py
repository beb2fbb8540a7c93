"""`bursar ai …`: what the use of AI models costs, and whose it is."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from bursar.cli.errors import BadOptions
from bursar.cli.options import AsUser, Basis, Home, Json, Periods
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, scope

app = typer.Typer(help="AI use: list, set, assign, price, report.", no_args_is_help=True)


@app.command("list")
def list_feeds(as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Show the logs of AI use, and which bill each explains."""
    open_home()
    from bursar.report.ai_use import ai_feeds

    rows = ai_feeds(scope())
    if SESSION.json:
        print_json({"logs": rows})
        return
    titles = {"name": "Log", "state": "State", "bill": "Bill", "extent": "Lines"}
    titles["problem"] = "Problem"
    print_table(rows, titles, empty="No log of AI use was imported yet: `bursar import FILE`.")


@app.command("set")
def set_(
    name: Annotated[str, typer.Argument(metavar="LOG", help="Name of its source.")],
    bill: Annotated[str | None, typer.Option(help="Source of the bill; '' for all.")] = None,
    extent: Annotated[
        str | None, typer.Option(help="ai: lines of AI services; everything on the bill.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Withdraw the split.")] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Say which bill a log explains; its cost is split to who used it at once."""
    open_home()
    from bursar.record.actions.set_ai_feed import set_ai_feed

    done = set_ai_feed(acting_user=None, name=name, active=not off, bill=bill, extent=extent)
    told = {"name": done.name, "state": str(done.state), "version": done.version}
    if SESSION.json:
        print_json(told | {"problem": done.problem})
    say(f"{done.name}: {done.get_state_display().lower()}.")
    if done.problem:
        note(f"  {done.problem}")


@app.command("assign")
def assign(
    consumer: Annotated[str, typer.Argument(help="Consumer that pays; '' takes it back.")],
    principal: Annotated[
        str | None, typer.Option(help="User or key, as its log names it, or its pseudonym.")
    ] = None,
    team: Annotated[str | None, typer.Option(help="Team, project or workspace.")] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Give the use of a principal or of a team to a consumer."""
    if (principal is None) == (team is None):
        raise BadOptions("Name either --principal or --team.")
    open_home()
    from bursar.record.actions.assign_ai_use import assign_ai_use

    kind, value = ("principal", principal) if principal is not None else ("team", team)
    row = assign_ai_use(acting_user=None, kind=kind, value=value or "", consumer=consumer)
    if SESSION.json:
        print_json({"kind": kind, "value": row.value if row else value, "consumer": consumer})
    say(f"{kind.capitalize()} {row.value if row else value}: {consumer or 'no consumer'}.")


@app.command("price")
def price(
    model: Annotated[str, typer.Argument(help="Model, or a pattern such as gpt-5*.")],
    prices: Annotated[
        list[str],
        typer.Argument(metavar="CLASS=PRICE", help="input, cached, cache_write, output, reasoning"),
    ],
    json: Json = False,
    home: Home = None,
) -> None:
    """State list prices per million tokens: they weigh token classes and are never charged."""
    open_home()
    from bursar.record.actions.set_ai_prices import set_ai_prices

    made = set_ai_prices(acting_user=None, model=model, prices=dict(map(_price, prices)))
    if SESSION.json:
        print_json({"model": model, "prices": {p.token_class: str(p.per_million) for p in made}})
    say(f"{model}: {len(made)} prices.")


@app.command("report")
def report(
    by: Annotated[str, typer.Option(help="model, consumer, principal, team or token_class.")] = (
        "model"
    ),
    period: Periods = None,
    basis: Basis = "effective",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show what AI use costs, per million tokens and per 1,000 requests."""
    open_home()
    from bursar.report.ai_use import ai_use

    found = ai_use(scope(), by=by, periods=period, basis=basis).to_json()
    if SESSION.json:
        print_json(found)
        return
    titles = {"period": "Period", "part": "Part", by: by.replace("_", " ").capitalize()}
    titles |= {"name": "Name"} if by == "principal" else {}
    titles |= {"currency": "", "amount": "Amount", "tokens": "Tokens", "requests": "Requests"}
    titles |= {"per_million_tokens": "Per 1 M tokens", "per_1000_requests": "Per 1,000 requests"}
    numbers = [name for name in titles if name not in ("period", "part", by, "name", "currency")]
    print_table(
        found["rows"], titles, right=numbers,
        empty="Nothing is split: `bursar ai list` shows which logs wait for it.",
    )  # fmt: skip
    _tell(found)


def _tell(found: dict[str, Any]) -> None:
    for total in found["totals"]:
        say(f"{found['basis']} cost: {total['currency']} {total['amount']}, all of it told above.")
    if found["unpriced"]:
        note(f"  {len(found['unpriced'])} of what was used has no cost on a bill; --json lists it.")


def _price(text: str) -> tuple[str, Decimal]:
    name, sign, number = text.partition("=")
    try:
        if sign:
            return name, Decimal(number)
    except InvalidOperation:
        pass
    raise BadOptions(f"'{text}' is no price; write CLASS=PRICE, such as input=1.25.")
