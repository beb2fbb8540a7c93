"""`bursar control …`: a trial balance as cost and as control, reconciled and signed."""

from __future__ import annotations

from pathlib import Path

from tests.surfaces.cli.conftest import Program


def trial_balance(folder: Path) -> Path:
    file = folder / "tb-2026-01.csv"
    file.write_text(
        "account,account name,period,debit,credit,currency\n"
        "6810,Cloud,2026-01,10000.00,,EUR\n"
        "6820,Licences,2026-01,2500.00,500.00,EUR\n"
    )
    return file


def test_everything_is_in_on_the_first_day(bursar: Program, tmp_path: Path) -> None:
    file = trial_balance(tmp_path)
    bursar("import", file, "--format", "trial-balance", "--source", "opening").done()
    costs = bursar("costs", "--by", "gl_account", "--json").done().json
    assert costs["totals"] == [{"currency": "EUR", "amount": "12000"}]
    covered = bursar("control", "coverage", "--json").done().json
    assert [(a["gl_account"], a["summary"]) for a in covered["accounts"]] == [
        ("6810", "10000"),
        ("6820", "2000"),
    ]
    assert "Still summary" in bursar("control", "coverage").done().out


def test_reconciled_and_signed(bursar: Program, tmp_path: Path) -> None:
    file = trial_balance(tmp_path)
    bursar("control", "import", file, "--source", "sap").done()
    payables = tmp_path / "gl.csv"
    payables.write_text(
        "amount,currency,posting_date,gl_account,basis\n10000,EUR,2026-01-31,6810,booked\n"
    )
    bursar("import", payables).done()
    found = bursar("control", "reconcile", "--json").done().json
    assert [(a["gl_account"], a["difference"], a["unexplained"]) for a in found["accounts"]] == [
        ("6810", "0", "0"),
        ("6820", "2000", "2000"),
    ]
    assert "main EUR: difference 2000, unexplained 2000." in bursar("control", "reconcile").out
    bursar("control", "sign", "2026-01").refused("control.unexplained")
    bursar("control", "scope", "6820", "--reason", "held elsewhere").done()
    bursar("control", "sign", "2026-01").done()
    bursar("control", "sign", "2026-02").refused("control.no_balance")
    bursar("control", "scope", "6*2").refused("control.bad_scope")
    found = bursar("control", "reconcile", "--period", "2026-01", "--json").done().json
    assert found["signatures"]["main"]["changed_since"] is False
    bursar("verify").done()
