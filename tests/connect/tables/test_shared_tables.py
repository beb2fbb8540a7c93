"""Outside tables: every one loads or is refused for a reason; fifteen are compared cell by cell.

The expected cells were read in another way than by our readers: by the csv module, openpyxl, the
XML of the file, or by eye. Rules R1-R8 of docs/spec/import.md.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bursar.connect.errors import ImportRefused
from bursar.connect.looking import look
from bursar.connect.table import read_table

GOLDEN = Path(__file__).parents[2] / "golden" / "tables"
HEADER_ONLY = {
    "multilineods.ods", "small.csv", "unicode_sheet_name.xls", "utf8bom.csv",
    "merged-cells-boolean.xls",
}  # fmt: skip
"""Files with one row: it is taken as the header, so there is nothing to load."""

EMPTY = {"libreoffice.xlsx": "no sheet of the workbook has a filled cell"}


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_cell_by_cell(shared_data: Path, golden: Path) -> None:
    wanted = json.loads(golden.read_text(encoding="utf-8"))
    found = read_table(shared_data / "messy" / wanted["file"])
    assert found.table.column_names == wanted["columns"]
    rows = [list(row.values()) for row in found.table.to_pylist()]
    stripped = [[cell and (cell.strip() or None) for cell in row] for row in rows]
    assert stripped == wanted["rows"]
    assert [list(one) for one in found.torn] == wanted["torn"]


def test_every_outside_table_loads_or_is_refused_for_a_reason(shared_data: Path) -> None:
    files = sorted(path for path in (shared_data / "messy").rglob("*") if path.is_file())
    loaded = 0
    for path in files:
        if path.name in EMPTY:
            with pytest.raises(ImportRefused) as refused:
                read_table(path)
            assert EMPTY[path.name] in refused.value.message
            continue
        found = read_table(path)
        assert (found.table.num_rows == 0) == (path.name in HEADER_ONLY), path.name
        loaded += found.table.num_rows > 0
    assert len(files) == 43
    assert loaded >= 35


def test_what_they_are_is_seen(shared_data: Path) -> None:
    def seen(name: str) -> tuple[str, str | None, str | None, int]:
        found = look([next((shared_data / "messy").rglob(name))])
        return found.kind, found.encoding, found.delimiter, found.header_row

    assert seen("latin1.csv") == ("text", "cp1252", ",", 1)
    assert seen("characters.csv") == ("text", "big5", ",", 1)
    assert seen("utf-16le_encoded.csv") == ("text", "utf-16-le", ",", 1)
    assert seen("example.tsv") == ("text", "utf-8", "\t", 1)
    assert seen("weird_head_padding.csv") == ("text", "utf-8", ";", 12)
    assert seen("begrotingsanalyse-2011.csv") == ("text", "utf-8", ",", 7)
    assert seen("issue320.xlsx") == ("xlsx", None, None, 12)
    assert seen("bian-anal-mca-2005-dols-eng-1011-0312-tab3.xlsm")[0] == "xlsm"


def test_a_header_of_several_merged_rows(shared_data: Path) -> None:
    found = look([shared_data / "messy" / "tabulator-py" / "issue320.xlsx"])
    assert found.header_rows == 3
    assert found.headers[:7] == (
        "Country", "Level 1 Name", "Area", "Analysis Name", "Date of Analysis",
        "Country Population", "Current Population Analysed #",
    )  # fmt: skip
    assert found.headers[10] == "Current Phase 1 #"
    dutch = look([shared_data / "messy" / "messytables" / "begrotingsanalyse-2011.csv"])
    assert dutch.headers[:4] == ("NR.", "Cluster", "A Groningen", "B Friesland")
