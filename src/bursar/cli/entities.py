"""`bursar entity …`: legal entities, their currency and fiscal calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.options import Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home

if TYPE_CHECKING:
    from datetime import date

app = typer.Typer(
    help="Legal entities: list, set, vat, party, agree, consumer.", no_args_is_help=True
)

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
    from bursar.core.money.amount import exact_text, parse_amount
    from bursar.record.actions.set_vat_ratio import set_vat_ratio

    day = _day(valid_from)
    done = set_vat_ratio(acting_user=None, code=code, ratio=parse_amount(ratio), valid_from=day)
    told = {"code": code, "recoverable_vat_ratio": exact_text(done.ratio), "valid_from": valid_from}
    if SESSION.json:
        print_json(told)
    say(f"{code} recovers {exact_text(done.ratio)} of VAT from {valid_from} on.")


@app.command("party")
def set_party(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The legal entity.")],
    legal_name: Annotated[str | None, typer.Option(help="As the register has it.")] = None,
    street: Annotated[str | None, typer.Option(help="Street and number.")] = None,
    city: Annotated[str | None, typer.Option()] = None,
    postal_code: Annotated[str | None, typer.Option()] = None,
    country: Annotated[str | None, typer.Option(help="Two letters, such as DE.")] = None,
    vat_id: Annotated[str | None, typer.Option(help="Such as DE123456789.")] = None,
    registration_id: Annotated[str | None, typer.Option(help="Number in its register.")] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Set how an entity stands on an invoice; without an option, show it."""
    open_home()
    from bursar.office.reference.parties import party_json
    from bursar.record.actions.set_party import set_party as act
    from bursar.record.known_entities import known_entity

    given = {"legal_name": legal_name, "street": street, "city": city, "country": country,
             "postal_code": postal_code, "vat_id": vat_id,
             "registration_id": registration_id}  # fmt: skip
    fields = {name: value for name, value in given.items() if value is not None}
    if fields:
        act(acting_user=None, code=code, fields=fields)
    told = party_json(known_entity(code).code)
    if SESSION.json:
        print_json({"code": code, **told})
    for name, value in told.items():
        say(f"{name.replace('_', ' ')}: {value or 'not set'}")


@app.command("agree")
def set_agreement(
    seller: Annotated[str, typer.Argument(metavar="SELLER", help="Code of who charges.")],
    buyer: Annotated[str, typer.Argument(metavar="BUYER", help="Code of who is charged.")],
    category: Annotated[str, typer.Option(help="VAT: S, Z, E, AE, O, K or G.")],
    valid_from: Annotated[str, typer.Option("--from", metavar="DATE", help="First day.")],
    rate: Annotated[str, typer.Option(help="Percent; only category S has one.")] = "0",
    reason: Annotated[str, typer.Option(help="Why there is no VAT.")] = "",
    days: Annotated[int, typer.Option(help="Days to pay, from the day of issue.")] = 30,
    markup: Annotated[str, typer.Option(help="Percent on top of cost.")] = "0",
    json: Json = False,
    home: Home = None,
) -> None:
    """Set how what one entity charges another is taxed and paid, from a day on."""
    open_home()
    from bursar.core.money.amount import parse_amount
    from bursar.office.reference.parties import agreement_json
    from bursar.record.actions.set_agreement import Agreed
    from bursar.record.actions.set_agreement import set_agreement as act

    terms = Agreed(category, parse_amount(rate), reason, days, parse_amount(markup))
    made = act(acting_user=None, seller=seller, buyer=buyer, terms=terms,
               valid_from=_day(valid_from))  # fmt: skip
    if SESSION.json:
        print_json({"seller": seller, **agreement_json(made)})
    say(f"{seller} charges {buyer} VAT {category} {made.vat_rate} %, {days} days, {valid_from} on.")


@app.command("consumer")
def set_consumer(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The legal entity.")],
    consumer: Annotated[str, typer.Argument(metavar="CONSUMER", help="As the model names it.")],
    valid_from: Annotated[str, typer.Option("--from", metavar="DATE", help="First day.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Say which entity a consumer belongs to, from a day on; its invoices go there."""
    open_home()
    from bursar.record.actions.set_consumer_entity import set_consumer_entity

    set_consumer_entity(acting_user=None, consumer=consumer, code=code, valid_from=_day(valid_from))
    if SESSION.json:
        print_json({"code": code, "consumer": consumer, "valid_from": valid_from})
    say(f"{consumer} belongs to {code} from {valid_from} on.")


def _day(text: str) -> date:
    """Raises BadOptions where it is no day."""
    from datetime import date

    from bursar.cli.errors import BadOptions

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadOptions(f"'{text}' is no day; write it like 2026-01-01.") from None
