"""`bursar fx …` and `bursar costs --currency`: rates in, amounts out, the way told."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

from tests.surfaces.cli.conftest import Program

from bursar.core.money.rounding import round_half_up

RATES = "date,from,to,rate,type\n2026-01-05,EUR,USD,1.25,closing\n2026-01-01,EUR,USD,1.6,plan\n"


def test_vectors_to_the_printed_digits(bursar: Program, shared_data: Path) -> None:
    """Amounts by the program, against the vectors and against a reckoning of our own."""
    archive = shared_data / "fx" / "eurofxref-hist.zip"
    told = bursar("fx", "import", archive, "--json").done().json["imports"][0]
    with zipfile.ZipFile(archive) as found:
        table = list(csv.DictReader(io.StringIO(found.read("eurofxref-hist.csv").decode())))
    days = {row["Date"]: {"EUR": "1", **row} for row in table}
    cells = [cell for row in table for name, cell in row.items() if name and name != "Date"]
    assert told["added"] == sum(cell not in ("N/A", "") for cell in cells)
    assert told["rejected_total"] == 0
    vectors = [
        row
        for file in sorted((shared_data / "fx").glob("fx_vectors*.csv"))
        for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    ]
    assert len(vectors) >= 60
    for row in vectors[::4]:  # test_shared_rates has all of them, without the program around
        answer = (
            bursar(
                "fx",
                "convert",
                row["amount"],
                row["from"],
                row["to"],
                "--date",
                row["date"],
                "--json",
            )
            .done()
            .json
        )
        full, short = Decimal(row["expected_full"]), Decimal(row["expected_2dp_half_up"])
        above, below = map(int, answer["amount_fraction"].split("/"))
        day = days[row["rate_date_used"]]
        assert Fraction(above, below) == (
            Fraction(row["amount"]) / Fraction(day[row["from"]]) * Fraction(day[row["to"]])
        ), row
        places = -int(full.as_tuple().exponent)
        assert round_half_up(Fraction(above, below), places) == full, row
        with localcontext(prec=60):
            exact = Decimal(answer["amount_exact"])
            assert exact.quantize(full, rounding=ROUND_HALF_UP) == full, row
        assert answer["amount"] == str(short), row
        assert {leg["date"] for leg in answer["path"]} == {row["rate_date_used"]}
        ends = [answer["path"][0]["from"], answer["path"][-1]["to"]]
        assert ends == [row["from"], row["to"]]


def test_rates_are_set_listed_and_used(bursar: Program, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(RATES + "2026-01-06,EUR,USD,0,closing\n")
    told = bursar("fx", "import", file).done()
    assert "2 rates added, 0 changed, 0 known, 1 rejected" in told.out
    assert "rate.not_positive" in told.err
    assert bursar("fx", "import", file, "--strict").code == 1
    found = bursar("fx", "convert", "10", "usd", "eur", "--date", "2026-01-08").done()
    assert "8.00 EUR" in found.out
    assert "1 EUR = 1.25 USD" in found.out
    bursar("fx", "convert", "10", "USD", "EUR", "--date", "2026-01-20").refused("fx.stale_rate")
    bursar("fx", "convert", "10", "USD", "SEK", "--date", "2026-01-05").refused("fx.missing_rate")
    bursar("fx", "convert", "10", "USD", "ABC", "--date", "2026-01-05").refused("currency.unknown")
    bursar("fx", "convert", "10", "USD", "EUR", "--date", "soon").refused("cli.bad_options")
    back = bursar("fx", "convert", "-10", "USD", "EUR", "--date", "2026-01-05", "--json")
    assert back.done().json["amount"] == "-8.00"
    average = bursar("fx", "convert", "10", "USD", "EUR", "--date", "2026-01-31", "--type",
                     "average", "--json").done().json  # fmt: skip
    assert average["path"][0]["mean_of_days"] == "1"
    assert "set by system" not in bursar("fx", "rates").done().out
    bursar("fx", "set", "USD", "CHF", "0.8", "--date", "2026-01-01").done()
    rows = bursar("fx", "rates", "--type", "plan", "--json").done().json["rates"]
    assert [(r["from"], r["to"], r["rate"], r["source"]) for r in rows] == [
        ("EUR", "USD", "1.6", "rates.csv"), ("USD", "CHF", "0.8", "set by system"),
    ]  # fmt: skip
    bursar("fx", "set", "USD", "CHF", "0", "--date", "2026-01-01").refused("fx.bad_rate")
    bursar("fx", "reporting-currency", "USD").done()
    assert "in USD" in bursar("fx", "reporting-currency").done().out


def test_costs_and_their_change_in_one_currency(bursar: Program, tmp_path: Path) -> None:
    ledger = tmp_path / "gl.csv"
    ledger.write_text(
        "period,amount,currency,vendor\n2026-01,100,USD,Acme\n2026-01,10,EUR,Acme\n"
        "2026-02,100,USD,Acme\n"
    )
    bursar("import", ledger).done()
    asked = ("costs", "--by", "vendor", "--currency", "reporting")
    said = bursar(*asked).refused("report.missing_rate")
    assert "200 USD" in said.err
    file = tmp_path / "rates.csv"
    file.write_text(RATES + "2026-02-04,EUR,USD,2,closing\n")
    bursar("fx", "import", file).done()
    answer = bursar(*asked, "--json").done().json
    assert answer["totals"] == [{"currency": "EUR", "amount": "140"}]
    assert answer["conversion"]["rates"][0]["path"][0]["quoted"] == "1 EUR = 1.25 USD"
    assert "2026-02: 1 USD = 0.5 EUR" in bursar(*asked).done().out
    held = bursar("costs", "--by", "period", "--currency", "eur", "--at", "2026-02", "--json")
    assert held.done().json["totals"] == [{"currency": "EUR", "amount": "110"}]
    effect = bursar("fx", "effect", "--from", "2026-01", "--to", "2026-02", "--json").done().json
    assert effect["totals"] == [
        {"currency": "EUR", "before": "90", "after": "50", "change": "-40", "fx": "-30",
         "operating": "-10"}
    ]  # fmt: skip
    plain = bursar("fx", "effect", "--from", "plan", "--to", "2026-02", "--by", "vendor").done().out
    assert "-12.5" in plain
    bursar("costs", "--currency", "euros").refused("currency.unknown")
    bursar("costs", "--currency", "EUR", "--rate", "spot").refused("fx.unknown_type")
