"""`bursar match …`: evidences of one obligation, so that they count once."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from bursar.cli.errors import BadOptions
from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import print_json, print_table, say
from bursar.cli.session import SESSION, open_home, scope

app = typer.Typer(
    help="Evidences of one obligation: ledger line, invoice, detail. Each counts once.",
    no_args_is_help=True,
)

Group = Annotated[str, typer.Argument(metavar="GROUP", help="Id of the group, as `list` says it.")]
Comment = Annotated[str, typer.Option(help="Why; the journal keeps it.")]


@app.command("propose")
def propose(json: Json = False, home: Home = None) -> None:
    """Search for matches; learned rules confirm theirs by themselves."""
    open_home()
    from bursar.record.actions.propose_matches import propose_matches

    done = propose_matches(acting_user=None)
    if SESSION.json:
        print_json(dict(vars(done)))
    say(f"{done.proposed} to decide, {done.confirmed_by_rule} confirmed by rule.")


@app.command("list")
def list_matches(
    state: Annotated[
        str | None, typer.Option(help="proposed, confirmed or rejected; all without it.")
    ] = None,
    period: Annotated[str | None, typer.Option(metavar="YYYY-MM")] = None,
    unmatched: Annotated[
        bool, typer.Option("--unmatched", help="List evidence in no group instead.")
    ] = False,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show matches, the largest money first, with what is not explained."""
    open_home()
    from bursar.report import evidence

    if unmatched:
        _list_unmatched(evidence.unmatched(scope()))
        return
    found = evidence.matches(scope(), state=state, period=period)
    if SESSION.json:
        print_json(found.to_json())
        return
    rows = [
        {
            **row,
            "evidence": " = ".join(f"{m['source']} ({m['label']})" for m in row["members"]),
            "open": ", ".join(f"{basis} {amount}" for basis, amount in row["residual"].items()),
        }
        for row in found.rows
    ]
    columns = {
        "group_id": "Group", "state": "State", "period": "Period", "currency": "Currency",
        "money": "Money", "open": "Not explained", "score": "Score", "evidence": "Evidence",
    }  # fmt: skip
    print_table(rows, columns, right=["money", "score"], empty="There is no such match.")
    if found.pending:
        say("Sources changed since: a closed period keeps matches from being worked out again.")


def _list_unmatched(rows: list[dict[str, Any]]) -> None:
    if SESSION.json:
        print_json({"unmatched": rows})
        return
    columns = {"amount": "Amount", "currency": "Currency", "level": "Level", "source": "Source",
               "label": "Evidence"}  # fmt: skip
    print_table(rows, columns, right=["amount"], empty="Everything is matched.")


@app.command("show")
def show(group: Group, as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Show one match: its evidences, why it was proposed, and the lines that count it once."""
    open_home()
    from bursar.report.evidence import match

    found = match(scope(), group)
    if SESSION.json:
        print_json(found)
        return
    say(f"{found['group_id']}: {found['state']}, {found['period']}, score {found['score']}")
    for member in found["members"]:
        say(f"  {member['number']}. {member['level_label']}: {member['source']}, "
            f"{member['label']}: {found['currency']} {member['amount']}")  # fmt: skip
    for reason in found["reasons"]:
        say(f"  because {reason}")
    for line in found["lines"]:
        costs = [f"{n.removesuffix('_cost')} {line[n]}" for n in line if n.endswith("_cost")]
        say(f"  {line['period']}  {', '.join(costs)}  {line['description']}")


@app.command("confirm")
def confirm(
    groups: Annotated[
        list[str] | None, typer.Argument(metavar="GROUP", help="Ids, as `list` says them.")
    ] = None,
    from_score: Annotated[
        int | None, typer.Option(metavar="SCORE", help="All proposals with this score or more.")
    ] = None,
    comment: Comment = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Count matches once: the detail stands, and what it leaves unexplained stays visible."""
    if bool(groups) == (from_score is not None):
        raise BadOptions("Name the groups to confirm, or say --from-score, and not both.")
    open_home()
    from bursar.record.actions.confirm_match import confirm_match

    for group in groups or _proposed(from_score or 0):
        confirm_match(acting_user=None, group_id=group, comment=comment)
        _tell(group)


def _proposed(score: int) -> list[str]:
    from bursar.report import evidence

    found = evidence.matches(scope(), state="proposed").to_json()["groups"]
    return [match["group_id"] for match in found if match["score"] >= score]


@app.command("reject")
def reject(group: Group, comment: Comment = "", json: Json = False, home: Home = None) -> None:
    """Say that evidences do not belong together, or undo a confirmed match."""
    open_home()
    from bursar.record.actions.reject_match import reject_match

    reject_match(acting_user=None, group_id=group, comment=comment)
    _tell(group)


@app.command("learn")
def learn(
    group: Group,
    absolute: Annotated[str, typer.Option(help="Amounts may differ by so much,")] = "1",
    percent: Annotated[str, typer.Option(help="or by so many percent.")] = "2",
    json: Json = False,
    home: Home = None,
) -> None:
    """Confirm a match, and let others like it be confirmed by themselves from now on."""
    open_home()
    from bursar.record.actions.learn_match_rule import RuleLimits, learn_match_rule

    try:
        limits = RuleLimits(Decimal(absolute), Decimal(percent))
    except InvalidOperation:
        raise typer.BadParameter("write plain numbers for --absolute and --percent") from None
    rules = learn_match_rule(acting_user=None, group_id=group, limits=limits)
    if SESSION.json:
        print_json({"rules": [rule.name for rule in rules]})
    for rule in rules:
        say(f"Learned: {rule.name}.")


@app.command("forget")
def forget(
    name: Annotated[str, typer.Argument(metavar="RULE", help="Name of the rule.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Stop a learned rule; what it confirmed stays."""
    open_home()
    from bursar.record.actions.learn_match_rule import forget_match_rule

    forget_match_rule(acting_user=None, name=name)
    if SESSION.json:
        print_json({"forgotten": name})
    say(f"Forgotten: {name}.")


@app.command("rules")
def rules(as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Show learned rules."""
    open_home()
    from bursar.report.evidence import match_rules

    found = match_rules(scope())
    if SESSION.json:
        print_json({"rules": found})
        return
    columns = {"name": "Rule", "tolerance_absolute": "Within", "tolerance_percent": "or %",
               "learned_by": "Learned by"}  # fmt: skip
    print_table(found, columns, empty="No rule was learned yet: `bursar match learn GROUP`.")


@app.command("link")
def link(
    summary: Annotated[
        str, typer.Option(help="Lines that shall be replaced: source=NAME,column=value,…")
    ],
    detail: Annotated[
        list[str], typer.Option(help="Lines that replace them; once for each source.")
    ],
    comment: Comment = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Match lines by hand and count them once."""
    open_home()
    from bursar.record.actions.link_evidence import link_evidence

    made = link_evidence(acting_user=None, summary=summary, details=detail, comment=comment)
    _tell(made.group_id)


@app.command("split")
def split(
    group: Group,
    member: Annotated[list[int], typer.Option(help="Number of an evidence, as `show` says it.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Take evidences out of a match."""
    open_home()
    from bursar.record.actions.split_match import split_match

    split_match(acting_user=None, group_id=group, members=member)
    _tell(group)


@app.command("level")
def level(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    level: Annotated[
        str, typer.Argument(metavar="LEVEL", help="balance, ledger, invoice, contract or detail.")
    ],
    json: Json = False,
    home: Home = None,
) -> None:
    """Say what evidence a source is, where its lines do not tell."""
    open_home()
    from bursar.record.actions.set_source_level import set_source_level

    set_source_level(acting_user=None, source=source, level=level)
    if SESSION.json:
        print_json({"source": source, "level": level})
    say(f"{source} is evidence of level {level}.")


@app.command("double-counting")
def double_counting(
    period: Annotated[str | None, typer.Option(metavar="YYYY-MM")] = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show what is counted more than once, suspected and netted, per basis."""
    open_home()
    from bursar.report.double_counting import double_counting as report

    found = report(scope(), period=period)
    if SESSION.json:
        print_json(found.to_json())
        return
    columns = {"currency": "Currency", "basis": "Basis", "suspected": "Suspected",
               "netted": "Netted", "residual": "Not explained"}  # fmt: skip
    print_table([row.to_json() for row in found.rows], columns,
                right=["suspected", "netted", "residual"],
                empty="No evidence says the same money twice.")  # fmt: skip


def _tell(group_id: str) -> None:
    """What the decision made of the group."""
    from bursar.office.people.scope import Scope
    from bursar.report.evidence import match

    found = match(Scope.all(), group_id)
    if SESSION.json:
        print_json(found)
    open_ = ", ".join(f"{basis} {amount}" for basis, amount in found["residual"].items())
    say(f"{group_id}: {found['state']}. Not explained: {open_ or 'nothing'}.")
