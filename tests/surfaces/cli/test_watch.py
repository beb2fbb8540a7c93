"""`bursar watch`: a folder's files are imported as they arrive."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.surfaces.cli.conftest import Program


def test_a_folder_is_watched(bursar: Program, bill: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    bill.rename(inbox / "bill.csv")
    (inbox / "broken.csv").write_text("a,b\n1,2\n")
    for file in inbox.iterdir():
        os.utime(file, (time.time() - 600, time.time() - 600))
    bursar("watch", "add", "aws", tmp_path / "nowhere").refused("watch.unreachable")
    told = bursar("watch", "add", "aws", inbox, "--due-day", "5", "--json").done().json
    assert (told["source"], told["due_day"], told["pattern"]) == ("aws", 5, "*")
    polled = bursar("watch", "poll", "--json")
    assert polled.code == 1
    (found,) = polled.json["watches"]
    assert (found["imported"], found["refused"]) == (["bill.csv"], ["broken.csv"])
    assert "0 imported, 0 refused, 0 waiting, 2 known" in bursar("watch", "poll").done().out
    listed = bursar("watch", "list", "--json").done().json
    assert listed["watches"][0]["arrivals"] == 2
    assert listed["sources"][0]["source"] == "aws"
    assert {"import.missing_columns"} <= {alert["code"] for alert in listed["alerts"]}
    assert "broken.csv" in bursar("watch", "list").done().err
    (inbox / "broken.csv").unlink()
    bursar("watch", "poll").done()
    codes = [alert["code"] for alert in bursar("watch", "list", "--json").done().json["alerts"]]
    assert "import.missing_columns" not in codes
    bursar("watch", "remove", "aws").done()
    bursar("watch", "remove", "aws").refused("watch.unknown_watch")
