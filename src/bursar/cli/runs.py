"""`bursar run`: carry the cost through the model, and show where it rests."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bursar.cli.options import Home, Json, Periods
from bursar.cli.output import note, print_json, print_table, say, working
from bursar.cli.session import SESSION, open_home

_TERMS = (
    "cost_in",
    "markup",
    "allocated",
    "retained",
    "unallocated",
    "recovery_gap",
    "rounding",
)


def register(app: typer.Typer) -> None:
    app.command("run")(run)


def run(
    period: Periods = None,
    basis: Annotated[
        str | None, typer.Option(help="What is allocated; without, what the model says.")
    ] = None,
    scenario: Annotated[str, typer.Option(help="Which plan; actual is what was recorded.")] = "",
    engine: Annotated[
        str, typer.Option(help="Where sums are computed: duckdb, postgres or spark.")
    ] = "duckdb",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Publish nothing; show what would differ.")
    ] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Classify and allocate cost. Runs the periods named, or all that changed."""
    open_home()
    from bursar.allocate.actions.run_model import run_model

    with working("Running the model") as progress:
        outcome = run_model(
            acting_user=None,
            periods=period or None,
            basis=basis,
            scenario=scenario or "actual",
            engine=engine,
            dry_run=dry_run,
            progress=progress,
        )
    answer = outcome.to_json()
    if SESSION.json:
        print_json(answer)
        return
    _tell(answer, dry_run=dry_run)


def _tell(answer: dict[str, Any], *, dry_run: bool) -> None:
    if answer["unchanged"]:
        say(f"Unchanged since their last run: {', '.join(answer['unchanged'])}.")
    if dry_run:
        say("Dry run: nothing was published.")
    elif answer["run_id"]:
        say(f"Run {answer['run_id']}")
    columns = {"name": "Step", "rows_in": "Rows in", "rows_out": "Rows out", "seconds": "Seconds"}
    if answer["steps"]:
        print_table(answer["steps"], columns, right=["rows_in", "rows_out", "seconds"])
    say("\nBalance: cost in + markup = the rest")
    columns = {
        "period": "Period",
        "legal_entity": "Entity",
        "currency": "Currency",
        "basis": "Basis",
    } | {term: term.replace("_", " ").capitalize() for term in _TERMS}
    print_table(answer["balance"], columns, right=_TERMS)
    for change in answer["difference"]:
        say(" ".join(str(part) for part in change.values()))
    for problem in answer["problems"]:
        note(f"note: {problem['message']}")
