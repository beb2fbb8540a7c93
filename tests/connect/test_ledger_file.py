"""The ledger CSV: one amount per row, filled up to a full cost line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import Result, read, read_text


def ledger(folder: Path, header: str, *rows: str) -> Result:
    return read_text(folder, "\n".join((header, *rows)), name="ledger.csv")


def test_few_columns_are_enough(tmp_path: Path) -> None:
    found = ledger(tmp_path, "posting_date,amount,currency", "2026-03-10,19.99,EUR")
    line = found.lines[0]
    assert (found.reading.format, found.reading.format_version) == ("ledger", "1")
    assert (line["billed_cost"], line["effective_cost"]) == (Decimal("19.99"), Decimal("19.99"))
    assert line["booked_cost"] is None
    assert line["charge_category"] == "Purchase"
    assert str(line["billing_period_start"]) == "2026-03-01 00:00:00+00:00"
    assert str(line["billing_period_end"]) == "2026-04-01 00:00:00+00:00"
    assert str(line["charge_period_start"]) == "2026-03-10 00:00:00+00:00"
    assert str(line["charge_period_end"]) == "2026-03-11 00:00:00+00:00"


def test_a_period_is_a_whole_month(tmp_path: Path) -> None:
    found = ledger(tmp_path, "period;amount;currency", "2025-12;5;CHF")
    line = found.lines[0]
    assert str(line["charge_period_start"]) == "2025-12-01 00:00:00+00:00"
    assert str(line["charge_period_end"]) == "2026-01-01 00:00:00+00:00"


def test_every_column(tmp_path: Path) -> None:
    found = ledger(
        tmp_path,
        "Posting Date,Amount,Currency,legal_entity,gl_account,cost_center,vendor,description,"
        "document,initiative,treatment,intent,solution,service_start,service_end,basis,"
        "position_id,quantity,unit,service_category,tags,x_note",
        "2026-01-31,-5E1,eur,DE01,6400,CC-7,Consult GmbH,January days,RE-9,Move,OPEX,Run,Webshop,"
        "2026-01-01,2026-01-31,effective,P-1,20,Days,Other,\"{'team': 'a'}\",kept",
    )
    assert found.rejected == []
    line = found.lines[0]
    expected = {
        "billed_cost": None, "effective_cost": Decimal(-50), "booked_cost": None,
        "billing_currency": "EUR", "legal_entity": "DE01", "gl_account": "6400",
        "cost_center": "CC-7", "vendor": "Consult GmbH", "charge_description": "January days",
        "document_ref": "RE-9", "initiative": "Move", "treatment": "opex", "intent": "run",
        "solution": "Webshop", "position_id": "P-1", "consumed_quantity": Decimal(20),
        "consumed_unit": "Days", "service_category": "Other", "tags": '{"team": "a"}',
        "x_note": "kept",
    }  # fmt: skip
    assert {name: line[name] for name in expected} == expected
    assert str(line["charge_period_end"]) == "2026-02-01 00:00:00+00:00"


@pytest.mark.parametrize("name", ["Document Number", "Invoice No", "document_no"])
def test_the_document_goes_by_other_names_too(tmp_path: Path, name: str) -> None:
    """Matches and duplicates are found by it, so it may not be lost beside the ledger's columns."""
    found = ledger(tmp_path, f"posting_date,amount,currency,{name}", "2026-03-10,1,EUR,RE-9")
    assert found.lines[0]["document_ref"] == "RE-9"


def test_of_several_numbers_none_is_taken_for_the_document(tmp_path: Path) -> None:
    head = "posting_date,amount,currency,Document No,Invoice No"
    assert ledger(tmp_path, head, "2026-03-10,1,EUR,4711,RE-9").lines[0].get("document_ref") is None
    head = "posting_date,amount,currency,document,Invoice No"
    line = ledger(tmp_path, head, "2026-03-10,1,EUR,4711,RE-9").lines[0]
    assert line["document_ref"] == "4711"


@pytest.mark.parametrize(
    ("basis", "filled"),
    [
        ("", {"billed_cost", "effective_cost"}),
        ("billed", {"billed_cost"}),
        ("effective", {"effective_cost"}),
        ("Booked", {"booked_cost"}),
    ],
)
def test_basis(tmp_path: Path, basis: str, filled: set[str]) -> None:
    found = ledger(tmp_path, "period,amount,currency,basis", f"2026-01,3,EUR,{basis}")
    costs = ("billed_cost", "effective_cost", "booked_cost", "list_cost", "contracted_cost")
    assert {name for name in costs if found.lines[0][name] is not None} == filled


HEADER = (
    "posting_date,period,amount,currency,basis,treatment,intent,charge_category,"
    "service_start,service_end"
)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ("31.01.2026,,1,EUR,,,,,,", "posting_date", "import.date_invalid"),
        ("1/31/2026,,1,EUR,,,,,,", "posting_date", "import.date_invalid"),
        ("2026-02-30,,1,EUR,,,,,,", "posting_date", "import.date_invalid"),
        (",2026-13,1,EUR,,,,,,", "period", "import.period_invalid"),
        (",,1,EUR,,,,,,", None, "import.date_missing"),
        ("2026-01-31,,,EUR,,,,,,", "amount", "import.amount_missing"),
        ('2026-01-31,,"1.234,50",EUR,,,,,,', "amount", "import.amount_separators"),
        ("2026-01-31,,(5.00),EUR,,,,,,", "amount", "import.amount_brackets"),
        ("2026-01-31,,1,,,,,,,", "currency", "import.currency_unknown"),
        ("2026-01-31,,1,EUR,cash,,,,,", "basis", "import.basis_unknown"),
        ("2026-01-31,,1,EUR,,leasing,,,,", "treatment", "import.treatment_unknown"),
        ("2026-01-31,,1,EUR,,,keep,,,", "intent", "import.intent_unknown"),
        ("2026-01-31,,1,EUR,,,,Fee,,", "charge_category", "import.charge_category_unknown"),
        ("2026-01-31,,1,EUR,,,,,2026-02-01,2026-01-01", "service_end", "import.period_reversed"),
        ("2026-01-31,,1,EUR", None, "import.torn_line"),
    ],
)
def test_bad_rows(tmp_path: Path, cells: str, column: str | None, code: str) -> None:
    found = ledger(tmp_path, HEADER, "2026-01-31,,7,EUR,,,,,,", cells)
    assert [(n, c, k) for n, c, k in found.codes if k == code] == [(2, column, code)]
    assert found.totals("billed_cost") == {"EUR": Decimal(7)}


def test_service_end_alone_ends_what_posting_date_starts(tmp_path: Path) -> None:
    header = "posting_date,amount,currency,service_end"
    found = ledger(tmp_path, header, "2026-01-10,1,EUR,2026-01-31", "2026-01-10,1,EUR,2025-12-31")
    assert str(found.lines[0]["charge_period_end"]) == "2026-02-01 00:00:00+00:00"
    assert found.codes == [(2, "service_end", "import.period_reversed")]


def test_columns_that_the_ledger_fills_itself_are_kept_beside(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("period,amount,currency,billed_cost\n2026-01,1,EUR,7\n")
    line = read(path, format="ledger").lines[0]
    assert (line["billed_cost"], line["x_billed_cost"]) == (Decimal(1), "7")


def test_format_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("period,amount,currency\n2026-01,1,EUR\n")
    assert read(path, format="ledger").rows == [1]
