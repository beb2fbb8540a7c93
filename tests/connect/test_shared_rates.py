"""The European Central Bank's table, read and applied without a database: all vectors (rule V8)."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from bursar.connect.rates import read_rates
from bursar.core.money.conversion import Quote, RateBook, shown_amount
from bursar.core.money.rounding import round_half_up


def test_every_vector_to_the_printed_digits(shared_data: Path) -> None:
    found = read_rates(shared_data / "fx" / "eurofxref-hist.zip")
    assert (found.format, found.rejected) == ("ecb", [])
    book = RateBook(
        [Quote(r.source, r.target, Fraction(r.rate), r.day) for r in found.rates], base="EUR"
    )
    vectors = [
        row
        for file in sorted((shared_data / "fx").glob("fx_vectors*.csv"))
        for row in csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    ]
    assert len(vectors) >= 60
    for row in vectors:
        way = book.way(row["from"], row["to"], date.fromisoformat(row["date"]))
        amount = Fraction(row["amount"]) * way.rate
        full = Decimal(row["expected_full"])
        assert round_half_up(amount, -int(full.as_tuple().exponent)) == full, row
        assert str(shown_amount(amount, row["to"])) == row["expected_2dp_half_up"], row
        assert {leg.quote.start.isoformat() for leg in way.legs} == {row["rate_date_used"]}
