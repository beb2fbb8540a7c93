"""Tables of `bursar register …`: read into a register, looked at, undone, and written out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bursar.cli.errors import BadOptions
from bursar.cli.files import write_out
from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.registers import Pairs, Register, Why, given, whole_scope
from bursar.cli.registers import app as registers
from bursar.cli.session import SESSION, open_home, user

__all__ = ["registers"]


@registers.command("import")
def import_table(
    register: Register,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="CSV, XLSX, XLS, ODS.")],
    update: Annotated[bool, typer.Option("--update", help="Change known numbers.")] = False,
    pairs: Pairs = None,
    dates: Annotated[str, typer.Option(help="day-first or month-first.")] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="HEADER=FIELD", help="What a column means; may be given often."),
    ] = None,
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook.")] = "",
    reason: Why = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 where rows are rejected.")
    ] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Read tables into a register; rows that are not sound are kept with their reasons."""
    open_home()
    from bursar.record.actions.import_register import TableChoices, import_register
    from bursar.record.registers.tables import ORDERS
    from bursar.record.registers.told import import_json

    if dates and dates not in ORDERS:
        raise BadOptions(f"--dates is {' or '.join(ORDERS)}.")
    choices = TableChoices(
        update=update, constants=given(pairs), dates=dates or None, columns=given(column),
        sheet=sheet or None, reason=reason,
    )  # fmt: skip
    made = import_register(acting_user=None, register=register, paths=files, choices=choices)
    if SESSION.json:
        print_json({"imports": [import_json(one) | {"rows": one.rejected} for one in made]})
    for one in made:
        say(
            f"{one.file}: {one.entered} entered, {one.changed} changed, {one.unchanged} unchanged, "
            f"{len(one.rejected)} rejected of {one.rows_read} rows. Import {one.token}."
        )
        _note_rejected(one.rejected)
    if strict and any(one.rejected for one in made):
        raise typer.Exit(1)


@registers.command("imports")
def imports(register: Register, json: Json = False, home: Home = None) -> None:
    """Show the tables that were read into a register."""
    open_home()
    from bursar.record.registers.known import register_named
    from bursar.record.registers.queries import register_imports
    from bursar.record.registers.told import import_json

    rows = [import_json(one) for one in register_imports(None, register_named(register))]
    if SESSION.json:
        print_json({"imports": rows})
        return
    columns = {
        "token": "Import", "imported_at": "When", "file": "File", "entered": "Entered",
        "changed": "Changed", "rejected": "Rejected", "undone_at": "Undone",
    }  # fmt: skip
    print_table(rows, columns, empty="No table was read into this register.")


@registers.command("rejected")
def rejected(
    token: Annotated[str, typer.Argument(metavar="IMPORT")], json: Json = False, home: Home = None
) -> None:
    """Show the rows of a table that were refused, and why."""
    open_home()
    from bursar.record.registers.queries import rejected_of

    rows = rejected_of(None, token)
    if SESSION.json:
        print_json({"rejected": rows})
        return
    told = [
        {"row": row["row"], "number": row["number"], **problem}
        for row in rows
        for problem in row["problems"]
    ]
    columns = {"row": "Row", "number": "Number", "code": "Code", "message": "Why"}
    print_table(told, columns, right=["row"], empty="No row was refused.")


@registers.command("undo")
def undo(
    token: Annotated[str, typer.Argument(metavar="IMPORT")],
    reason: Why = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Take the reading of a table back as one act."""
    open_home()
    from bursar.record.actions.undo_register_import import undo_register_import

    undo_register_import(acting_user=None, token=token, reason=reason)
    if SESSION.json:
        print_json({"undone": token})
    say(f"Import {token} is undone.")


@registers.command("export")
def export(
    register: Register,
    out: Annotated[Path | None, typer.Option("--out", help="File; .xlsx makes a workbook.")] = None,
    as_user: AsUser = "",
    home: Home = None,
) -> None:
    """Write a register as a table that reads back as the same records."""
    open_home()
    from bursar.record.registers.known import register_named
    from bursar.record.registers.queries import Asked, records
    from bursar.report.register_table import register_csv, register_xlsx

    kind, who = register_named(register), user()
    whole_scope()
    rows = list(records(who, kind, Asked()))
    book = out is not None and out.suffix.lower() == ".xlsx"
    write_out((register_xlsx if book else register_csv)(who, kind, rows), out)


def _note_rejected(rows: list[dict[str, Any]]) -> None:
    for row in rows[:20]:
        for problem in row["problems"]:
            note(f"row {row['row']}: {problem['code']}: {problem['message']}")
    if len(rows) > 20:
        note(f"And {len(rows) - 20} more rows: `bursar register rejected IMPORT`.")


@registers.command("invoices")
def invoices(
    search: Annotated[bool, typer.Option("--search", help="Search anew first.")] = False,
    confirm: Annotated[int | None, typer.Option(metavar="N", help="It is the same money.")] = None,
    reject: Annotated[int | None, typer.Option(metavar="N", help="It is not.")] = None,
    remember: Annotated[
        bool, typer.Option("--remember", help="With --confirm: later invoices too.")
    ] = False,
    state: Annotated[str, typer.Option(help="proposed, confirmed or rejected.")] = "",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show invoices that pay for records, and decide that they count once."""
    open_home()
    from bursar.record.actions.decide_invoice import decide_invoice
    from bursar.record.actions.search_invoices import search_invoices
    from bursar.record.registers.queries import record_matches
    from bursar.record.registers.told import match_json

    whole_scope()
    if confirm is not None and reject is not None:
        raise BadOptions("Give --confirm or --reject, not both.")
    if search:
        search_invoices(acting_user=user())
    chosen = confirm if confirm is not None else reject
    if chosen is not None:
        decide_invoice(
            acting_user=user(), match=chosen, confirm=confirm is not None, remember=remember
        )
    rows = [match_json(match) for match in record_matches(user(), state)]
    if SESSION.json:
        print_json({"matches": rows})
        return
    told = [{**row, "records": ", ".join(row["numbers"][:3])} for row in rows]
    columns = {
        "match": "N", "state": "State", "register": "Register", "records": "Records",
        "vendor": "Vendor", "period": "Period", "amount": "Record says", "invoiced": "Invoice says",
        "currency": "Currency", "score": "Score",
    }  # fmt: skip
    right = ["match", "amount", "invoiced", "score"]
    print_table(told, columns, right=right, empty="No invoice is the same money as a record.")
