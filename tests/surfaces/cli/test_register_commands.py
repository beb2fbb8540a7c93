"""`bursar register …` from a table to the ledger, the roll-forward and back."""

from __future__ import annotations

from pathlib import Path

from tests.surfaces.cli.conftest import Program

FLEET = "Asset tag,Name,Bought,Cost\nL1,Laptop,2026-01-20,1800\nL2,Laptop,2026-01-20,1800\nL3,,,1\n"


def test_a_fleet_from_the_table_to_the_roll_forward(bursar: Program, tmp_path: Path) -> None:
    file = tmp_path / "fleet.csv"
    file.write_text(FLEET)
    told = bursar(
        "register", "import", "assets", file, "--set", "useful_life_months=36", "--set",
        "currency=EUR", "--strict", "--json",
    )  # fmt: skip
    assert told.code == 1
    [made] = told.json["imports"]
    assert (made["entered"], made["rejected"]) == (2, 1)
    shown = bursar("register", "rejected", made["token"]).done()
    assert "record.field_missing" in shown.out
    done = bursar("register", "add", "assets", "L1", "--set", "date=2026-03-01", "--set",
                  "kind=transfer", "--set", "cost_center=77").done()  # fmt: skip
    assert "1 changed" in done.out
    bursar("register", "retire", "L2", "--date", "2026-04-10", "--proceeds", "100").done()
    moves = bursar(
        "register", "roll-forward", "--from", "2026-01", "--to", "2026-04", "--json"
    ).done().json  # fmt: skip
    [row] = moves["rows"]
    assert (row["depreciation"], row["gain_or_loss"], row["book_value"]) == (
        "350.00", "-1550.00", "1600.00",
    )  # fmt: skip
    assert "Depreciation" in bursar("register", "show", "assets", "L1").done().out
    listed = bursar("register", "list", "assets", "--where", "status=retired", "--json").done()
    assert [r["number"] for r in listed.json["records"]] == ["L2"]
    assert "1 files" in bursar("register", "attach", "assets", "L1", file).done().out
    bursar("register", "attach", "assets", "L1", tmp_path / "none").refused("cli.unreadable_file")
    out = tmp_path / "out.csv"
    bursar("register", "export", "assets", "--out", out).done()
    again = bursar("register", "import", "assets", out, "--update").done()
    assert "2 unchanged, 0 rejected" in again.out
    bursar("register", "undo", made["token"], "--reason", "x").refused("record.changed_since")


def test_records_one_by_one(bursar: Program) -> None:
    given = '[{"number": "C1", "name": "Suite", "start": "2026-01-01", "end": "2026-12-31", '
    given += '"amount": "1200", "currency": "EUR"}]'
    bursar("register", "enter", "contracts", "--file", "-", stdin=given).done()
    bursar("register", "change", "contracts", "C1", "--set", "amount=2400", "--reason", "up").done()
    told = bursar("register", "show", "contracts", "C1", "--date", "2026-01-31", "--json").done()
    assert told.json["schedule"]["rows"][0]["cost"] == "203.84"
    assert bursar("register", "enter", "contracts", "--set", "name").code == 2
    bursar("register", "enter", "contracts", "--set", "nme=x").refused("record.bad_record")
    bursar("register", "spread", "--through", "2999-01").refused("record.bad_horizon")
    due = bursar("register", "due", "--from", "2026-01-01", "--to", "2026-12-31").done()
    assert "It ends" in due.out
    paid = bursar("register", "labour", "--from", "2026-01", "--to", "2026-02").done()
    assert "Nobody is paid" in paid.out
    told = bursar("register", "invoices", "--search").done()
    assert "No invoice is the same money" in told.out
    bursar("register", "invoices", "--reject", "7").refused("record.unknown_record_match")
    assert bursar("register", "invoices", "--confirm", "7", "--reject", "7").code == 2
    bursar("register", "withdraw", "contracts", "C1", "--reason", "twice").done()
    assert "nothing is kept" in bursar("register", "list", "contracts").done().out
