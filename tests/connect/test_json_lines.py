"""JSON lines: one object per line, read as text cells and never as floats.

Rules I1, I2, I15 and I16 of docs/spec/import.md.
"""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import SOUND, read, row

from bursar.connect.errors import ImportRefused


def lines(*rows: dict[str, object]) -> str:
    return "".join(json.dumps(one) + "\n" for one in rows)


def save(folder: Path, text: str, name: str = "bill.jsonl") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_bill_reads_as_its_csv_does(tmp_path: Path) -> None:
    path = save(tmp_path, lines(row(), row(BilledCost="2", Tags='{"team": "data"}')))
    found = read(path)
    assert found.reading.format == "focus"
    assert found.rejected == []
    assert found.totals("billed_cost") == {"USD": Decimal("12.50")}
    assert found.column("tags") == ['{"team": "web"}', '{"team": "data"}']


def test_numbers_keep_every_digit(tmp_path: Path) -> None:
    digits = "0.100000000000000000000001"
    text = lines(row()).replace('"10.50"', digits, 1)
    assert read(save(tmp_path, text)).column("billed_cost") == [Decimal(digits)]


def test_a_name_that_comes_late_is_a_column(tmp_path: Path) -> None:
    found = read(save(tmp_path, lines(row(), row(x_late="here"))))
    assert found.column("x_late") == [None, "here"]


def test_objects_within_have_dotted_names_and_tags_stay_whole(tmp_path: Path) -> None:
    one = row() | {"Tags": {"a.b": "1", "c": 2}, "x_place": {"zone": {"name": "z1"}}, "x_l": [1.50]}
    found = read(save(tmp_path, lines(one).replace("1.5]", "1.50]")))
    assert json.loads(str(found.lines[0]["tags"])) == {"a.b": "1", "c": "2"}
    assert found.column("x_place.zone.name") == ["z1"]
    assert found.column("x_l") == ['["1.50"]']


@pytest.mark.parametrize(
    "broken", ['{"BilledCost": ', '{"BilledCost": 1, "BilledCost": 2}', "[1]", "text",
               '{"a": {"b": 1}, "a.b": 2}'],
)  # fmt: skip
def test_a_line_that_is_no_sound_object_is_rejected_alone(tmp_path: Path, broken: str) -> None:
    found = read(save(tmp_path, lines(row()) + broken + "\n\n" + lines(row())))
    assert found.codes == [(2, None, "import.torn_line")]
    assert found.rows == [1, 3]


def test_null_and_the_empty_text_are_no_value(tmp_path: Path) -> None:
    found = read(save(tmp_path, lines(SOUND | {"ListCost": None}, row(ListCost="NULL"))))
    assert found.column("list_cost") == [None, None]


def test_packed_and_marked_files(tmp_path: Path) -> None:
    packed = tmp_path / "bill.json.gz"
    packed.write_bytes(gzip.compress(lines(row()).encode()))
    marked = tmp_path / "bill.json"
    marked.write_bytes(b"\xef\xbb\xbf" + lines(row()).encode())
    assert len(read(packed).lines) == len(read(marked).lines) == 1


def test_a_folder_takes_json_lines_and_passes_single_objects_over(tmp_path: Path) -> None:
    save(tmp_path, lines(row(), row()), "part-1.json")
    save(tmp_path, lines({"run": "1"}), "about.json")
    found = read(tmp_path)
    assert found.reading.files == ["part-1.json"]
    assert len(found.lines) == 2


@pytest.mark.parametrize("text", ['{\n "BilledCost": 1\n}\n', '[{"BilledCost": 1}]', '{"a": {}}'])
def test_other_json_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        read(save(tmp_path, text))
    assert refusal.value.code == "import.not_a_table"
    assert "JSON" in refusal.value.message
