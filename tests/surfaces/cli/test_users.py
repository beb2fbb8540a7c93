"""`bursar user …` and `bursar journal`."""

from __future__ import annotations

from tests.surfaces.cli.conftest import Program

PASSWORD = "violet-anchor-52\n"


def add(bursar: Program, username: str, *more: object) -> object:
    email = f"{username}@example.org"
    return bursar(
        "user", "add", username, "--email", email, "--password-stdin", *more, stdin=PASSWORD
    )


def test_a_user_is_made_listed_and_changed(bursar: Program) -> None:
    assert "no user yet" in bursar("user", "list").done().out
    add(bursar, "anna", "--role", "administrator", "--name", "Anna Smith").done()
    add(bursar, "bob").done()
    shown = bursar("user", "list").done().out
    assert "Anna Smith" in shown
    assert "budget_owner" in shown
    assert bursar("user", "role", "bob", "auditor", "--json").done().json["role"] == "auditor"
    bursar("user", "password", "bob", "--password-stdin", stdin="second-anchor-53\n").done()
    assert bursar("user", "deactivate", "bob", "--json").done().json["active"] is False
    acts = [entry["act"] for entry in bursar("journal", "--json").done().json["entries"]]
    assert acts == [
        "people.deactivate_user",
        "people.set_password",
        "people.change_role",
        "people.add_user",
        "people.add_user",
        "flow.initialise",
    ]
    table = bursar("journal", "--act", "people.change").done().out
    assert "No entry is of that kind" in bursar("journal", "--act", "no.such").done().out
    assert "people.change_role" in table
    assert "people.add_user" not in table


def test_grants_need_consumers(bursar: Program, model) -> None:
    add(bursar, "bob").done()
    bursar("user", "grant", "bob", "--consumer", "Retail").refused("people.unknown_consumer")
    bursar("model", "apply", model).done()
    told = bursar("user", "grant", "bob", "--consumer", "Retail", "--json").done().json
    assert told["consumers"] == ["Retail"]
    assert "sees no consumer" in bursar("user", "grant", "bob").done().out


def test_refusals_of_users(bursar: Program) -> None:
    add(bursar, "anna", "--role", "administrator").done()
    add(bursar, "anna").refused("people.user_exists")
    add(bursar, "eve", "--role", "boss").refused("people.unknown_role")
    add(bursar, "two words").refused("people.bad_user")
    bursar("user", "role", "anna", "auditor").refused("people.last_administrator")
    bursar("user", "deactivate", "nobody").refused("people.unknown_user")
    weak = bursar("user", "password", "anna", "--password-stdin", "--json", stdin="short\n")
    assert weak.refused("people.weak_password").json["error"]["code"] == "people.weak_password"
    bursar("journal", "--as", "nobody").refused("people.unknown_user")


def test_the_journal_is_not_for_budget_owners(bursar: Program) -> None:
    add(bursar, "bob").done()
    bursar("journal", "--as", "bob").refused("people.not_allowed")
    bursar("verify", "--as", "bob").refused("people.not_allowed")
    bursar("batches", "--as", "bob").refused("report.beyond_scope")


def test_a_variable_that_is_not_set_does_not_show_everything(bursar: Program) -> None:
    for command in ("costs", "statement", "batches", "journal"):
        bursar(command, "--as", "").refused("cli.bad_options")
    bursar("costs").done()


def test_who_was_deactivated_sees_nothing(bursar: Program) -> None:
    add(bursar, "bob", "--role", "auditor").done()
    bursar("journal", "--as", "bob").done()
    bursar("user", "deactivate", "bob").done()
    bursar("journal", "--as", "bob").refused("people.not_allowed")
    bursar("batches", "--as", "bob").refused("report.beyond_scope")
