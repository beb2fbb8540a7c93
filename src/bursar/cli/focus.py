"""`bursar focus check | export | charges`: whether a file follows FOCUS, and ours as FOCUS 1.4."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.options import AsUser, Home, Json, Periods
from bursar.cli.output import note, print_json, print_table, say, working
from bursar.cli.session import SESSION, open_home, scope

if TYPE_CHECKING:
    from bursar.connect.conformance.checking import Conformance, Failure

app = typer.Typer(
    help="FOCUS: check a file, export the ledger and what was charged.", no_args_is_help=True
)
_SHOWN = 40


@app.command("check")
def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="A bill in FOCUS, or the parts of one.")
    ],
    version: Annotated[
        str | None, typer.Option(help="1.0 to 1.4; without, told from the columns.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An official rule model to use instead.")
    ] = None,
    waivers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="More rules to waive, with reasons (YAML).")
    ] = None,
    supports: Annotated[
        list[str] | None,
        typer.Option(metavar="CRITERION", help="Something that the provider supports; repeat."),
    ] = None,
    json: Json = False,
) -> None:
    """Hold a file to the rules of FOCUS; exit code 1 when a MUST fails. Nothing is recorded."""
    from bursar.connect.conformance.checking import check as act

    found = act(files, version=version, model=model, waivers=waivers, supports=supports or ())
    if SESSION.json:
        print_json(found.to_json())
    else:
        _tell(found)
    if not found.is_conformant:
        raise typer.Exit(1)


def _tell(found: Conformance) -> None:
    say(f"{', '.join(found.files)}: {found.rows} rows, FOCUS {found.version} ({found.origin})")
    rows = [
        {"level": level, **score.to_json(), "ratio": score.ratio or "-"}
        for level, score in found.score.items()
    ]
    columns = {
        "level": "Level", "passed": "Hold", "failed": "Fail", "waived": "Waived",
        "not_applicable": "Do not apply", "not_checkable": "Only the provider knows",
        "ratio": "Score",
    }  # fmt: skip
    print_table(rows, columns, right=list(columns)[1:])
    for failure in found.failures[:_SHOWN]:
        note(f"  {_said(failure)}")
    if len(found.failures) > _SHOWN:
        note(f"  … {len(found.failures)} rules fail in all; --json lists them.")
    for failure in found.waived:
        note(f"  waived: {_said(failure)}: {failure.reason}")


def _said(failure: Failure) -> str:
    row = failure.example.get("row")
    place = f"row {row}" if row else "the file"
    value = failure.example.get("value")
    shown = "an empty cell" if value is None else f"'{value}'"
    times = f", {failure.rows} times" if failure.rows > 1 else ""
    return f"{failure.level} {failure.rule}: {place}, {failure.column}: {shown}{times}"


@app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write to this file.")],
    period: Periods = None,
    format: Annotated[
        str | None, typer.Option(help="csv, csv.gz or parquet; without, by the file's name.")
    ] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Write every cost line in force as FOCUS 1.4."""
    open_home()
    from bursar.report.focus_export import export_focus

    with working(f"Writing {out.name}"):
        done = export_focus(scope(), out, periods=period or None, format=format or _kind(out))
    if SESSION.json:
        print_json(done.to_json())
        return
    totals = ", ".join(f"{c} billed {b}, effective {e}" for c, b, e in done.totals)
    say(f"{done.path}: {done.rows} lines of {len(done.periods)} periods as FOCUS 1.4; {totals}")


@app.command("charges")
def charges(
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="Period of the run in force.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write to this file.")],
    basis: Annotated[str, typer.Option(help="Basis of the run.")] = "effective",
    format: Annotated[
        str | None, typer.Option(help="csv, csv.gz or parquet; without, by the file's name.")
    ] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Write what a run charged as split charges of FOCUS 1.4, with the ratio of each part."""
    open_home()
    from bursar.report.split_charges import export_split_charges

    with working(f"Writing {out.name}"):
        done = export_split_charges(
            scope(), out, period=period, basis=basis, format=format or _kind(out)
        )
    if SESSION.json:
        print_json(done.to_json())
        return
    totals = ", ".join(f"{currency} {amount}" for currency, amount in done.totals)
    say(f"{done.path}: {done.origins} costs in {done.rows} parts as FOCUS 1.4; {totals}")


def _kind(path: Path) -> str:
    name = path.name.lower()
    return next((kind for kind in ("csv.gz", "parquet") if name.endswith(f".{kind}")), "csv")
