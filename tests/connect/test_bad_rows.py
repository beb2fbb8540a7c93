"""Rows that cannot be read exactly: rejected with place and reason, the rest loads.

Rules I8, I13, I20, I21, I23, I32, I33, I35, I50 and I51 of docs/spec/import.md.
"""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import as_csv, read, read_rows, read_text, row, write

from bursar.connect.codes import NOTES, REJECTIONS

BAD_AMOUNTS = [
    ("1,234.50", "import.amount_separators"),
    ("1.234,50", "import.amount_separators"),
    ("1234,5", "import.amount_separators"),
    ("(5.00)", "import.amount_brackets"),
    ("NaN", "import.amount_not_a_number"),
    ("Infinity", "import.amount_not_a_number"),
    ("$5.00", "import.amount_not_a_number"),
    ("$10,000.00 ", "import.amount_not_a_number"),
    ("5 USD", "import.amount_not_a_number"),
    ("1_000", "import.amount_not_a_number"),
    ("0x10", "import.amount_not_a_number"),
    ("--5", "import.amount_not_a_number"),
    ("1e", "import.amount_not_a_number"),
    ("٣", "import.amount_not_a_number"),
    ("1" * 40, "import.amount_too_large"),
    ("1E30", "import.amount_too_large"),
    ("123456789012345", "import.amount_too_large"),
    ("0." + "1" * 25, "import.amount_too_precise"),
    ("1E-25", "import.amount_too_precise"),
    ("0." + "1" * 40, "import.amount_too_precise"),
    ("", "import.amount_missing"),
    ("NULL", "import.amount_missing"),
    (" null ", "import.amount_missing"),
]


@pytest.mark.parametrize(("text", "code"), BAD_AMOUNTS)
def test_bad_amount(tmp_path: Path, text: str, code: str) -> None:
    found = read_rows(tmp_path, row(), row(BilledCost=text), row(BilledCost="0.25"))
    assert found.codes == [(2, "BilledCost", code)]
    assert found.rows == [1, 3]
    assert found.totals("billed_cost") == {"USD": Decimal("10.75")}
    assert found.rejected[0]["file"] == "bill.csv"
    assert len(found.rejected[0]["message"]) > 20


def test_raw_text_is_kept(tmp_path: Path) -> None:
    found = read_rows(tmp_path, row(), row(EffectiveCost="(5.00)"))
    assert found.rejected[0]["raw"] == "(5.00)"


BAD_DATES = [
    ("2026-02-30T00:00:00Z", "import.date_invalid"),
    ("2026-13-01", "import.date_invalid"),
    ("2025-02-29", "import.date_invalid"),
    ("2026-01-05T25:00:00Z", "import.date_invalid"),
    ("13/1/2026", "import.date_invalid"),
    ("2/30/26", "import.date_invalid"),
    ("1/5/26 13:00 PM", "import.date_invalid"),
    ("05.01.2026", "import.date_invalid"),
    ("46027", "import.date_invalid"),
    ("0001-01-01", "import.date_invalid"),
    ("yesterday", "import.date_invalid"),
    ("", "import.date_missing"),
    ("NULL", "import.date_missing"),
]


@pytest.mark.parametrize("column", ["BillingPeriodStart", "ChargePeriodStart", "ChargePeriodEnd"])
@pytest.mark.parametrize(("text", "code"), BAD_DATES)
def test_bad_date(tmp_path: Path, column: str, text: str, code: str) -> None:
    found = read_rows(tmp_path, row(), row(**{column: text}))
    assert found.codes == [(2, column, code)]


@pytest.mark.parametrize("text", ["", "XYZ", "Dollar", "US"])
def test_bad_currency(tmp_path: Path, text: str) -> None:
    found = read_rows(tmp_path, row(), row(BillingCurrency=text))
    assert found.codes == [(2, "BillingCurrency", "import.currency_unknown")]


@pytest.mark.parametrize("text", ["", "Refund", "usages"])
def test_bad_charge_category(tmp_path: Path, text: str) -> None:
    found = read_rows(tmp_path, row(), row(ChargeCategory=text))
    assert found.codes == [(2, "ChargeCategory", "import.charge_category_unknown")]


def test_a_row_has_all_its_reasons_and_counts_once(tmp_path: Path) -> None:
    found = read_rows(tmp_path, row(BilledCost="x", ChargePeriodEnd="y"), row())
    assert [code for _, _, code in found.codes] == [
        "import.amount_not_a_number",
        "import.date_invalid",
    ]
    assert found.rows_read == 2


def test_rows_are_numbered_over_all_parts(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", [row(), row()])
    second = write(tmp_path / "b.csv", [row(BilledCost="bad"), row()])
    found = read(first, second)
    assert found.rows == [1, 2, 4]
    assert found.column("source_file") == ["a.csv", "a.csv", "b.csv"]
    assert found.rejected[0] | {"row": 3, "file": "b.csv"} == found.rejected[0]


def test_rows_of_empty_cells_are_passed_over_with_a_note(tmp_path: Path) -> None:
    text = as_csv([row(), row()]) + "," * 12 + "\n" + as_csv([row()]).split("\n")[1] + "\n"
    found = read_text(tmp_path, text)
    assert found.rejected == []
    assert found.rows == [1, 2, 4]
    assert found.warning_codes & {"import.blank_rows"}


def test_a_charge_period_that_ends_early_is_noted_and_kept(tmp_path: Path) -> None:
    found = read_rows(tmp_path, row(ChargePeriodEnd="2026-01-04"))
    assert found.rows == [1]
    assert found.warning_codes >= {"import.period_reversed"}


def test_empty_other_costs_stay_empty_and_are_noted_once(tmp_path: Path) -> None:
    found = read_rows(
        tmp_path,
        row(ContractedCost="", EffectiveCost="NULL"),
        row(ContractedCost=""),
        row(BilledCost="bad", ContractedCost=""),
    )
    assert found.column("contracted_cost") == [None, None]
    notes = [w.message for w in found.reading.warnings if w.code == "import.cost_null"]
    assert len(notes) == 1
    assert "ContractedCost 2" in notes[0]
    assert "EffectiveCost 1" in notes[0]


def test_missing_columns_that_are_not_required_are_noted(tmp_path: Path) -> None:
    found = read_rows(tmp_path, row())
    notes = [w.message for w in found.reading.warnings if w.code == "import.columns_absent"]
    assert len(notes) == 1
    assert "PublisherName" in notes[0]


def test_unreadable_tags_stay_and_are_noted(tmp_path: Path) -> None:
    found = read_rows(tmp_path, row(Tags="what is this"), row())
    assert found.column("tags") == ["what is this", '{"team": "web"}']
    assert "import.tags_unreadable" in found.warning_codes


def test_every_code_is_explained() -> None:
    source = Path(__file__).parents[2] / "src" / "bursar" / "connect"
    readers = [file for file in source.rglob("*.py") if file.name not in ("codes.py", "errors.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in readers)
    given = set(re.findall(r'"((?:import|rate)\.[a-z_]+)"', text))
    found_later = {"rate.overlap"}  # seen by the act that knows the rates in force
    assert given | found_later == {*REJECTIONS, *NOTES}
