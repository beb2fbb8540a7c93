"""`bursar commitment …`: who has a commitment's saving, and who bears what nobody used."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require, scope

app = typer.Typer(
    help="Savings plans and reservations: who keeps the saving, who bears the rest.",
    no_args_is_help=True,
)


@app.command("list")
def list_commitments(as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Show every commitment with its policy, and what the policy moved."""
    open_home()
    require("read.data")
    from bursar.report.commitments import commitments

    found = commitments(scope()).to_json()
    if SESSION.json:
        print_json(found)
        return
    rows = [
        {
            "commitment_id": one["commitment_id"],
            "policy": one["policy"],
            "home": one["cost_center"] or one["sub_account"],
            "period": use["period"],
            "currency": one["currency"],
            "used": use["used"],
            "unused": use["unused"],
            **{part: use["moved"].get(part, "") for part in ("price", "sharing")},
            "problem": one["problem"],
        }
        for one in found["commitments"]
        for use in one["periods"] or [{"period": "", "used": "", "unused": "", "moved": {}}]
    ]
    columns = {
        "commitment_id": "Commitment", "policy": "Policy", "home": "Home", "period": "Period",
        "currency": "", "used": "Used", "unused": "Unused", "price": "Saving moved",
        "sharing": "Shared", "problem": "Problem",
    }  # fmt: skip
    right = ["used", "unused", "price", "sharing"]
    print_table(rows, columns, right=right, empty="No line and no list names a commitment.")


@app.command("set")
def set_(
    commitment: Annotated[str, typer.Argument(help="CommitmentDiscountId of the bill.")],
    policy: Annotated[str, typer.Option(help="users, purchaser, central or shared.")],
    account: Annotated[str, typer.Option(help="Sub-account that is its home.")] = "",
    cost_center: Annotated[str, typer.Option(help="Cost center that is its home.")] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Decide who pays what a commitment saves and leaves unused; in force at once."""
    open_home()
    from bursar.record.actions.set_commitment import CommitmentPolicy, set_commitment

    done = set_commitment(
        acting_user=None,
        commitment=commitment,
        policy=CommitmentPolicy(policy, sub_account=account, cost_center=cost_center),
    )
    told: dict[str, Any] = {
        "commitment_id": done.commitment_id,
        "policy": str(done.policy),
        "version": done.version,
        "problem": done.problem,
    }
    if SESSION.json:
        print_json(told)
        return
    say(f"{done.commitment_id}: {done.get_policy_display().lower()}.")
    if done.problem:
        note(f"  {done.problem}")
