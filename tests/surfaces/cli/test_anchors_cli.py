"""`bursar anchor` and `bursar check-anchors`."""

from __future__ import annotations

from pathlib import Path

from tests.surfaces.cli.conftest import Program


def test_the_journal_is_anchored_and_checked(bursar: Program, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    bursar("entity", "set", "main", "--name", "The firm").done()
    kept = bursar("anchor", "--to", file, "--json").done().json
    assert kept["seq"] >= 1
    assert kept["hash"] in file.read_text()
    assert f"Anchored entry {kept['seq'] + 1}, " in bursar("anchor", "--to", file).done().out
    told = bursar("check-anchors", file, "--json").done().json
    assert (told["name"], told["ok"]) == ("journal anchors", True)
    other = file.read_text().replace(kept["hash"], "0" * 64)
    (tmp_path / "other").write_text(other)
    found = bursar("check-anchors", tmp_path / "other")
    assert found.code == 1
    assert f"FAILED  journal anchors: Entry {kept['seq']} is not the one" in found.out
    bursar("check-anchors", tmp_path / "nothing").refused("journal.no_anchor")
    bursar("anchor", "--to", "pigeon://roof").refused("message.bad_address")
