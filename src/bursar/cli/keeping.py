"""`bursar verify | sweep | reindex | backup | restore`: looking after an installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bursar.cli.options import AsUser, Home, Json
from bursar.cli.output import print_json, say, working
from bursar.cli.session import SESSION, configure, open_home, require


def register(app: typer.Typer) -> None:
    app.command("verify")(verify)
    app.command("sweep")(sweep)
    app.command("reindex")(reindex)
    app.command("backup")(backup)
    app.command("restore")(restore)


def verify(as_user: AsUser = "", json: Json = False, home: Home = None) -> None:
    """Check files, totals, balances and the journal. Exit code 1 when a check fails."""
    open_home()
    require("read.journal")
    from bursar.flow.verify import verify as check_all

    with working("Checking") as progress:
        checks = check_all(progress=progress)
    if SESSION.json:
        print_json({"checks": [check.to_json() for check in checks]})
    for check in checks:
        say(f"{'ok    ' if check.ok else 'FAILED'}  {check.name}: {check.detail}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def sweep(
    grace_minutes: Annotated[
        int, typer.Option(min=0, help="Spare files younger than this: an import may be at work.")
    ] = 60,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Remove files that no batch or run owns. A power cut may leave some."""
    open_home()
    from bursar.office.manifest.checking import orphans
    from bursar.record.actions.sweep_lake import sweep_lake

    if dry_run:
        found = orphans()
        gone = [orphan for orphan in found if orphan.age_seconds >= grace_minutes * 60]
        spared = [orphan for orphan in found if orphan not in gone]
    else:
        gone, spared = sweep_lake(acting_user=None, grace_seconds=grace_minutes * 60)
    if SESSION.json:
        print_json(
            {
                "removed": [{"path": orphan.path, "bytes": orphan.bytes} for orphan in gone],
                "spared": [{"path": orphan.path, "bytes": orphan.bytes} for orphan in spared],
                "dry_run": dry_run,
            }
        )
    for orphan in gone:
        say(orphan.path)
    say(f"{len(gone)} orphan files {'would be removed' if dry_run else 'removed'}.")
    if spared:
        say(f"{len(spared)} are younger than {grace_minutes} minutes and stay.")


def reindex(json: Json = False, home: Home = None) -> None:
    """Give batches the dimensions that the cost model promotes."""
    open_home()
    from bursar.allocate.versions import model_of, version_in_force
    from bursar.record.actions.reindex_batches import reindex_batches

    promote = model_of(version_in_force()).promote
    with working("Indexing batches"):
        done = reindex_batches(promote=promote, acting_user=None)
    if SESSION.json:
        print_json(
            {
                "promoted": list(done.promoted),
                "batches": list(done.batches),
                "replaced": list(done.replaced),
            }
        )
    say(f"Dimensions: {', '.join(done.promoted) or 'no promoted column'}.")
    say(f"{len(done.batches)} batches have new dimensions; their lines are as they were.")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file, such as bursar.tar.gz.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Write database and lake into one file. Others may work meanwhile."""
    open_home()
    from bursar.flow.backup import write_backup

    with working("Backing up") as progress:
        made = write_backup(file, progress=progress)
    if SESSION.json:
        print_json(made)
    say(f"{made['file']}: {made['bytes']} bytes, sha256 {made['sha256']}")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `bursar backup` wrote.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Bring a backup into an empty data folder. It is checked, and upgraded to this version."""
    configure()
    from bursar.flow.restore import restore_backup

    with working("Restoring") as progress:
        restored = restore_backup(file, progress=progress)
    if SESSION.json:
        print_json(restored)
    say(f"Restored {restored['files']} files of {restored['file']} into {restored['home']}.")
