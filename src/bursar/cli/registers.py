"""`bursar register …`: assets, contracts and positions kept, changed, read from tables, due."""

from __future__ import annotations

import json as json_module
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bursar.cli.errors import BadOptions, UnreadableFile
from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, user

if TYPE_CHECKING:
    from bursar.record.registers.writing import Entry, Written

app = typer.Typer(
    help="Assets, contracts, positions: keep, change, import, export, see what is due.",
    no_args_is_help=True,
)
Register = Annotated[
    str,
    typer.Argument(
        metavar="REGISTER",
        help="assets, asset_classes, contracts, positions, rate_cards, standard_rates, "
        "time_entries or software_projects.",
    ),
]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The record's number or tag.")]
Numbers = Annotated[list[str], typer.Argument(metavar="NUMBER…", help="Numbers of records.")]
Pairs = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="A field; may be given often."),
]
Why = Annotated[str, typer.Option("--reason", help="Why; the history shows it.")]


@app.command("enter")
def enter(
    register: Register,
    number: Annotated[str, typer.Option(help="Number; the next one without.")] = "",
    pairs: Pairs = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="Records as JSON, a list of objects; - reads standard input."),
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Change known numbers too.")] = False,
    reason: Why = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Keep new records; all of them, or none where one is not sound."""
    open_home()
    from bursar.record.actions.keep_records import keep_records

    entries = _from_file(file) if file is not None else [_entry(number, pairs)]
    done = keep_records(
        acting_user=None, register=register, entries=entries, update=update, reason=reason
    )
    _say_written(done)


@app.command("change")
def change(
    register: Register,
    number: Number,
    pairs: Pairs = None,
    reason: Why = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Write a record's next version; `--set field=` empties a field."""
    open_home()
    from bursar.record.actions.keep_records import keep_records
    from bursar.record.registers.known import register_named
    from bursar.record.registers.queries import one_record

    one_record(None, register_named(register), number)
    done = keep_records(
        acting_user=None, register=register, entries=[_entry(number, pairs)], update=True,
        reason=reason,
    )  # fmt: skip
    _say_written(done)


@app.command("add")
def add(
    register: Register,
    numbers: Numbers,
    field: Annotated[str, typer.Option(help="The list that gets an entry.")] = "changes",
    pairs: Pairs = None,
    reason: Why = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Add one entry, such as a change or a price step, to a list of each record."""
    open_home()
    from bursar.record.actions.add_change import add_change

    done = add_change(
        acting_user=None, register=register, numbers=numbers, field=field, change=given(pairs),
        reason=reason,
    )  # fmt: skip
    _say_written(done)


@app.command("retire")
def retire(
    numbers: Numbers,
    day: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="When they went.")],
    proceeds: Annotated[str, typer.Option(help="What all of them brought.")] = "0",
    percent: Annotated[str, typer.Option(help="Part of each that goes; all without.")] = "",
    reason: Why = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Retire assets: gain or loss is told by the ledger from the month of the date."""
    open_home()
    from bursar.core.money.amount import parse_amount
    from bursar.record.actions.retire_assets import retire_assets

    done = retire_assets(
        acting_user=None, numbers=numbers, day=_day(day), proceeds=parse_amount(proceeds),
        percent=parse_amount(percent) if percent else None, reason=reason,
    )  # fmt: skip
    _say_written(done)


@app.command("attach")
def attach(
    register: Register,
    number: Number,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files to keep with it.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Keep files with a record: the contract, the invoice, the delivery note."""
    open_home()
    from bursar.record.actions.attach_record_file import attach_record_file

    kept = []
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as failure:
            raise UnreadableFile(f"{file} cannot be read: {failure.strerror}.") from failure
        made = attach_record_file(
            acting_user=None, register=register, number=number, name=file.name, content=content
        )
        kept.append({"name": made.name, "sha256": made.sha256})
    if SESSION.json:
        print_json({"files": kept})
    say(f"{len(kept)} files are kept with {number}.")


@app.command("withdraw")
def withdraw(
    register: Register,
    numbers: Numbers,
    reason: Why = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Take records back that were entered by mistake."""
    open_home()
    from bursar.record.actions.withdraw_records import withdraw_records

    withdraw_records(acting_user=None, register=register, numbers=numbers, reason=reason)
    if SESSION.json:
        print_json({"withdrawn": numbers})
    say(f"{len(numbers)} withdrawn.")


@app.command("list")
def list_records(
    register: Register,
    search: Annotated[str, typer.Option(help="Part of the number or of any field.")] = "",
    where: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=VALUE", help="Of this value only.")
    ] = None,
    order: Annotated[str, typer.Option(help="A field, with - in front for descending.")] = "number",
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="Those taken back.")] = False,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show the records of a register."""
    open_home()
    from bursar.record.registers.known import register_named
    from bursar.record.registers.queries import Asked, records
    from bursar.record.registers.told import row_json

    whole_scope()
    kind, who = register_named(register), user()
    asked = Asked(search, given(where), order, withdrawn)
    rows = [row_json(who, kind, record) for record in records(who, kind, asked)]
    if SESSION.json:
        print_json({"count": len(rows), "records": rows})
        return
    listed = [field for field in kind.fields if field.listed and not field.secret]
    columns = {"number": "Number", **{field.name: field.title for field in listed}}
    told = [{"number": row["number"], **row["content"]} for row in rows]
    empty = f"{kind.title}: nothing is kept. `bursar register import {kind.source} FILE`."
    print_table(told, columns, empty=empty)


@app.command("show")
def show(
    register: Register,
    number: Number,
    day: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="As of.")] = "",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show one record: its fields, its months, what is due, its history."""
    open_home()
    from bursar.record.registers.known import register_named
    from bursar.record.registers.queries import one_record
    from bursar.record.registers.told import record_json

    whole_scope()
    kind, who = register_named(register), user()
    told = record_json(who, kind, one_record(who, kind, number), _day(day))
    if SESSION.json:
        print_json(told)
        return
    say(f"{told['number']}  {told['title']}  (version {told['version']})")
    for field in kind.fields:
        value = told["content"].get(field.name)
        if value is not None:
            say(f"  {field.title}: {value if isinstance(value, str) else _one_line(value)}")
    months = told["schedule"]
    if months is not None:
        for title, value in months["facts"].items():
            say(f"  {title}: {value}")
        if months["rows"]:
            names = list(months["columns"])
            print_table(months["rows"], months["columns"], right=names[1:])
    for due in told["due"]:
        say(f"{due['date']}  {due['told']}")
    for version in told["history"]:
        say(f"version {version['version']}: {version['made_by']}, {version['reason'] or '-'}")


@app.command("fields")
def fields(register: Register, json: Json = False, home: Home = None) -> None:
    """Show what a register's records are made of."""
    open_home()
    from bursar.record.registers.known import register_named
    from bursar.record.registers.told import fields_json

    rows = fields_json(register_named(register).fields)
    if SESSION.json:
        print_json({"fields": rows})
        return
    columns = {"name": "Field", "holds": "Holds", "title": "Title", "meaning": "Meaning"}
    print_table(rows, columns)


@app.command("due")
def due_command(
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD")] = "",
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD")] = "",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show what is due: renewals, notices, ends of warranty; within 90 days without --to."""
    open_home()
    from datetime import timedelta

    from bursar.record.registers.queries import due
    from bursar.record.registers.told import due_json

    whole_scope()
    begin = _day(first)
    rows = due_json(due(user(), begin, _day(last) if last else begin + timedelta(days=90)))
    if SESSION.json:
        print_json({"due": rows})
        return
    columns = {"date": "Day", "register": "Register", "number": "Number", "title": "Title",
               "told": "What"}  # fmt: skip
    print_table(rows, columns, empty="Nothing is due.")


@app.command("spread")
def spread(
    through: Annotated[str, typer.Option(metavar="YYYY-MM", help="Through this month.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Derive depreciation, amortization and labour through a month."""
    open_home()
    from bursar.record.actions.spread_registers import spread_registers

    span = spread_registers(acting_user=None, through=through)
    if SESSION.json:
        print_json({"first": span.first, "last": span.last})
    say(f"Cost of all registers is derived from {span.first} to {span.last}.")


@app.command("rates")
def rates(
    day: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="In force from.")] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Work out standard rates of labour from salaries, where no salary follows from them."""
    open_home()
    from bursar.record.actions.set_standard_rates import set_standard_rates

    done = set_standard_rates(acting_user=None, day=_day(day))
    if SESSION.json:
        print_json({"new": done.new, "kept": done.kept, "unpriced": done.unpriced})
    say(f"{len(done.new)} rates are new, {len(done.kept)} stay.")
    if done.unpriced:
        note(f"No group of five hides {', '.join(done.unpriced)}: give them a rate card.")


@app.command("labour")
def labour(
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM")],
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM")],
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show what is paid beside what standard rates charge; only for who may see salaries."""
    open_home()
    from bursar.report.labour import labour_variance, variance_json

    whole_scope()
    rows = [variance_json(row) for row in labour_variance(user(), first, last)]
    if SESSION.json:
        print_json({"months": rows})
        return
    columns = {
        "month": "Month", "currency": "Currency", "standard": "At standard", "actual": "Paid",
        "variance": "Variance", "unpriced": "Without a rate",
    }  # fmt: skip
    print_table(rows, columns, right=list(columns)[2:], empty="Nobody is paid in these months.")


@app.command("roll-forward")
def roll_forward_command(
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM")],
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM")],
    book: Annotated[str, typer.Option(help="Of this book.")] = "main",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show how cost and depreciation of assets came from opening to closing."""
    open_home()
    from bursar.cli.session import scope
    from bursar.report.roll_forward import roll_forward, roll_forward_json

    told = roll_forward_json(roll_forward(scope(), first, last, book=book))
    if SESSION.json:
        print_json(told)
        return
    names = [name for name in told["columns"] if name not in ("currency", "asset_class")]
    print_table(told["rows"], told["columns"], right=names, empty="No asset has a cost.")
    for currency, amount in told["difference"].items():
        say(f"Ledger less roll-forward, {currency}: {amount}")


def whole_scope() -> None:
    """Registers are of the whole company: refuses whoever may see a part of it."""
    from bursar.cli.session import scope
    from bursar.report.balance import require_everything

    require_everything(scope(), "A register")


def _entry(number: str, pairs: list[str] | None) -> Entry:
    from bursar.record.registers.writing import Entry

    return Entry(number, given(pairs))


def given(pairs: list[str] | None) -> dict[str, Any]:
    """FIELD=VALUE; a value that is a JSON list is one."""
    found: dict[str, Any] = {}
    for text in pairs or ():
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise BadOptions(f"'{text}' is no FIELD=VALUE.")
        found[name.strip()] = value
    return found


def _from_file(file: Path) -> list[Entry]:
    from bursar.record.registers.writing import Entry

    try:
        text = (
            typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text("utf-8")
        )
        rows = json_module.loads(text)
    except (OSError, ValueError) as failure:
        raise UnreadableFile(f"{file} is no file of JSON: {failure}.") from failure
    rows = rows if isinstance(rows, list) else [rows]
    if not all(isinstance(row, dict) for row in rows):
        raise UnreadableFile(f"{file} holds something else than objects.")
    return [
        Entry(str(row.get("number", "")), {k: v for k, v in row.items() if k != "number"}, place)
        for place, row in enumerate(rows, start=1)
    ]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else _today()
    except ValueError as failure:
        raise BadOptions(f"'{text}' is no day; write it as 2026-11-30.") from failure


def _today() -> date:
    from django.utils import timezone

    return timezone.localdate()


def _say_written(done: Written) -> None:
    if SESSION.json:
        from bursar.record.registers.told import written_json

        print_json(written_json(done))
    numbers = ", ".join((done.entered + done.changed)[:5])
    say(
        f"{len(done.entered)} entered, {len(done.changed)} changed, {len(done.unchanged)} "
        f"unchanged{': ' if numbers else '.'}{numbers}"
    )


def _one_line(value: Any) -> str:
    return json_module.dumps(value, ensure_ascii=False)
