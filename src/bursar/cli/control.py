"""`bursar control …`: the general ledger's balances beside what Bursar holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, scope

app = typer.Typer(
    help="The general ledger as control: load balances, reconcile, sign.", no_args_is_help=True
)

Period = Annotated[str, typer.Option(metavar="YYYY-MM", help="Fiscal period; the latest one.")]
Basis = Annotated[str, typer.Option(help="What of Bursar is compared: booked, billed, effective.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A trial balance.")],
    source: Annotated[str | None, typer.Option(help="Name of the ledger.")] = None,
    format: Annotated[str, typer.Option(help="trial-balance or ledger.")] = "trial-balance",
    profile: Annotated[str | None, typer.Option(help="Mapping profile of the file.")] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Load balances of the general ledger. They are compared with and never counted."""
    open_home()
    from bursar.record.actions.load_control import load_control

    done = load_control(
        paths=[file], acting_user=None, source=source, format=format, profile=profile
    )
    if SESSION.json:
        print_json(done.to_json())
    periods = ", ".join(batch["period"] for batch in done.batches)
    say(f"{done.file}: {done.rows_accepted} balances of {periods}, {done.rows_rejected} rejected.")
    for row in done.rejected[:20]:
        note(f"  rejected row {row['row']}: {row['message']} ({row['code']})")


@app.command("reconcile")
def reconcile(
    period: Period = "",
    basis: Basis = "booked",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show ledger, Bursar, the difference and what explains it, account by account."""
    open_home()
    from bursar.report.reconciliation import account_json, reconciliation

    found = reconciliation(scope(), period=period or _latest(), basis=basis)
    if SESSION.json:
        print_json(found.to_json())
        return
    rows = []
    for one in map(account_json, found.accounts):
        told = "; ".join(f"{e['amount']} {e['why']}" for e in one["explanations"])
        rows.append({**one, "told": told})
    columns = {
        "legal_entity": "Entity", "gl_account": "Account", "account_name": "Name",
        "currency": "Currency", "ledger": "Ledger", "bursar": "Bursar",
        "difference": "Difference", "told": "Explained by", "unexplained": "Unexplained",
    }  # fmt: skip
    print_table(
        rows,
        columns,
        right=["ledger", "bursar", "difference", "unexplained"],
        empty="There is nothing in this period: bursar control import FILE.",
    )
    for total in found.totals:
        say(f"{total.entity} {total.currency}: difference {total.to_json()['difference']}, "
            f"unexplained {total.to_json()['unexplained']}.")  # fmt: skip
    for row in found.rejected:
        say(f"{row['source']}: {row['rows']} rows were rejected; they are in no figure.")


@app.command("sign")
def sign(
    period: Annotated[str, typer.Argument(metavar="PERIOD")],
    entity: Annotated[str, typer.Option(help="Legal entity.")] = "",
    basis: Basis = "booked",
    comment: Annotated[str, typer.Option(help="Needed where something is unexplained.")] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Sign a period's reconciliation of one legal entity."""
    open_home()
    from bursar.office.reference.entities import default_entity
    from bursar.record.actions.sign_reconciliation import sign_reconciliation

    made = sign_reconciliation(
        acting_user=None,
        period=period,
        entity=entity or default_entity().code,
        basis=basis,
        comment=comment,
    )
    if SESSION.json:
        print_json({"period": period, "legal_entity": made.legal_entity,
                    "unexplained": made.unexplained})  # fmt: skip
    say(f"{period} of {made.legal_entity} is signed.")


@app.command("scope")
def account_scope(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="6810, or 7* for many.")],
    reason: Annotated[
        str, typer.Option(help="Why Bursar does not hold it; empty to compare it again.")
    ] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Leave an account out of the comparison, or take it back in."""
    open_home()
    from bursar.record.actions.set_account_scope import set_account_scope

    set_account_scope(acting_user=None, pattern=account, reason=reason)
    if SESSION.json:
        print_json({"account": account, "out_of_scope": reason})
    say(f"{account} is {'out of scope' if reason else 'compared'}.")


@app.command("coverage")
def coverage(
    period: Period = "",
    basis: Annotated[str, typer.Option(help="effective or booked.")] = "effective",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show how much of each account of a trial balance detail has replaced."""
    open_home()
    from bursar.report.coverage import coverage as report

    found = report(scope(), period=period or _latest_cost(), basis=basis)
    if SESSION.json:
        print_json(found.to_json())
        return
    columns = {"legal_entity": "Entity", "gl_account": "Account", "currency": "Currency",
               "balance": "Balance", "detail": "Detail", "summary": "Still summary"}  # fmt: skip
    print_table(
        [row.to_json() for row in found.rows],
        columns,
        right=["balance", "detail", "summary"],
        empty="No trial balance counts as cost: bursar import FILE --format trial-balance.",
    )


def _latest() -> str:
    """The latest period that control was loaded for."""
    from bursar.report.reconciliation import reconciled_periods

    return max(reconciled_periods(scope()), default="") or _latest_cost()


def _latest_cost() -> str:
    from bursar.record.ledger import open_ledger

    return max(open_ledger().periods(), default="")
