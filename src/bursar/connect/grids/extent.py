"""How far the sheets of a workbook reach, seen before they are read.

Readers hold a sheet as one rectangle. A single cell in the last corner makes that 17 thousand
million cells, so what reaches so far is refused before memory is asked for.
"""

from __future__ import annotations

import io
import re
import zipfile

from bursar.connect.errors import Damaged, NotATable

MOST_CELLS = 50_000_000
MOST_BYTES = 2 * 1024**3
_BLOCK = 4 * 1024 * 1024
_OVERLAP = 256
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\sr="([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\sr="(\d{1,7})"')


def refuse_sprawling(content: bytes, name: str) -> None:
    """Refusals: import.not_a_table where a sheet reaches too far, import.damaged."""
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise NotATable(f"{name}: unpacked, the workbook is larger than 2 GB; {_INSTEAD}")
            for entry in archive.namelist():
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", entry, re.IGNORECASE):
                    _refuse_sheet(archive, entry, name)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as failure:
        raise Damaged(
            f"{name}: the workbook is damaged ({str(failure)[:80]}); copy or save it again"
        ) from failure


_INSTEAD = "export the table as CSV"


def _refuse_sheet(archive: zipfile.ZipFile, entry: str, name: str) -> None:
    rows, columns, tail = 0, 0, b""
    with archive.open(entry) as stream:
        while block := stream.read(_BLOCK):
            seen = tail + block
            for letters, number in set(_CELL.findall(seen)):
                rows, columns = max(rows, int(number)), max(columns, _column(letters))
            rows = max([rows, *map(int, _ROW.findall(seen))])
            if rows * columns > MOST_CELLS:
                raise NotATable(
                    f"{name}: a sheet of the workbook reaches to row {rows:,} and column "
                    f"{columns:,}, further than can be read; delete what stands alone far from "
                    f"the table, or {_INSTEAD}"
                )
            tail = seen[-_OVERLAP:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
