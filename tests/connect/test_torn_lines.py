"""Lines that are torn: set aside by number, never shifted, never filled up with nulls.

Rules I12, I13 and I51 of docs/spec/import.md.
"""

from __future__ import annotations

import csv
import io
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connect.samples import as_csv, read_text, row

from bursar.connect import text as text_module
from bursar.connect.errors import NoRows
from bursar.connect.records import split_records

TORN = "import.torn_line"
SOUND = as_csv([row()]).split("\n")[1]
HEADER = as_csv([row()]).split("\n")[0]


def file_of(*lines: str) -> str:
    return "\n".join((HEADER, *lines)) + "\n"


@pytest.mark.parametrize(
    "torn",
    [
        SOUND[: len(SOUND) // 2],
        SOUND + ",one cell too many",
        SOUND.replace("USD,", ""),
        '"never closed,' + SOUND,
        SOUND.replace("Servers", '"Ser"vers'),
        SOUND[:-8] + SOUND,
        SOUND.replace("Servers", '"Servers'),
        SOUND.replace('"{""team"": ""web""}"', '"{""team"": ""we'),
    ],
)
@pytest.mark.parametrize("position", [0, 1, 4])
def test_torn_line_is_rejected_and_the_rest_loads(tmp_path: Path, torn: str, position: int) -> None:
    lines = [SOUND] * 4
    lines.insert(position, torn)
    found = read_text(tmp_path, file_of(*lines))
    assert found.codes == [(position + 1, None, TORN)]
    assert found.rejected[0]["raw"] == torn
    assert found.rows == [n for n in range(1, 6) if n != position + 1]
    assert set(found.column("service_name")) == {"Servers"}


@pytest.mark.parametrize("text", ['5" disk', 'a "b" c', "it's"])
def test_quotes_inside_a_cell_without_quotes_are_text(tmp_path: Path, text: str) -> None:
    found = read_text(tmp_path, file_of(SOUND.replace("Servers", text), SOUND))
    assert found.column("service_name") == [text, "Servers"]


def test_a_lone_carriage_return_tears_a_line(tmp_path: Path) -> None:
    found = read_text(tmp_path, file_of(SOUND, SOUND.replace("Servers", "Ser\rvers"), SOUND))
    assert found.codes == [(2, None, TORN)]
    assert found.rows == [1, 3]


def test_a_line_broken_in_two_gives_two_torn_rows(tmp_path: Path) -> None:
    broken = SOUND.replace("Example Cloud", "Example\nCloud")
    found = read_text(tmp_path, file_of(SOUND, broken, SOUND))
    assert [row for row, _, _ in found.codes] == [2, 3]
    assert found.rows == [1, 4]


def test_a_cut_off_last_line_is_torn(tmp_path: Path) -> None:
    found = read_text(tmp_path, file_of(SOUND, SOUND)[:-20])
    assert found.codes == [(2, None, TORN)]


def test_a_last_line_without_its_end_is_read(tmp_path: Path) -> None:
    assert read_text(tmp_path, file_of(SOUND, SOUND).rstrip("\n")).rows == [1, 2]


def test_blank_lines_do_not_count(tmp_path: Path) -> None:
    assert read_text(tmp_path, file_of(SOUND, "", "   ", SOUND, "")).rows == [1, 2]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    found = read_text(tmp_path, file_of(SOUND, SOUND).replace("\n", end))
    assert (found.rows, found.rejected) == ([1, 2], [])


def test_rows_over_block_borders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "BLOCK", 700)
    long = SOUND.replace("Servers", '"many\nshort\n\nlines, ""quoted""\n"')
    lines = [long if n % 3 == 0 else SOUND for n in range(60)]
    lines[31] = SOUND[:-30]
    lines[45] = '"open' + SOUND
    found = read_text(tmp_path, file_of(*lines))
    assert found.codes == [(32, None, TORN), (46, None, TORN)]
    assert found.rows == [n + 1 for n in range(60) if n not in (31, 45)]
    names = [line["service_name"] for line in found.lines if (line["source_row"] - 1) % 3 == 0]
    assert set(names) == {'many\nshort\n\nlines, "quoted"\n'}
    assert len(found.schemas) == 1


CELLS = st.text(alphabet='ab,"\n\r ;', max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=12), st.data())
def test_records_agree_with_a_strict_reader(rows: list[list[str]], data: st.DataObject) -> None:
    rows = [["x", *row[1:]] for row in rows]
    written = io.StringIO()
    returns = any("\r" in cell for row in rows for cell in row)
    quoting = csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL
    csv.writer(written, lineterminator="\n", quoting=quoting).writerows(rows)
    text = written.getvalue().encode()
    found = split_records(text, width=3, delimiter=",", at_end=True)
    assert found.torn == []
    assert list(csv.reader(io.StringIO(found.clean.decode(), newline=""))) == rows
    cut = data.draw(st.sampled_from([i + 1 for i, b in enumerate(text) if b == 10]))
    first = split_records(text[:cut], width=3, delimiter=",", at_end=False)
    second = split_records(first.rest + text[cut:], width=3, delimiter=",", at_end=True)
    assert bytes(first.clean + second.clean) == text


DESCRIPTIONS = ["plain", "with, comma", 'q "x" q', "two\nlines", "", "5' pipe"]


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([64, 300, 1 << 20]))
def test_one_damage_never_loses_a_row_silently(rng: random.Random, block: int) -> None:
    count = rng.randrange(3, 12)
    rows = [
        row(BilledCost=f"{n}.00{n}", ChargeDescription=rng.choice(DESCRIPTIONS))
        for n in range(1, count + 1)
    ]
    content = bytearray(as_csv(rows).encode())
    place = rng.randrange(content.index(b"\n") + 1, len(content) - 1)
    damage = rng.choice(["cut", "insert", "change"])
    if damage == "cut":
        del content[place : place + rng.randrange(1, 40)]
    elif damage == "insert":
        content[place:place] = rng.choice([b'"', b",", b"\n", b"\r", b'""'])
    else:
        content[place] = rng.choice(b'",\n;x9')
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_module, "BLOCK", block)
        try:
            found = read_text(Path(folder), bytes(content))
        except NoRows:
            return
    lost = count - len(found.lines)
    assert lost <= 3
    assert lost <= 0 or found.rejected
