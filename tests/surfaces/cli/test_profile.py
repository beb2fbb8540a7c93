"""`bursar profile`: propose, save, list, show, delete; an import finds its profile."""

from __future__ import annotations

import json
from pathlib import Path

from tests.surfaces.cli.conftest import Program


def test_a_profile_is_proposed_saved_and_recognized(bursar: Program, tmp_path: Path) -> None:
    file = tmp_path / "payables-2026-01.csv"
    file.write_text("Supplier,Paid on,Net spend\nACME,31/01/2026,1500.00\n")
    open_ = bursar("profile", "propose", file, "--save", "erp", "--json")
    assert open_.code == 1
    assert [q["code"] for q in open_.json["questions"]] == ["currency"]
    say = ("--say", "currency=GBP", "--source", "erp payables")
    told = bursar("profile", "propose", file, "--save", "erp", *say, "--json").done().json
    assert told["saved"] == "erp"
    listed = bursar("profile", "list", "--json").done().json["profiles"]
    assert [(p["name"], p["source"], p["version"]) for p in listed] == [("erp", "erp payables", 1)]
    done = bursar("import", file, "--json").done().json
    assert (done["batches"][0]["source"], done["batches"][0]["format"]) == (
        "erp payables", "profile",
    )  # fmt: skip
    bursar("import", file, "--profile", "nothing").refused("import.unknown_profile")


def test_a_profile_travels_as_json(bursar: Program, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Supplier,Paid on,Net spend\nACME,31/01/2026,1500.00\n")
    bursar("profile", "propose", file, "--save", "a", "--say", "currency=GBP").done()
    shown = bursar("profile", "show", "a").done().json
    copy = tmp_path / "copy.json"
    copy.write_text(json.dumps({**shown, "sign": "negate"}))
    assert "version 2" in bursar("profile", "save", "a", copy).done().out
    versions = bursar("profile", "show", "a", "--json").done().json["versions"]
    assert [v["version"] for v in versions] == [2, 1]
    copy.write_text("{")
    bursar("profile", "save", "a", copy).refused("import.profile_invalid")
    bursar("profile", "delete", "a").done()
    bursar("profile", "show", "a").refused("import.unknown_profile")
    assert "no profile yet" in bursar("profile", "list").done().out
