"""`bursar model learn | check | apply | show | diff`: the cost model as text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bursar.cli.errors import BadOptions
from bursar.cli.files import read_text, write_out
from bursar.cli.model_drafts import commands as drafts
from bursar.cli.model_drafts import tell_money
from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, configure, open_home, require, scope

commands = typer.Typer(
    help="The cost model: learn, check, apply, show, diff, draft.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The cost model as YAML text.")]


def register(app: typer.Typer) -> None:
    commands.add_typer(drafts, name="draft")
    app.add_typer(commands, name="model")


@commands.command("check")
def check(file: File, json: Json = False, home: Home = None) -> None:
    """Say what is wrong with a model, line by line. Exit code 2 when something is."""
    text = read_text(file)
    open_home()
    from bursar.allocate.model_queries import check_model

    answer = check_model(text)
    if SESSION.json:
        print_json(answer)
    for problem in answer["problems"]:
        note(f"{file}, {problem['where']}: {problem['message']} ({problem['code']})")
    if answer["problems"]:
        raise typer.Exit(2)
    say(f"{file} has no problem.")


@commands.command("apply")
def apply(
    file: File,
    from_period: Annotated[
        str | None,
        typer.Option("--from", metavar="YYYY-MM", help="First period; without, every period."),
    ] = None,
    comment: Annotated[str, typer.Option(help="Why, for the journal.")] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Put a model in force as a new, immutable version."""
    text = read_text(file)
    open_home()
    from bursar.allocate.actions.apply_model import apply_model
    from bursar.allocate.errors import ModelHasProblems

    try:
        applied = apply_model(
            text=text, acting_user=None, from_period=from_period, comment=comment
        ).to_json()
    except ModelHasProblems as refusal:
        if SESSION.json:
            error = {"code": refusal.code, "message": refusal.message}
            problems = [problem.to_json() for problem in refusal.problems]
            print_json({"version": None, "problems": problems, "error": error})
        note(f"{refusal.code}: {file}: {refusal.message}")
        raise typer.Exit(2) from refusal
    if SESSION.json:
        print_json(applied)
    since = applied["in_force_from"] or "the first period"
    say(
        f"Version {applied['version']} is in force from {since} on"
        + (" already; nothing changed." if applied["unchanged"] else ".")
    )
    for warning in applied["warnings"]:
        note(f"note: {warning['message']}")


@commands.command("show")
def show(
    version: Annotated[
        int | None, typer.Argument(metavar="VERSION", help="Number; without, the latest.")
    ] = None,
    versions: Annotated[bool, typer.Option("--versions", help="List every version.")] = False,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Print the text of a version, or list all versions."""
    open_home()
    require("read.model")
    from bursar.allocate.model_queries import model_json, show_model
    from bursar.allocate.versions import versions as all_versions

    if versions:
        rows = [model_json(one) for one in all_versions()]
        if SESSION.json:
            print_json({"versions": rows})
            return
        columns = {
            "version": "Version",
            "name": "Name",
            "in_force_from": "From",
            "applied_at": "Applied",
            "applied_by": "By",
            "comment": "Comment",
        }
        print_table(rows, columns, right=["version"], empty="No model was applied yet.")
        return
    shown = show_model(version)
    if SESSION.json:
        print_json(model_json(shown))
    else:
        typer.echo(shown.text, nl=not shown.text.endswith("\n"))


@commands.command("diff")
def diff(
    file: File,
    against: Annotated[
        int | None, typer.Option(metavar="VERSION", help="Number; without, the latest.")
    ] = None,
    period: Annotated[
        list[str] | None,
        typer.Option(metavar="YYYY-MM", help="Also in money, on this period; may be given often."),
    ] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show how a text differs from a version. By lines, in words, and in money on a period."""
    text = read_text(file)
    open_home()
    require("read.model")
    from bursar.allocate.model_queries import check_model, diff_model

    problems = check_model(text)["problems"]
    difference = diff_model(text, against=against).to_json()
    money = None if problems or not period else _money(text, against, period)
    if SESSION.json:
        print_json({**difference, "problems": problems, "money": money})
        return
    for line in difference["diff"]:
        typer.echo(line)
    if not difference["diff"]:
        say("No difference.")
    for change in difference["changes"]:
        note(" ".join(str(part) for part in change.values()))
    for problem in problems:
        note(f"{file}, {problem['where']}: {problem['message']} ({problem['code']})")
    if money is not None:
        tell_money(money)


def _money(text: str, against: int | None, periods: list[str]) -> dict[str, Any]:
    require("allocate.run_model")
    from bursar.allocate.actions.apply_model import readable
    from bursar.allocate.actions.compare_models import compare_models
    from bursar.allocate.model_queries import show_model
    from bursar.allocate.versions import model_of

    before = model_of(show_model(against)) if against is not None else None
    moved = compare_models(acting_user=None, after=readable(text), before=before, periods=periods)
    return moved.to_json()


@commands.command("exchange")
def exchange(
    period: Annotated[str, typer.Option(metavar="YYYY-MM", help="Period of the run in force.")],
    basis: Annotated[str, typer.Option(help="Basis of the run.")] = "effective",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show what services charged each other in a run, gross of what came back."""
    open_home()
    require("read.model")
    from bursar.report.service_exchange import exchange_json, service_exchange

    rows = exchange_json(service_exchange(scope(), period=period, basis=basis))
    if SESSION.json:
        print_json({"exchange": rows})
        return
    columns = {"step": "Step", "giver": "Charges", "taker": "Is charged", "amount": "Amount",
               "currency": ""}  # fmt: skip
    print_table(rows, columns, right=["amount"], empty="Nobody charged anybody else.")


@commands.command("recovery")
def recovery(
    basis: Annotated[str, typer.Option(help="Basis of the runs.")] = "effective",
    year: Annotated[str, typer.Option(help="Periods that begin so, such as 2026.")] = "",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show what standard rates charged too little or too much, by period, with running totals."""
    open_home()
    require("read.model")
    from bursar.report.service_exchange import exchange_json, recovery_ledger

    rows = exchange_json(recovery_ledger(scope(), basis=basis, year=year))
    if SESSION.json:
        print_json({"recovery": rows})
        return
    columns = {"period": "Period", "solution": "Solution", "amount": "Cost less charges",
               "to_date": "To date", "currency": "", "reason": "Of"}  # fmt: skip
    print_table(rows, columns, right=["amount", "to_date"], empty="No rate left anything open.")


@commands.command("learn")
def learn(
    workbook: Annotated[
        Path, typer.Argument(metavar="WORKBOOK", help="Last year's chargeback as .xlsx or .xlsm.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", metavar="MODEL.yaml", help="Write the model there.")
    ] = None,
    drivers: Annotated[
        Path | None,
        typer.Option("--drivers", metavar="USAGE.csv", help="Write its drivers as a usage file."),
    ] = None,
    period: Annotated[
        str, typer.Option(metavar="YYYY-MM", help="Period of the drivers that are written.")
    ] = "",
    currency: Annotated[
        str, typer.Option(metavar="CODE", help="Currency of the workbook's rates.")
    ] = "EUR",
    json: Json = False,
) -> None:
    """Propose a model that reproduces a workbook, and name the workbook's own errors.

    Nothing is stored, and no data folder is needed.
    """
    if drivers is not None and not period:
        raise BadOptions("--drivers needs the period of the quantities: --period YYYY-MM.")
    configure()
    from bursar.allocate.learning import learn_model
    from bursar.cli.learned import print_learned, usage_file

    found = learn_model(workbook, currency=currency)
    if SESSION.json:
        print_json(found.to_json())
    else:
        print_learned(found)
    if output is not None:
        write_out(found.text, output)
    if drivers is not None:
        write_out(usage_file(found, period), drivers)
