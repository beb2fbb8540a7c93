"""`bursar watch …`: folders and object stores whose files are imported as they arrive."""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import note, print_json, print_table, say, working
from bursar.cli.session import SESSION, open_home, require, scope

app = typer.Typer(help="Watched places: add, list, remove, poll.", no_args_is_help=True)
Source = Annotated[str, typer.Argument(metavar="SOURCE", help="Name of the source.")]


@app.command("add")
def add(
    source: Source,
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Folder, or s3://, gs://, abfs:// and a path.")
    ],
    pattern: Annotated[str, typer.Option(help="Of file names, such as 'payables-*.csv'.")] = "*",
    format: Annotated[str, typer.Option(help="As for `bursar import`.")] = "auto",
    profile: Annotated[str, typer.Option(help="Profile that its files are read with.")] = "",
    each_adds: Annotated[
        bool, typer.Option("--each-adds", help="Each file adds; none restates another.")
    ] = False,
    rhythm: Annotated[str, typer.Option(help="daily, weekly or monthly.")] = "monthly",
    due_day: Annotated[
        int | None, typer.Option(help="Day of the following month, or of the week (1 Monday).")
    ] = None,
    grace_days: Annotated[int, typer.Option(help="Days after it before it counts as late.")] = 0,
    json: Json = False,
    home: Home = None,
) -> None:
    """Watch a place for files of one source. Credentials come from the environment."""
    open_home()
    from bursar.record.actions.add_watch import WatchOrder, add_watch
    from bursar.record.arrivals.listing import watch_json

    order = WatchOrder(
        source, url, pattern, format, profile, each_adds, rhythm, due_day, grace_days
    )
    watch = add_watch(order=order, acting_user=None)
    if SESSION.json:
        print_json(watch_json(watch))
    say(f"{watch.source}: {watch.url} is watched for {watch.pattern}, {watch.rhythm}.")


@app.command("list")
def list_(as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Show what is watched, what arrived of it, and what needs a look."""
    open_home()
    from datetime import UTC, datetime

    from bursar.record.arrivals.listing import watches
    from bursar.report.arrivals import arrivals

    require("read.data")
    found = arrivals(scope(), today=datetime.now(UTC).date()).to_json()
    rows = watches()
    if SESSION.json:
        print_json({"watches": rows, **found})
        return
    columns = {
        "source": "Source",
        "url": "Place",
        "pattern": "Pattern",
        "rhythm": "Rhythm",
        "polled_at": "Last look",
        "arrivals": "Arrivals",
    }
    print_table(rows, columns, right=["arrivals"], empty="Nothing is watched: `bursar watch add`.")
    for alert in found["alerts"]:
        note(f"{alert['kind']}: {alert['source']}, {alert['subject']}: {alert['message']}")


@app.command("remove")
def remove(source: Source, json: Json = False, home: Home = None) -> None:
    """Watch a place no longer. What was imported stays."""
    open_home()
    from bursar.record.actions.remove_watch import remove_watch

    remove_watch(source=source, acting_user=None)
    if SESSION.json:
        print_json({"removed": source})
    say(f"{source} is no longer watched.")


@app.command("poll")
def poll(
    source: Annotated[str | None, typer.Argument(metavar="SOURCE", help="Only this one.")] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Take files again that were refused.")
    ] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Look at watched places now. Files still being written wait for the next look."""
    open_home()
    from bursar.record.actions.poll_watches import poll_watches

    with working("Looking") as show:
        found = poll_watches(acting_user=None, source=source, retry=retry, progress=show)
    if SESSION.json:
        print_json({"watches": [one.to_json() for one in found]})
    for one in found:
        say(
            f"{one.source}: {len(one.imported)} imported, {len(one.refused)} refused, "
            f"{len(one.waiting)} waiting, {one.known} known."
        )
        if one.problem:
            note(f"  {one.problem}")
    if any(one.refused or one.problem for one in found):
        raise typer.Exit(1)
