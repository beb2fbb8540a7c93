"""`bursar taxonomy …`: names, crosswalks, and the same figures under two taxonomies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bursar.cli.files import read_text
from bursar.cli.options import AsUser, Basis, Home, Json, Periods
from bursar.cli.output import note, print_json, print_table, say
from bursar.cli.session import SESSION, open_home, require, scope

app = typer.Typer(
    help="Taxonomies: list, show, compare, and how one leads to another.", no_args_is_help=True
)

From = Annotated[str, typer.Option("--from", metavar="NAME", help="Taxonomy on the left.")]
To = Annotated[str, typer.Option("--to", metavar="NAME", help="Taxonomy on the right.")]
Layer = Annotated[str | None, typer.Option(metavar="LAYER", help="cost_pool, tower or solution.")]
Decision = Annotated[
    int | None,
    typer.Option(metavar="N", help="Version of your own rows; 0 is as shipped (default: newest)."),
]


@app.command("list")
def list_(json: Json = False, home: Home = None) -> None:
    """List the taxonomies, and which one the model in force uses."""
    open_home()
    require("read.figures")
    from bursar.report.taxonomies import taxonomies

    rows = [line.to_json() for line in taxonomies()]
    if SESSION.json:
        print_json({"taxonomies": rows})
        return
    told = [
        {**row, **row["names"], "crosswalks": ", ".join(row["crosswalks"]),
         "in_use": "in use" if row["in_use"] else ""}
        for row in rows
    ]  # fmt: skip
    columns = {"name": "Taxonomy", "cost_pool": "Pools", "tower": "Towers",
               "solution": "Solutions", "crosswalks": "Crosswalk to", "in_use": ""}  # fmt: skip
    print_table(told, columns, right=["cost_pool", "tower", "solution"])
    for row in rows:
        note(f"{row['name']}: {row['ends']}")


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Taxonomy, such as tbm-5.0.")],
    layer: Layer = None,
    below: Annotated[
        str | None, typer.Option(metavar="PATH", help="Only this name and all below it.")
    ] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Show the names of a taxonomy."""
    open_home()
    require("read.figures")
    from bursar.report.taxonomies import taxonomy_names

    rows = taxonomy_names(name, layer=layer, below=below)
    if SESSION.json:
        print_json({"taxonomy": name, "names": rows})
        return
    columns = {"layer": "Layer", "name": "Name", "kind": "Kind", "definition": "Meaning"}
    print_table(rows, columns)


@app.command("crosswalk")
def crosswalk(
    source: From = "tbm-4.1",
    target: To = "tbm-5.0",
    layer: Layer = None,
    decision: Decision = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Show where each name of one taxonomy went in another."""
    open_home()
    require("read.figures")
    from bursar.report.taxonomies import crosswalk_rows

    found = crosswalk_rows(source, target, layer=layer, decision=decision)
    if SESSION.json:
        print_json(found)
        return
    say(f"{source} > {target}, version {found['version'] or 'none needed'}")
    told = [{**row, "to": "; ".join(_heir(heir) for heir in row["to"])} for row in found["rows"]]
    columns = {"layer": "Layer", "name": "Name", "kind": "What became of it", "to": "To",
               "why": "Why"}  # fmt: skip
    print_table(told, columns, empty="Every name stays as it is.")


def _heir(heir: dict[str, Any]) -> str:
    share = heir["share"]
    return heir["name"] if share in (None, "1") else f"{heir['name']} {share}"


@app.command("decide")
def decide(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Your own rows, as YAML.")],
    comment: Annotated[str, typer.Option(help="Why; kept in the journal.")] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Put your own rows in the place of shipped ones; no recorded figure changes."""
    open_home()
    from bursar.allocate.actions.decide_crosswalk import decide_crosswalk

    text = read_text(file)
    done = decide_crosswalk(text=text, acting_user=None, where=file.name, comment=comment)
    if SESSION.json:
        print_json(done.to_json())
        return
    was = " It counted already." if done.unchanged else ""
    say(f"Decision {done.number} on {done.source} > {done.target}: {done.rows} rows.{was}")


@app.command("compare")
def compare(
    source: From = "tbm-4.1",
    target: To = "tbm-5.0",
    layer: Layer = "tower",
    period: Periods = None,
    basis: Basis = "effective",
    depth: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Lowest level: 1 is pools or towers.")
    ] = None,
    decision: Decision = None,
    as_user: AsUser = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Show the same figures under two taxonomies side by side, and why they differ."""
    open_home()
    require("read.figures")
    from bursar.report.taxonomy import compare_taxonomies

    found = compare_taxonomies(
        scope(), source=source, target=target, layer=layer or "tower", periods=period,
        basis=basis, decision=decision, depth=depth,
    ).to_json()  # fmt: skip
    if SESSION.json:
        print_json(found)
        return
    say(f"Basis: {found['basis']}")
    for pair, version in found["crosswalks"].items():
        say(f"Crosswalk {pair}, version {version}")
    columns = {"name": "Name", "from": source, "to": target, "difference": "Difference",
               "told": "Because"}  # fmt: skip
    for each in found["currencies"]:
        say(f"\n{each['currency']}")
        rows = [{**row, "name": "  " * row["depth"] + row["name"].rpartition(" / ")[2],
                 "from": row["from"] or "", "to": row["to"] or "", "told": _because(row)}
                for row in each["rows"]]  # fmt: skip
        print_table(rows, columns, right=["from", "to", "difference"])
        say(f"Total {each['currency']} {each['from_total']} under both")
    for remark in found["notes"]:
        note(str(remark))


def _because(row: dict[str, Any]) -> str:
    return "; ".join(
        f"{reason['amount']} {reason['direction']} {reason['name']}" for reason in row["reasons"]
    )
