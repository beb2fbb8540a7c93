"""`bursar import | batches`: files in, and what was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say, working
from bursar.cli.session import SESSION, open_home, scope
from bursar.core.refusal import Refused

if TYPE_CHECKING:
    from bursar.connect.profile import Profile
    from bursar.record.outcome import ImportOutcome

_SHOWN = 20


def register(app: typer.Typer) -> None:
    app.command("import")(import_)
    app.command("batches")(batches)


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Files, or folders that hold one file's parts."),
    ],
    format: Annotated[
        str, typer.Option(help="auto, or a name from docs/reference/cloud-bills.md.")
    ] = "auto",
    source: Annotated[
        str | None, typer.Option(help="Name of the source; a restatement replaces its batches.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Mapping profile of the file.")] = None,
    sayings: Annotated[
        list[str] | None,
        typer.Option("--say", metavar="KEY=VALUE", help="What the file does not say; repeat."),
    ] = None,
    together: Annotated[
        bool,
        typer.Option(
            "--together", help="The files are one export, such as Azure's actual and amortised."
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit code 1 when rows are rejected.")
    ] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Record files of cost or usage. Importing again what was restated replaces it."""
    open_home()
    from bursar.record.actions.import_files import import_files

    done: list[ImportOutcome] = []
    refused: list[tuple[Path, Refused]] = []
    for parts in [files] if together else [[file] for file in files]:
        file = parts[0]
        try:
            with working(f"Importing {file.name}") as progress:
                outcome = import_files(
                    paths=parts,
                    acting_user=None,
                    source=source,
                    format=format,
                    profile=_as_told(file, sayings) if sayings else profile,
                    progress=lambda rows, show=progress: show(f"{rows:,} rows"),  # type: ignore[misc]
                )
            done.append(outcome)
            if not SESSION.json:
                _tell(outcome)
        except Refused as refusal:
            refused.append((file, refusal))
            note(f"{refusal.code}: {refusal.message}")
            _tell_rejected(getattr(refusal, "rejected", []))
    if SESSION.json:
        print_json(_answer(done, refused))
    if refused:
        raise typer.Exit(2)
    if strict and any(outcome.rows_rejected for outcome in done):
        note("Rows were rejected (--strict).")
        raise typer.Exit(1)


def _as_told(file: Path, sayings: list[str]) -> Profile:
    """The profile that is proposed for a file, with what somebody says of it."""
    from bursar.connect.looks.saying import profile_as_told
    from bursar.office.reference.entities import default_entity

    return profile_as_told([file], sayings, default_entity().currency)


def _answer(done: list[ImportOutcome], refused: list[tuple[Path, Refused]]) -> dict[str, Any]:
    imports = [outcome.to_json() for outcome in done]
    rejected = [one["rejected"] for one in imports]
    rejected += [getattr(refusal, "rejected", []) for _, refusal in refused]
    answer: dict[str, Any] = {
        "batches": [batch for one in imports for batch in one["batches"]],
        "corrections": [batch for one in imports for batch in one["corrections"]],
        "rejected": [row for rows in rejected for row in rows],
        "rejected_total": sum(one["rejected_total"] for one in imports),
        "warnings": [warning for one in imports for warning in one["warnings"]],
        "unchanged": bool(imports) and all(one["unchanged"] for one in imports),
        "imports": [
            {
                key: value
                for key, value in one.items()
                if key not in ("batches", "corrections", "rejected")
            }
            for one in imports
        ],
    }
    if refused:
        first = refused[0][1]
        answer["error"] = {"code": first.code, "message": first.message}
        answer["refused"] = [
            {"file": str(file), "code": refusal.code, "message": refusal.message}
            for file, refusal in refused
        ]
    return answer


def _tell(outcome: ImportOutcome) -> None:
    head = f"{outcome.file}: {outcome.format} {outcome.format_version}".rstrip()
    if outcome.unchanged:
        say(f"{head}: the same content is in force already; nothing changed.")
    else:
        say(
            f"{head}, source {outcome.source}: {outcome.rows_read} rows read, "
            f"{outcome.rows_accepted} accepted, {outcome.rows_rejected} rejected."
        )
    for batch in outcome.batches:
        replaced = batch["superseded_batch_id"]
        say(
            f"  {batch['period']}  {batch['batch_id']}  {batch['rows_accepted']} rows  "
            + _totals(batch["totals"])
            + (f"  replaces {replaced}" if replaced and not outcome.unchanged else "")
        )
    for batch in outcome.corrections:
        sums = _totals(batch["totals"])
        say(f"  {batch['period']}  {batch['batch_id']}  {sums}  {batch['source']}")
    for warning in outcome.warnings:
        note(f"  note: {warning['message']}")
    _tell_rejected(outcome.rejected)
    if outcome.rejected_total > _SHOWN:
        note(f"  … {outcome.rejected_total} reasons in all; --json lists more.")


def _tell_rejected(rejected: list[dict[str, Any]]) -> None:
    for row in rejected[:_SHOWN]:
        note(
            f"  rejected row {row['row']}, {row['column'] or 'whole row'}: "
            f"{row['message']} ({row['code']})"
        )


def _totals(totals: list[dict[str, str]]) -> str:
    shown = []
    for total in totals:
        kinds = [
            f"{kind} {total[f'{kind}_cost']}"
            for kind in ("billed", "effective", "booked")
            if total.get(f"{kind}_cost", "0") != "0"
        ]
        shown.append(f"{total['currency']} {', '.join(kinds) or '0'}")
    return "; ".join(shown)


def batches(
    source: Annotated[str | None, typer.Option(help="Of this source only.")] = None,
    period: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Of this billing period only.")
    ] = None,
    in_force: Annotated[
        bool, typer.Option("--in-force", help="Leave out what was replaced.")
    ] = False,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show what was recorded, in force or replaced."""
    open_home()
    from bursar.report.batches import batches as report

    found = report(scope(), period=period, source=source, in_force=True if in_force else None)
    if SESSION.json:
        print_json(found.to_json())
        return
    rows = [{**row, "state": _state(row), "sums": _sums(row)} for row in found.to_json()["batches"]]
    columns = {
        "period": "Period",
        "source": "Source",
        "batch_id": "Batch",
        "kind": "Kind",
        "rows_accepted": "Rows",
        "rows_rejected": "Rejected",
        "state": "State",
        "sums": "Totals",
    }
    print_table(
        rows,
        columns,
        right=["rows_accepted", "rows_rejected"],
        empty="There is no such batch; without --source and --period all are listed."
        if source or period
        else "Nothing was recorded yet: `bursar import FILE`.",
    )


def _state(row: dict[str, Any]) -> str:
    """A held batch came after its period was closed: corrections stand for it."""
    state = "in force" if row["in_force"] else "held" if row["held_for"] else "replaced"
    return f"{state}, late" if row["late"] and row["in_force"] else state


def _sums(row: dict[str, Any]) -> str:
    return _totals(row["totals"])
