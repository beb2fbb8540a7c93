"""`bursar look`: what a file is, how it would be read, and what it does not say by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.options import Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION

if TYPE_CHECKING:
    from bursar.connect.looking import Look, Question
    from bursar.connect.profile import Profile

_WIDE = 24
_SHOWN = 10


def register(app: typer.Typer) -> None:
    app.command("look")(look_)


def look_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Any table: text, workbook, page.")],
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook.")] = None,
    currency: Annotated[
        str | None, typer.Option(help="Currency where the file names none; ISO 4217.")
    ] = None,
    sayings: Annotated[
        list[str] | None,
        typer.Option("--say", metavar="KEY=VALUE", help="What the file does not say; repeat."),
    ] = None,
    json: Json = False,
) -> None:
    """What a file is, its header and first rows, the proposed profile, and what is open."""
    from bursar.connect.looks.asking import assumptions, questions
    from bursar.connect.looks.saying import look_as_told
    from bursar.connect.reading import read_natively

    seen, profile = look_as_told([file], sayings or (), currency, sheet)
    asked = questions(seen, profile)
    taken = assumptions(seen, profile)
    native = None if sayings else read_natively([file])
    if SESSION.json:
        answer = seen.to_json() | {
            "profile": profile.to_json(),
            "questions": [_as_json(question) for question in asked],
            "assumptions": taken,
            "read_as": native or "profile",
        }
        print_json(answer)
        return
    _tell(seen, profile, taken)
    if native:
        say(f"bursar import {file.name} reads it as {native}, by the columns of that format.")
        say("To have it read as proposed above: --format profile")
        return
    _ask(file, asked)


def _as_json(question: Question) -> dict[str, object]:
    return {
        "code": question.code, "message": question.message, "column": question.column,
        "answers": list(question.answers),
    }  # fmt: skip


def _tell(seen: Look, profile: Profile, taken: list[str]) -> None:
    named = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
    form = [seen.kind, seen.encoding, named.get(seen.delimiter or "", seen.delimiter)]
    form += [f"sheet {seen.sheet}"] if seen.sheet else []
    where = f"header in row {seen.header_row}" if seen.header_row else "no header"
    more = "" if seen.whole else " or more"
    say(f"{seen.files[0]}: {', '.join(filter(None, form))}; {where}; {seen.rows_seen:,} rows{more}")
    for warning in seen.notes:
        note(f"  {warning.message}")
    say()
    uses = {use.header: use.target for use in profile.columns}
    uses |= {column.header: f"amount of {column.period}" for column in profile.matrix}
    print_table(
        [
            {"column": c.name, "kind": c.kind, "style": c.style or "",
             "example": c.examples[0][:_WIDE] if c.examples else "",
             "fills": uses.get(c.name, "kept as it is")}
            for c in seen.columns
        ],
        {"column": "Column", "kind": "Holds", "style": "Written as", "example": "For example",
         "fills": "Fills"},
    )  # fmt: skip
    say()
    for number, row in list(zip(seen.row_numbers, seen.rows, strict=True))[:_SHOWN]:
        say(f"{number:>6}  {' | '.join(cell[:_WIDE] for cell in row)}")
    say()
    for sentence in taken:
        say(f"  {sentence}")


def _ask(file: Path, asked: list[Question]) -> None:
    if not asked:
        say(f"Nothing is open: bursar import {file.name}")
        return
    for question in asked:
        ways = " or ".join(f"--say '{answer}'" for answer in question.answers)
        say(f"? {question.message}; say {ways}")
