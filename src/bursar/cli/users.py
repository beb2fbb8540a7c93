"""`bursar user …`: who may sign in, in which role, and whose figures each may see."""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.options import Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home

app = typer.Typer(help="Users: list, add, role, grant, password, deactivate.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="USER", help="User name.")]
Consumers = Annotated[
    list[str] | None,
    typer.Option("--consumer", metavar="NAME", help="May be given often; with all below it."),
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first input line.")
]


@app.command("list")
def list_users(json: Json = False, home: Home = None) -> None:
    """Show who there is."""
    open_home()
    from bursar.office.people.queries import user_json, users

    rows = [user_json(user) for user in users()]
    if SESSION.json:
        print_json({"users": rows})
        return
    for row in rows:
        row["consumers"] = ", ".join(row["consumers"])
    columns = {
        "username": "User",
        "name": "Name",
        "email": "E-mail",
        "role": "Role",
        "active": "Active",
        "consumers": "Consumers",
    }
    print_table(rows, columns, empty="There is no user yet: `bursar user add` makes one.")


@app.command("add")
def add(
    username: Name,
    email: Annotated[str, typer.Option(help="Address for password resets.")],
    role: Annotated[
        str, typer.Option(help="administrator, it_finance, staff_finance, budget_owner or auditor.")
    ] = "budget_owner",
    name: Annotated[str, typer.Option(help="Full name.")] = "",
    consumer: Consumers = None,
    password_stdin: PasswordStdin = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Make a user. Asks for a password; with --password-stdin it is read from the input."""
    open_home()
    from bursar.office.people.actions.add_user import add_user
    from bursar.office.people.queries import user_json

    made = add_user(
        acting_user=None,
        username=username,
        email=email,
        role=role,
        name=name,
        consumers=consumer or [],
        password=_password(password_stdin),
    )
    if SESSION.json:
        print_json(user_json(made))
    say(f"{made.username} may sign in as {made.get_role_display()}.")


@app.command("role")
def role(
    username: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="The new role.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Give a user another role."""
    open_home()
    from bursar.office.people.actions.change_role import change_role
    from bursar.office.people.queries import user_json, user_named

    user = user_named(username)
    change_role(acting_user=None, user=user, role=role)
    if SESSION.json:
        print_json(user_json(user))
    say(f"{username} is now {user.get_role_display()}.")


@app.command("grant")
def grant(
    username: Name, consumer: Consumers = None, json: Json = False, home: Home = None
) -> None:
    """Set whose figures a user may see. Without --consumer, nobody's."""
    open_home()
    from bursar.office.people.actions.grant_consumers import grant_consumers
    from bursar.office.people.queries import user_json, user_named

    user = user_named(username)
    granted = grant_consumers(acting_user=None, user=user, consumers=consumer or [])
    if SESSION.json:
        print_json(user_json(user))
    say(f"{username} sees {', '.join(granted) or 'no consumer'}.")


@app.command("password")
def password(
    username: Name,
    password_stdin: PasswordStdin = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Set a user's password; open sessions end."""
    open_home()
    from bursar.office.people.actions.set_password import set_password
    from bursar.office.people.queries import user_json, user_named

    user = user_named(username)
    set_password(acting_user=None, user=user, password=_password(password_stdin))
    if SESSION.json:
        print_json(user_json(user))
    say(f"{username} has a new password.")


@app.command("deactivate")
def deactivate(username: Name, json: Json = False, home: Home = None) -> None:
    """Close a user's account; the journal keeps the name."""
    open_home()
    from bursar.office.people.actions.deactivate_user import deactivate_user
    from bursar.office.people.queries import user_json, user_named

    user = user_named(username)
    deactivate_user(acting_user=None, user=user)
    if SESSION.json:
        print_json(user_json(user))
    say(f"{username} can no longer sign in.")


def _password(from_input: bool) -> str:
    if from_input:
        return typer.get_text_stream("stdin").readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
