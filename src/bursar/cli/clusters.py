"""`bursar cluster …`: what Kubernetes clusters cost, and how that is split."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from bursar.cli.errors import BadOptions
from bursar.cli.options import AsUser, Basis, Home, Json, Periods
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, scope

app = typer.Typer(help="Kubernetes clusters: list, set, split, report.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="CLUSTER", help="Name of its usage's source.")]


@app.command("list")
def list_clusters(as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Show the clusters that sent usage, and how each is split."""
    open_home()
    from bursar.report.clusters import clusters

    rows = clusters(scope())
    if SESSION.json:
        print_json({"clusters": rows})
        return
    titles = {
        "name": "Cluster",
        "state": "State",
        "bill": "Bill",
        "extent": "Lines",
        "driver": "Driver",
        "cpu_share": "CPU share",
        "idle": "Idle",
        "problem": "Problem",
    }
    print_table(rows, titles, empty="No cluster sent usage yet: `bursar import FILE`.")


@app.command("set")
def set_(
    name: Name,
    bill: Annotated[str | None, typer.Option(help="Source of its bill; '' for all.")] = None,
    account: Annotated[
        str | None, typer.Option(help="Sub-account that it lives on; '' for all.")
    ] = None,
    extent: Annotated[
        str | None, typer.Option(help="resources, tag, or everything on the bill.")
    ] = None,
    tag: Annotated[str | None, typer.Option(metavar="KEY=VALUE", help="The cluster's tag.")] = None,
    driver: Annotated[str | None, typer.Option(help="blend, cpu or memory.")] = None,
    cpu_share: Annotated[
        str | None, typer.Option(help="Part of a node's cost that its cores stand for, 0 to 1.")
    ] = None,
    idle: Annotated[str | None, typer.Option(help="keep it visible, or share it.")] = None,
    platform: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Platform namespaces; repeat it.")
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="Tag that names pods by their label; repeat it."),
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Withdraw the split.")] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Say where a cluster's cost lies and how it is split; the split is in force at once."""
    open_home()
    from bursar.record.actions.set_cluster import ClusterChange, set_cluster

    key, value = _pair(tag)
    change = ClusterChange(
        active=not off, bill=bill, sub_account=account, extent=extent or ("tag" if tag else None),
        tag_key=key, tag_value=value, driver=driver, cpu_share=_number(cpu_share), idle=idle,
        platform=None if platform is None else tuple(platform),
        label_keys=None if label is None else tuple(label),
    )  # fmt: skip
    done = set_cluster(acting_user=None, name=name, change=change)
    _tell([done])


@app.command("split")
def split(json: Json = False, home: Home = None) -> None:
    """Split all clusters again where something changed, as imports and runs do by themselves."""
    open_home()
    from bursar.record.actions.set_cluster import split_clusters

    _tell(split_clusters(acting_user=None))


@app.command("report")
def report(
    cluster: Annotated[str | None, typer.Argument(help="One cluster; all by default.")] = None,
    by: Annotated[str, typer.Option(help="namespace, part, node, label or label:KEY.")] = (
        "namespace"
    ),
    period: Periods = None,
    basis: Basis = "effective",
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show what clusters cost, with idle, platform and unattributed cost."""
    open_home()
    from bursar.report.clusters import cluster_costs

    found = cluster_costs(scope(), cluster=cluster, by=by, periods=period, basis=basis).to_json()
    if SESSION.json:
        print_json(found)
        return
    kind = by.partition(":")[0]
    titles = {"cluster": "Cluster", "period": "Period", "part": "Part", kind: by.capitalize()}
    titles |= {"currency": "", "amount": "Amount", "lines": "Lines"}
    print_table(
        found["rows"],
        titles,
        right=["amount", "lines"],
        empty="Nothing is split: `bursar cluster list` shows which clusters wait for it.",
    )
    for total in found["totals"]:
        say(f"{found['basis']} cost: {total['currency']} {total['amount']}, all of it in a part.")


def _tell(done: list[Any]) -> None:
    from bursar.report.clusters import cluster_costs

    told = [
        {"name": c.name, "state": str(c.state), "version": c.version, "problem": c.problem}
        | {"totals": cluster_costs(scope(), cluster=c.name, by="part").to_json()["totals"]}
        for c in done
    ]
    if SESSION.json:
        print_json({"clusters": told})
    for row in told:
        sums = ", ".join(f"{t['currency']} {t['amount']}" for t in row["totals"]) or "nothing"
        say(f"{row['name']}: {row['state']}, effective cost split: {sums}")
        if row["problem"]:
            note(f"  {row['problem']}")


def _pair(tag: str | None) -> tuple[str | None, str | None]:
    if tag is None:
        return None, None
    key, sign, value = tag.partition("=")
    if not sign:
        raise BadOptions("--tag needs KEY=VALUE.")
    return key, value


def _number(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        raise BadOptions(f"--cpu-share needs a number from 0 to 1, not '{text}'.") from None
