"""`bursar document …`: cost entered by hand, and taken back."""

from __future__ import annotations

import json as json_module
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bursar.cli.errors import BadOptions, UnreadableFile
from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require

if TYPE_CHECKING:
    from bursar.record.documents.draft import Draft

app = typer.Typer(help="Cost entered by hand: enter, list, show, reverse.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number, such as C2026-0001.")]


@app.command("enter")
def enter(
    file: Annotated[
        Path | None, typer.Option("--file", help="The document as JSON; - reads standard input.")
    ] = None,
    kind: Annotated[
        str, typer.Option(help="cost, accrual, reclassification or correction.")
    ] = "cost",
    day: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="Its date.")] = "",
    period: Annotated[
        str, typer.Option(help="Posting period, where the date's is not meant.")
    ] = "",
    entity: Annotated[str, typer.Option(help="Legal entity; the first one without.")] = "",
    currency: Annotated[str, typer.Option(help="Currency of all its lines.")] = "",
    description: Annotated[str, typer.Option(help="What the cost is for.")] = "",
    vendor: Annotated[str, typer.Option(help="Who is paid.")] = "",
    ref: Annotated[str, typer.Option(help="Number of the invoice or voucher behind it.")] = "",
    corrects: Annotated[str, typer.Option(help="Line or batch that a correction mends.")] = "",
    line: Annotated[
        list[str] | None,
        typer.Option(
            metavar="AMOUNT[,FIELD=VALUE…]",
            help="One line, such as 120.50,gl_account=6200,cost_center=C1; may be given often.",
        ),
    ] = None,
    lines: Annotated[
        Path | None, typer.Option(help="Lines as CSV with a first row of field names.")
    ] = None,
    attach: Annotated[
        list[Path] | None, typer.Option(help="A file to attach; may be given often.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="The same key again enters nothing new.")] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Enter cost that counts at once; an accrual takes itself back in the next period."""
    open_home()
    from bursar.record.actions.attach_file import attach_file
    from bursar.record.actions.enter_document import enter_document
    from bursar.record.documents.queries import document_json

    if file is not None:
        given = _read(file)
    else:
        head = {
            "kind": kind, "date": day or today(), "period": period,
            "legal_entity": entity, "currency": currency, "description": description,
            "vendor": vendor, "document_ref": ref, "corrects": corrects,
        }  # fmt: skip
        given = {**head, "lines": [_line(text) for text in line or ()]}
    draft = _drafted(given, lines)
    proofs = [(path.name, _bytes(path)) for path in attach or ()]
    made = enter_document(acting_user=None, draft=draft, request_key=key)
    for name, content in proofs:
        attach_file(acting_user=None, number=made.number, name=name, content=content)
    told = document_json(made)
    if SESSION.json:
        print_json(told)
        return
    sums = ", ".join(f"{basis} {amount}" for basis, amount in told["totals"].items())
    say(f"{told['number']}: {told['currency']} {sums}, posted to {told['posting_period']}.")
    for back in told["taken_back_by"]:
        say(f"{back} takes it back on the first day of the next period.")


@app.command("list")
def list_documents(
    kind: Annotated[str, typer.Option(help="Of this kind only.")] = "",
    period: Annotated[str, typer.Option(help="Of this posting period only.")] = "",
    state: Annotated[str, typer.Option(help="entered or reversed.")] = "",
    text: Annotated[str, typer.Option(help="Part of number, text, vendor or reference.")] = "",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show the documents, newest first."""
    open_home()
    require("read.data")
    from bursar.record.documents.queries import documents, listed_json

    rows = listed_json(documents(kind=kind, period=period, state=state, text=text))
    if SESSION.json:
        print_json({"documents": rows})
        return
    told = [
        {**row, "sums": ", ".join(f"{b} {a}" for b, a in row["totals"].items())} for row in rows
    ]
    columns = {
        "number": "Number", "date": "Date", "posting_period": "Period", "kind": "Kind",
        "state": "State", "description": "Description", "currency": "Currency", "sums": "Amount",
    }  # fmt: skip
    print_table(told, columns, empty="No document was entered: `bursar document enter`.")


@app.command("show")
def show(number: Number, as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Show one document with its lines."""
    open_home()
    require("read.data")
    from bursar.record.documents.queries import document_json, document_row

    told = document_json(document_row(number))
    if SESSION.json:
        print_json(told)
        return
    say(f"{told['number']}  {told['kind']}, {told['state']}  {told['date']}  {told['description']}")
    say(f"posted to {told['posting_period']} of {told['legal_entity']} by {told['entered_by']}")
    columns = {
        "line_id": "Line", "amount": "Amount", "basis": "Basis", "gl_account": "Account",
        "cost_center": "Cost center", "vendor": "Vendor", "description": "Description",
    }  # fmt: skip
    print_table(told["lines"], columns, right=["amount"])


@app.command("reverse")
def reverse(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; it stands in the journal.")],
    day: Annotated[
        str, typer.Option("--date", metavar="YYYY-MM-DD", help="Its own date without.")
    ] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Take a document back by one with the same lines negated."""
    open_home()
    from bursar.record.actions.reverse_document import reverse_document
    from bursar.record.documents.queries import document_json

    made = reverse_document(
        acting_user=None, number=number, reason=reason, day=_day(day) if day else None
    )
    if SESSION.json:
        print_json(document_json(made))
        return
    say(f"{made.number} takes {number} back, posted to {made.posting_period}.")


def today() -> str:
    """The day in the installation's time zone."""
    from django.utils import timezone

    return timezone.localdate().isoformat()


def _drafted(given: Any, lines: Path | None) -> Draft:
    from dataclasses import replace

    from bursar.record.documents.draft import read_draft
    from bursar.record.documents.pasted import read_lines

    if lines is None:
        return read_draft(given)
    table = read_lines(_bytes(lines).decode("utf-8-sig", errors="replace"))
    rows = [*given["lines"], {"amount": "0"}]  # stands for the table, whose lines follow
    named = read_draft({**given, "lines": rows})
    return replace(named, lines=(*named.lines[:-1], *table))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise BadOptions(f"--date is '{text}'; write it as 2026-01-31.") from problem


def _line(text: str) -> dict[str, str]:
    """`120.50,gl_account=6200`: the amount, then fields by name."""
    amount, *pairs = [part.strip() for part in text.split(",")]
    fields = [pair.partition("=") for pair in pairs]
    if any(not equals for _, equals, _ in fields):
        raise BadOptions(f"--line '{text}': after the amount write FIELD=VALUE, parted by commas.")
    return {"amount": amount, **{name.strip(): value.strip() for name, _, value in fields}}


def _read(file: Path) -> Any:
    text = typer.get_text_stream("stdin").read() if str(file) == "-" else _bytes(file)
    try:
        return json_module.loads(text)
    except ValueError as problem:
        raise UnreadableFile(f"{file} is no JSON: {problem}.") from problem


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise UnreadableFile(f"{file} cannot be read: {problem.strerror}.") from problem
