"""`bursar issued …`: statements given to consumers: issue, answer, decide, credit, settle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home, scope, user

if TYPE_CHECKING:
    from decimal import Decimal

app = typer.Typer(
    help="Issued statements: issue, list, show, accept, dispute, decide, credit, settle, einvoice.",
    no_args_is_help=True,
)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Such as ST-main-2026-00001.")]
Reason = Annotated[str, typer.Option(help="What is said with it; kept in its history.")]
Amount = Annotated[str, typer.Option(help="In main units; without it, all.")]
Line = Annotated[int | None, typer.Option(help="Only this line, numbered from 1.")]


@app.command("issue")
def issue(
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="Period of the run in force.")],
    consumer: Annotated[list[str] | None, typer.Option(help="Only these; repeatable.")] = None,
    basis: Annotated[str, typer.Option(help="Basis of the run.")] = "effective",
    answer_days: Annotated[int, typer.Option(min=0, help="Days in which it can be disputed.")] = 14,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Give consumers their statements of a period as numbered documents."""
    open_home()
    from bursar.allocate.actions.issue_statements import issue_statements

    made = issue_statements(
        period=period, acting_user=user(), basis=basis, consumers=consumer,
        answer_days=answer_days,
    )  # fmt: skip
    if SESSION.json:
        print_json({"numbers": [row.number for row in made]})
    for row in made:
        say(f"{row.number}  {row.amount} {row.currency}  {row.consumer} ({row.mode})")


@app.command("list")
def list_documents(
    period: Annotated[str | None, typer.Option(metavar="YYYY-MM")] = None,
    standing: Annotated[
        str | None, typer.Option(help="issued, disputed, accepted, settled or credited.")
    ] = None,
    consumer: Annotated[str | None, typer.Option(help="Of one consumer.")] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show issued statements and credit notes, newest first."""
    open_home()
    from bursar.report.issued_documents import issued_documents

    found = issued_documents(scope(), period=period, standing=standing, consumer=consumer)
    rows = [view.to_json() for view in found]
    if SESSION.json:
        print_json({"documents": rows})
        return
    columns = {"number": "Number", "consumer": "Consumer", "period": "Period", "amount": "Amount",
               "currency": "", "still_charged": "Still charged", "standing": "Standing",
               "answer_by": "Answer by"}  # fmt: skip
    print_table(rows, columns, right=["amount", "still_charged"], empty="Nothing was issued yet.")


@app.command("show")
def show(
    number: Number,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it: .pdf, .csv or .json.")
    ] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show one document with its lines and history, or write it to a file."""
    open_home()
    from bursar.report.issued_documents import document_json, issued_document

    view = issued_document(scope(), number)
    if out is not None:
        from bursar.cli.files import write_out
        from bursar.report.documents.issued import issued_file

        write_out(issued_file(view, out.suffix.removeprefix(".").lower()), out)
        return
    told = document_json(view)
    if SESSION.json:
        print_json(told)
        return
    say(f"{number}  {told['amount']} {told['currency']}  {told['consumer']}  {told['standing']}")
    columns = {"line": "Line", "solution": "Solution", "tower": "Tower", "cost_pool": "Cost pool",
               "amount": "Amount", "left": "Still charged"}  # fmt: skip
    print_table(told["lines"], columns, right=["line", "amount", "left"])
    for event in told["events"]:
        say(f"{event['at'][:16]}  {event['by']} {event['said']}  {event['text']}".rstrip())


@app.command("proof")
def proof(
    number: Number,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it.")],
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Write what proves a document, for whoever was given it: `bursar check-statement FILE`."""
    open_home()
    from bursar.cli.files import write_out
    from bursar.report.documents.issued import issued_file
    from bursar.report.issued_documents import issued_document

    write_out(issued_file(issued_document(scope(), number), "proof"), out)


@app.command("einvoice")
def einvoice(
    number: Number,
    output: Annotated[Path, typer.Option("--output", "--out", metavar="FILE")],
    format_: Annotated[str, typer.Option("--format", help="ubl, cii or factur-x.")] = "factur-x",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Write the invoice of a chargeback between two legal entities; made once, then the same."""
    open_home()
    from bursar.allocate.actions.make_einvoice import make_einvoice
    from bursar.cli.files import write_out
    from bursar.report.documents.einvoice import einvoice_file, require_format
    from bursar.report.issued_documents import issued_document

    require_format(format_)
    made = make_einvoice(number=number, acting_user=user())
    write_out(einvoice_file(issued_document(scope(), number), format_), output)
    if SESSION.json:
        print_json({"number": number, "sha256": made.sha256, "content": made.content})


def check_statement(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A proof of a statement.")],
    json: Json = False,
) -> None:
    """Check an issued statement from its proof file, without any data folder."""
    from json import JSONDecodeError, loads

    from bursar.allocate.proof_check import NotAProof, check_proof

    try:
        content = loads(file.read_text(encoding="utf-8"))
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise NotAProof(f"{file} is no JSON: {error}") from error
    found = check_proof(content)
    if SESSION.json:
        print_json({"ok": all(f.ok for f in found), "checks": [f.to_json() for f in found]})
    for finding in found:
        say(f"{'ok    ' if finding.ok else 'WRONG '} {finding.name}: {finding.detail}")
    if not all(finding.ok for finding in found):
        raise typer.Exit(1)


def register(program: typer.Typer) -> None:
    """`check-statement` stands by itself: whoever checks has no installation."""
    program.command("check-statement")(check_statement)


@app.command("accept")
def accept(
    number: Number, text: Reason = "", as_user: AsUser = "", json: Json = False, home: Home = None
) -> None:
    """Agree to a statement."""
    open_home()
    from bursar.allocate.actions.accept_statement import accept_statement

    accept_statement(number=number, acting_user=user(), text=text)
    _told(number)


@app.command("dispute")
def dispute(
    number: Number,
    text: Reason,
    line: Annotated[list[int] | None, typer.Option(help="Only these lines; repeatable.")] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Disagree with a statement, or with lines of it."""
    open_home()
    from bursar.allocate.actions.dispute_statement import dispute_statement

    dispute_statement(number=number, acting_user=user(), text=text, lines=line or ())
    _told(number)


@app.command("answer")
def answer(
    number: Number, text: Reason, as_user: AsUser = "", json: Json = False, home: Home = None
) -> None:
    """Write in the thread of a dispute."""
    open_home()
    from bursar.allocate.actions.answer_dispute import answer_dispute

    answer_dispute(number=number, acting_user=user(), text=text)
    _told(number)


@app.command("decide")
def decide(
    number: Number,
    text: Reason,
    amount: Amount = "",
    line: Line = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Decide a dispute: without an amount the statement stands, with one it is credited."""
    open_home()
    from bursar.allocate.actions.resolve_dispute import resolve_dispute

    resolve_dispute(number=number, acting_user=user(), text=text, amount=_amount(amount), line=line)
    _told(number)


@app.command("credit")
def credit(
    number: Number,
    text: Reason,
    amount: Amount = "",
    line: Line = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Take a statement back by a credit note: all of it, a line, or an amount."""
    open_home()
    from bursar.allocate.actions.credit_statement import credit_statement

    made = credit_statement(
        number=number, acting_user=user(), text=text, amount=_amount(amount), line=line
    )
    _told(made.number)


@app.command("settle")
def settle(
    number: Number, text: Reason = "", as_user: AsUser = "", json: Json = False, home: Home = None
) -> None:
    """Mark an accepted chargeback as paid."""
    open_home()
    from bursar.allocate.actions.settle_statement import settle_statement

    settle_statement(number=number, acting_user=user(), text=text)
    _told(number)


def _amount(text: str) -> Decimal | None:
    from bursar.core.money.amount import parse_amount

    return parse_amount(text) if text else None


def _told(number: str) -> None:
    from bursar.report.issued_documents import issued_document

    told = issued_document(scope(), number).to_json()
    if SESSION.json:
        print_json(told)
    say(f"{number} is {told['standing']}: {told['still_charged']} {told['currency']}.")
