"""`bursar model draft save | list | show | publish | withdraw`: a model on its way into force."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bursar.cli.files import read_text
from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require, scope

commands = typer.Typer(
    help="Drafts of the cost model: save, list, show, publish, withdraw.", no_args_is_help=True
)
Number = Annotated[int, typer.Argument(metavar="DRAFT", help="Number of the draft.")]


@commands.command("save")
def save(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The cost model as YAML text.")],
    number: Annotated[
        int | None, typer.Option("--draft", metavar="DRAFT", help="Change this one.")
    ] = None,
    from_period: Annotated[
        str | None,
        typer.Option("--from", metavar="YYYY-MM", help="First period; without, every period."),
    ] = None,
    comment: Annotated[str, typer.Option(help="Why, for the reviewer and the journal.")] = "",
    period: Annotated[
        list[str] | None,
        typer.Option(
            metavar="YYYY-MM",
            help="Compare on this period; without, the newest open one. May be given often.",
        ),
    ] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Save a text for review. Nothing of it counts yet; it tells what it would move in money."""
    text = read_text(file)
    open_home()
    from bursar.allocate.actions.save_draft import save_draft
    from bursar.allocate.drafts import draft_json

    draft = save_draft(
        text=text,
        acting_user=None,
        number=number,
        from_period=from_period,
        comment=comment,
        periods=period,
    )
    if SESSION.json:
        print_json(draft_json(draft))
        return
    say(f"Draft {draft.number} is saved; somebody else reviews it at /model/drafts/{draft.number}.")
    tell_money(draft.money)


@commands.command("list")
def list_drafts(as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """List every draft, newest first."""
    open_home()
    require("read.model")
    from bursar.allocate.drafts import draft_json
    from bursar.report.model_drafts import draft_list

    rows = [draft_json(one) for one in draft_list(scope())]
    if SESSION.json:
        print_json({"drafts": rows})
        return
    shown = [{**row, "by": row["authors"][-1]} for row in rows]
    columns = {"draft": "Draft", "name": "Name", "standing": "Standing", "from_period": "From",
               "by": "Saved by", "reviewed_by": "Reviewed by", "version": "Version"}  # fmt: skip
    print_table(shown, columns, right=["draft", "version"], empty="There is no draft.")


@commands.command("show")
def show(number: Number, as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Show one draft: where it stands, what it changes, and in money."""
    open_home()
    require("read.model")
    from bursar.report.model_drafts import draft_view

    told = draft_view(scope(), number).to_json()
    if SESSION.json:
        print_json(told)
        return
    say(f"Draft {number}, {told['standing']}: {told['name']}")
    for entry in told["history"]:
        words = " ".join(filter(None, (entry["act"], entry["outcome"])))
        say(
            f"{entry['at'][:16]} {entry['by']}: {words}"
            + (f" ({t})" if (t := entry["text"]) else "")
        )
    for change in told["changes"]:
        note(" ".join(str(part) for part in change.values()))
    tell_money(told["money"])


@commands.command("publish")
def publish(number: Number, json: Json = False, home: Home = None) -> None:
    """Put a reviewed draft in force as a new, immutable version."""
    open_home()
    from bursar.allocate.actions.publish_draft import publish_draft

    done = publish_draft(number=number, acting_user=None).to_json()
    if SESSION.json:
        print_json(done)
    since = done["in_force_from"] or "the first period"
    say(f"Version {done['version']} is in force from {since} on.")
    for warning in done["warnings"]:
        note(f"note: {warning['message']}")


@commands.command("withdraw")
def withdraw(
    number: Number,
    comment: Annotated[str, typer.Option(help="Why, for the journal.")] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Take a draft back that was not published. It stays readable."""
    open_home()
    from bursar.allocate.actions.withdraw_draft import withdraw_draft
    from bursar.allocate.drafts import draft_json

    draft = withdraw_draft(number=number, acting_user=None, text=comment)
    if SESSION.json:
        print_json(draft_json(draft))
    say(f"Draft {number} is withdrawn.")


def tell_money(money: dict[str, Any]) -> None:
    """Who would pay more or less: a sentence, then every row that differs."""
    from bursar.report.model_drafts import moved_words

    for sentence in moved_words(money["rows"], money["periods"]):
        say(sentence)
    if money["rows"]:
        rows = [{**row, "who": row["consumer"] or row["outcome"]} for row in money["rows"]]
        columns = {"period": "Period", "legal_entity": "Entity", "who": "Who", "before": "Before",
                   "after": "After", "difference": "Difference", "currency": ""}  # fmt: skip
        print_table(rows, columns, right=["before", "after", "difference"])
    elif not money["periods"]:
        note("There is no open period with cost to compare on.")
