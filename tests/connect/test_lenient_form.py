"""What is read although it is written differently: spellings, order, encodings, folders.

Rules I2, I4, I6, I7, I14, I30, I31 and I40 of docs/spec/import.md.
"""

from __future__ import annotations

import gzip
import random
from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import as_csv, read, read_rows, read_text, row, write

from bursar.connect.cells.tags import tags_as_json
from bursar.connect.preview import preview


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05T00:00:00Z", "2026-01-05 00:00:00+00:00"),
        ("2026-01-05 13:45:10", "2026-01-05 13:45:10+00:00"),
        ("2026-01-05", "2026-01-05 00:00:00+00:00"),
        ("2026-01-05T10:00", "2026-01-05 10:00:00+00:00"),
        ("2026-01-05 10:00:00.123456789 UTC", "2026-01-05 10:00:00.123456+00:00"),
        ("2026-01-05T10:00:00+02:00", "2026-01-05 08:00:00+00:00"),
        ("2026-01-05T10:00:00-0530", "2026-01-05 15:30:00+00:00"),
        (" 2026-01-05T10:00:00z ", "2026-01-05 10:00:00+00:00"),
        ("1/5/26", "2026-01-05 00:00:00+00:00"),
        ("01/05/2026 3:07 PM", "2026-01-05 15:07:00+00:00"),
        ("1/5/2026 12:30:15 AM", "2026-01-05 00:30:15+00:00"),
        ("2/29/2024", "2024-02-29 00:00:00+00:00"),
    ],
)
def test_moments(tmp_path: Path, text: str, moment: str) -> None:
    found = read_rows(tmp_path, row(ChargePeriodStart=text))
    assert found.rejected == []
    assert str(found.column("charge_period_start")[0]) == moment
    assert ("import.month_first_dates" in found.warning_codes) == ("/" in text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.5E3", "1500"),
        ("1e-24", "0.000000000000000000000001"),
        ("-2.50 ", "-2.5"),
        ("+7", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0.10000000000000000000000000000", "0.1"),
        ("99999999999999.999999999999999999999999", "99999999999999.999999999999999999999999"),
        ("-0", "0"),
        ("0E+50", "0"),
    ],
)
def test_amounts(tmp_path: Path, text: str, amount: str) -> None:
    found = read_rows(tmp_path, row(BilledCost=text))
    assert found.totals("billed_cost") == {"USD": Decimal(amount)}


def test_header_spelling_and_order_are_free(tmp_path: Path) -> None:
    names = list(row())
    random.Random(3).shuffle(names)
    lines = [",".join(f'"{row()[n]}"'.replace('{"team": "web"}', "") for n in names)]
    for spell in (str.upper, str.lower, lambda name: f" {name} "):
        header = ",".join(spell(name) for name in names)
        found = read_text(tmp_path, "\n".join([header, *lines]))
        assert found.totals("billed_cost") == {"USD": Decimal("10.5")}


def test_snake_case_headers_and_own_columns(tmp_path: Path) -> None:
    text = as_csv([row(cost_center="CC1", legal_entity="DE01", source="elsewhere")])
    text = text.replace("BilledCost", "billed_cost").replace("ServiceName", "service_name")
    found = read_text(tmp_path, text)
    line = found.lines[0]
    assert (line["cost_center"], line["legal_entity"]) == ("CC1", "DE01")
    assert line["x_source"] == "elsewhere"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = as_csv([row(ServiceName="Größe €")] * 2, delimiter=delimiter)
    found = read_text(tmp_path, text.encode(encoding))
    assert found.column("service_name") == ["Größe €"] * 2
    assert found.rejected == []


def test_a_line_that_names_the_delimiter_is_passed_over(tmp_path: Path) -> None:
    found = read_text(tmp_path, "sep=;\n" + as_csv([row()], delimiter=";"))
    assert found.rows == [1]


def test_case_of_words_does_not_matter(tmp_path: Path) -> None:
    found = read_rows(tmp_path, row(ChargeCategory="USAGE", BillingCurrency=" usd "))
    assert found.column("charge_category") == ["Usage"]
    assert found.column("billing_currency") == ["USD"]


def test_parts_that_spell_a_column_differently(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", [row(x_Team="a")])
    write(tmp_path / "b.csv", [row(X_TEAM="b")])
    assert read(tmp_path).column("x_Team") == ["a", "b"]


def test_columns_without_a_name(tmp_path: Path) -> None:
    header, line, *_ = as_csv([row()]).split("\n")
    found = read_text(tmp_path, f"{header},,\n{line},note,\n")
    assert found.lines[0]["column 14"] == "note"


def test_null_words_are_nulls(tmp_path: Path) -> None:
    found = read_rows(tmp_path, row(ServiceName="NULL", Tags="null", ListCost="Null"))
    line = found.lines[0]
    assert (line["service_name"], line["tags"], line["list_cost"]) == (None, None, None)


def test_a_folder_of_parts_is_one_import(tmp_path: Path) -> None:
    export = tmp_path / "export"
    (export / "part").mkdir(parents=True)
    write(export / "b.csv", [row(), row()])
    packed = gzip.compress(as_csv([row(x_team="a")]).encode())
    packed += gzip.compress((as_csv([row(x_team="b")]).split("\n")[1] + "\n").encode())
    (export / "part" / "0.csv.gz").write_bytes(packed)
    (export / "manifest.json").write_text("{}")
    (export / "_SUCCESS").write_text("")
    found = read(export)
    assert found.reading.files == ["b.csv", "part/0.csv.gz"]
    assert found.rows == [1, 2, 3, 4]
    assert found.column("x_team") == [None, None, "a", "b"]
    assert len(found.schemas) == 1
    assert "import.files_skipped" in found.warning_codes


def test_the_fingerprint_is_of_content_and_not_of_names(tmp_path: Path) -> None:
    first = read(write(tmp_path / "a.csv", [row()])).reading.content_sha256
    second = read(write(tmp_path / "b.csv", [row()])).reading.content_sha256
    third = read(write(tmp_path / "c.csv", [row(BilledCost="1")])).reading.content_sha256
    assert first == second != third


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"b": "2", "a": 1.50}', '{"a": "1.50", "b": "2"}'),
        ("{'a': 'x', 'b': None}", '{"a": "x", "b": null}'),
        ('[{"key":"a","value":"x"}]', '{"a": "x"}'),
        ('[{"Key":"a","Value":"x"},{"Key":"b","Value":""}]', '{"a": "x", "b": ""}'),
        ('"a": "x","b": "y"', '{"a": "x", "b": "y"}'),
        ('[["a", "x"]]', '{"a": "x"}'),
        ("{}", "{}"),
        ("[]", "{}"),
        ("NULL", None),
        (" ", None),
    ],
)
def test_tags_are_understood(text: str, expected: str | None) -> None:
    assert tags_as_json(text) == (True, expected)


@pytest.mark.parametrize("text", ["a=b", "{", "[1, 2]", "__import__('os')", "{'a': open}"])
def test_tags_are_left_alone(text: str) -> None:
    assert tags_as_json(text) == (False, text)


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    found = read_rows(tmp_path, row(ContractedCost=""), row(BilledCost="bad"))
    again = list(found.reading.chunks())
    assert [line for chunk in again for line in chunk.lines.to_pylist()] == found.lines
    assert sum("cost_null" in w.code for w in found.reading.warnings) == 1


def test_preview(tmp_path: Path) -> None:
    rows = [row(x_team="a"), row(BilledCost="(1)"), *[row()] * 98, row(BilledCost="late")]
    shown = preview(write(tmp_path / "bill.csv", rows), rows=10)
    assert (shown.format, shown.format_version, shown.files) == ("focus", "1.0", ["bill.csv"])
    assert len(shown.rows) == 10
    assert shown.rows[0]["billed_cost"] == "10.5"
    assert shown.rows[0]["charge_period_start"] == "2026-01-05T00:00:00Z"
    assert [one["code"] for one in shown.rejected] == ["import.amount_brackets"]
    mapped = {one.header: (one.target, one.known) for one in shown.mapping}
    assert mapped["BilledCost"] == ("billed_cost", True)
    assert mapped["x_team"] == ("x_team", False)
