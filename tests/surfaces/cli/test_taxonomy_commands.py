"""`bursar taxonomy …`: names, crosswalks, own decisions, and figures under two taxonomies."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.surfaces.cli.conftest import Program

PAIR = ("--from", "tbm-4.1", "--to", "tbm-5.0")
BACK = ("--from", "tbm-5.0", "--to", "tbm-4.1")
OWN = """\
from: tbm-4.1
to: tbm-5.0
towers:
  Network / LAN/WAN: {shares: {Network / LAN: 2/3, Network / WAN: 1/3}}
"""


def test_names_and_crosswalk(firm: Program) -> None:
    used = firm("taxonomy", "list", "--json").done().json["taxonomies"]
    assert [(row["name"], row["in_use"]) for row in used] == [("tbm-4.1", False), ("tbm-5.0", True)]
    assert "Compute / Mainframe" in firm("taxonomy", "show", "tbm-4.1").done().out
    below = firm("taxonomy", "show", "tbm-5.0", "--below", "Storage", "--json").done().json["names"]
    assert {row["parent"] for row in below if row["level"] == 2} == {"Storage"}
    firm("taxonomy", "show", "tbm-9").refused("reference.unknown_pack")
    firm("taxonomy", "show", "tbm-5.0", "--layer", "desk").refused("reference.unknown_member")
    rows = firm("taxonomy", "crosswalk", *PAIR, "--layer", "tower", "--json").done().json["rows"]
    (lan,) = (row for row in rows if row["name"] == "Network / LAN/WAN")
    assert [heir["share"] for heir in lan["to"]] == [None, None]
    assert "Network / LAN/WAN" in firm("taxonomy", "crosswalk", *PAIR).done().out


def test_figures_stay_and_an_own_decision_is_counted(firm: Program, tmp_path: Path) -> None:
    found = firm("taxonomy", "compare", *BACK, "--period", "2026-01", "--json").done().json
    for table in found["currencies"]:
        told = [row for row in table["rows"] if row["depth"] == 0]
        for side in ("from", "to"):
            amounts = [Decimal(row[side]) for row in told if row[side]]
            assert sum(amounts) == Decimal(table[f"{side}_total"])
        assert table["from_total"] == table["to_total"]
    shown = firm("taxonomy", "compare", *BACK, "--period", "2026-01").done().out
    assert "Total EUR" in shown
    assert "to Not decided / Compute" in shown
    file = tmp_path / "own.yaml"
    file.write_text(OWN)
    assert "Decision 1 on tbm-4.1 > tbm-5.0: 1 rows." in firm("taxonomy", "decide", file).done().out
    assert "It counted already." in firm("taxonomy", "decide", file).done().out
    file.write_text(OWN.replace("1/3}", "1/4}"))
    firm("taxonomy", "decide", file).refused("reference.shares_not_one")
    firm("taxonomy", "decide", tmp_path / "none.yaml").refused("cli.no_such_file")
    firm("verify").done()
