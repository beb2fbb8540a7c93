"""`bursar close | reopen | periods | checklist | acknowledge`: the end of a period."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bursar.cli.errors import BadOptions
from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require

Period = Annotated[str, typer.Argument(metavar="PERIOD", help="Posting period, such as 2026-01.")]
Entity = Annotated[
    str | None, typer.Option(help="Legal entity; without, all that have posted to the period.")
]
_WORDS = {"open": "open", "soft_closed": "soft-closed", "closed": "closed"}
_LINE = {
    "legal_entity": "Entity",
    "key": "Check",
    "name": "Name",
    "state": "State",
    "due": "Due",
    "owner": "Owner",
    "detail": "Detail",
}


def register(app: typer.Typer) -> None:
    for name, command in (
        ("close", close),
        ("reopen", reopen),
        ("periods", periods),
        ("checklist", checklist),
        ("acknowledge", acknowledge),
    ):
        app.command(name)(command)


def close(
    period: Period,
    entity: Entity = None,
    soft: Annotated[
        bool, typer.Option("--soft", help="Soft-close: some roles may still bring files.")
    ] = False,
    waive: Annotated[
        list[str] | None, typer.Option(metavar="CHECK", help="Waive this check; needs --reason.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why checks are waived; the journal keeps it.")] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Close a period: its figures stand from then on. Exit code 1 while checks are open."""
    open_home()
    from bursar.flow.actions.close_period import close_period
    from bursar.flow.actions.soft_close_period import soft_close_period

    if soft and waive:
        raise BadOptions("--soft asks for no checks, so there is nothing to waive.")
    if soft:
        done = soft_close_period(acting_user=None, period=period, legal_entity=entity)
    else:
        done = close_period(
            acting_user=None, period=period, legal_entity=entity, waived=waive or (), reason=reason
        )
    answer = done.to_json()
    if SESSION.json:
        print_json(answer)
    else:
        print_table(answer["checks"], _LINE, empty="Nothing was to be checked.")
        say(f"\n{period} is {_WORDS[done.state]}.")
    if not done.changed:
        note("Nothing was changed. Mend what is open, or --waive CHECK --reason TEXT.")
        raise typer.Exit(1)


def reopen(
    period: Period,
    reason: Annotated[str, typer.Option(help="Why; the journal and the page keep it.")],
    entity: Entity = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Open a period again. Files that came while it was closed may then be imported again."""
    open_home()
    from bursar.flow.actions.reopen_period import reopen_period

    done = reopen_period(acting_user=None, period=period, reason=reason, legal_entity=entity)
    if SESSION.json:
        print_json(done.to_json())
    say(f"{period} is {_WORDS[done.state]} again.")


def periods(as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Show every period with its state, and what is stale of it."""
    open_home()
    require("read.data")
    from bursar.flow.periods import periods_told

    rows = periods_told()
    if SESSION.json:
        print_json({"periods": rows})
        return
    columns = {
        "period": "Period", "legal_entity": "Entity", "state": "State", "stale": "Stale",
        "held": "Came after closing", "corrected": "Corrections booked here",
    }  # fmt: skip
    print_table([_told(row) for row in rows], columns, empty="Nothing was posted yet.")


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "state": _WORDS[row["state"]],
        "stale": ", ".join(dict.fromkeys(mark["what"] for mark in row["stale"])),
        "held": ", ".join(row["held_batches"]),
        "corrected": ", ".join(f"{c['source']} {c['billing_period']}" for c in row["corrections"]),
    }


def checklist(
    period: Period,
    entity: Entity = None,
    done: Annotated[
        str | None, typer.Option(metavar="CHECK", help="Say that this line is done, by hand.")
    ] = None,
    add: Annotated[str | None, typer.Option(metavar="TEXT", help="Add a line of your own.")] = None,
    owner: Annotated[str, typer.Option(help="User who owns the added line.")] = "",
    due_days: Annotated[
        int, typer.Option(help="The added line's due date: days after the period's last day.")
    ] = 5,
    note_: Annotated[str, typer.Option("--note", help="What was found; with --done.")] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show the checklist of a period, add a line to it, or say that one is done."""
    open_home()
    from bursar.flow.actions.add_closing_line import add_closing_line
    from bursar.flow.actions.finish_check import finish_check
    from bursar.flow.close import checklist as lines_of
    from bursar.flow.close import periods_to_close, state_together

    if add is not None:
        for one in periods_to_close(period, entity):
            add_closing_line(
                acting_user=None, period=period, legal_entity=one.legal_entity.code,
                name=add, owner=owner, due_days=due_days,
            )  # fmt: skip
    if done is not None:
        finish_check(acting_user=None, period=period, check=done, note=note_, legal_entity=entity)
    chosen = periods_to_close(period, entity)
    rows = [
        {"legal_entity": one.legal_entity.code, **line.to_json()}
        for one in chosen
        for line in lines_of(one)
    ]
    if SESSION.json:
        print_json({"period": period, "state": state_together(chosen), "checks": rows})
        return
    print_table(rows, _LINE)


def acknowledge(
    import_token: Annotated[
        str, typer.Argument(metavar="IMPORT", help="Token, as `bursar batches --json` names it.")
    ],
    text: Annotated[str, typer.Option("--note", help="Why its rejected lines are left out.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Answer for the rejected lines of an import, so that they do not keep a period open."""
    open_home()
    from bursar.record.actions.acknowledge_rejected import acknowledge_rejected

    found = acknowledge_rejected(acting_user=None, import_token=import_token, note=text)
    if SESSION.json:
        print_json({"import_token": import_token, "note": found.note, "by": found.by})
    say(f"Noted: {found.note}")
