"""`bursar profile …`: how files of one kind are read, proposed, saved and recognized by header."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require

app = typer.Typer(help="Profiles: list, show, propose, save, delete.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the profile.")]
OfSource = Annotated[
    str | None, typer.Option("--source", help="What its files are recorded as.")
]  # fmt: skip


@app.command("list")
def list_(as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Show the profiles; a file whose header one of them has is read with it."""
    open_home()
    from bursar.record.profiles.stored import profiles

    require("read.data")
    rows = profiles()
    if SESSION.json:
        print_json({"profiles": rows})
        return
    columns = {
        "name": "Profile",
        "source": "Source",
        "version": "Version",
        "columns": "Columns",
        "made_at": "Saved",
        "made_by": "By",
    }
    print_table(
        rows,
        columns,
        right=["version", "columns"],
        empty="There is no profile yet: `bursar profile propose FILE --save NAME`.",
    )


@app.command("show")
def show(name: Name, as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Print a profile as JSON, with its versions under --json."""
    open_home()
    from bursar.record.profiles.stored import profile_json, stored_profile

    require("read.data")
    found = profile_json(stored_profile(name), whole=True)
    print_json(found if SESSION.json else found["profile"])


@app.command("propose")
def propose(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of the kind.")],
    save: Annotated[str | None, typer.Option("--save", metavar="NAME", help="Save it.")] = None,
    say_: Annotated[
        list[str] | None,
        typer.Option("--say", metavar="KEY=VALUE", help="Such as currency=GBP or amount=Net."),
    ] = None,
    source: OfSource = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Propose how a file is read, and say what it leaves open."""
    open_home()
    from bursar.connect.looking import look
    from bursar.connect.looks.asking import assumptions, questions
    from bursar.connect.looks.proposing import propose as proposal
    from bursar.connect.profile import told
    from bursar.record.actions.save_profile import save_profile

    seen = look([file])
    profile = told(proposal(seen), say_ or ())
    asked = questions(seen, profile)
    if save is not None and not asked:
        save_profile(name=save, profile=profile, source=source, acting_user=None)
    if SESSION.json:
        open_points = [{"code": q.code, "message": q.message, "answers": list(q.answers)}
                       for q in asked]  # fmt: skip
        print_json({"profile": profile.to_json(), "questions": open_points,
                    "saved": save if save is not None and not asked else None})  # fmt: skip
    for sentence in assumptions(seen, profile):
        say(f"  {sentence}")
    for question in asked:
        note(f"open: {question.message}; say one of {', '.join(question.answers)}")
    if save is not None and asked:
        note("Not saved: answer what is open with --say.")
        raise typer.Exit(1)
    if save is not None:
        say(f"Saved as profile {save}.")


@app.command("save")
def save(
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help="The profile as JSON.")],
    source: OfSource = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Save a profile from JSON; one of that name gets a further version."""
    open_home()
    import json as text

    from bursar.cli.files import read_text
    from bursar.connect.errors import BadProfile
    from bursar.connect.profile import Profile
    from bursar.record.actions.save_profile import save_profile
    from bursar.record.profiles.stored import profile_json

    try:
        data = text.loads(read_text(file))
    except text.JSONDecodeError as problem:
        raise BadProfile(f"{file} is no JSON ({problem}). `bursar profile show` prints one.") from (
            problem
        )
    profile = Profile.from_json(data)
    row = save_profile(name=name, profile=profile, source=source, acting_user=None)
    if SESSION.json:
        print_json(profile_json(row))
    say(f"Profile {row.name}, version {row.number}.")


@app.command("delete")
def delete(name: Name, json: Json = False, home: Home = None) -> None:
    """Delete a profile. Imports made with it stay."""
    open_home()
    from bursar.record.actions.delete_profile import delete_profile

    delete_profile(name=name, acting_user=None)
    if SESSION.json:
        print_json({"deleted": name})
    say(f"Profile {name} is deleted.")
