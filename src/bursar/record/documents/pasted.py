"""Many lines of one document as text: pasted from a spreadsheet, or a small CSV file."""

from __future__ import annotations

import csv
import io
from typing import Any

from bursar.record.documents.draft import LINE_FIELDS, DraftLine, read_line
from bursar.record.errors import BadDocument

UNNAMED = ("amount", "gl_account", "cost_center", "vendor", "description")
"""What columns mean where the first row does not name them."""


def read_lines(text: str, *, after: int = 0) -> list[DraftLine]:
    """Lines of a table whose cells are parted by tabs, semicolons or commas.

    `after` is how many lines of the document stand before these, so that a refusal names the right
    one. Refusals: record.bad_document.
    """
    rows = [row for row in _rows(text) if any(cell.strip() for cell in row)]
    if not rows:
        return []
    names = [cell.strip().lower().replace(" ", "_") for cell in rows[0]]
    if "amount" in names:
        rows = rows[1:]
    elif len(rows[0]) > len(UNNAMED):
        raise BadDocument(
            f"The pasted lines have {len(rows[0])} columns. Name them in a first row, such as "
            f"{', '.join(LINE_FIELDS)}."
        )
    else:
        names = list(UNNAMED[: len(rows[0])])
    return [
        read_line(_given(names, row, number), number)
        for number, row in enumerate(rows, start=after + 1)
    ]


def _given(names: list[str], row: list[str], number: int) -> dict[str, Any]:
    if any(cell.strip() for cell in row[len(names) :]):
        raise BadDocument(f"Line {number} has more cells than there are columns. Mend the row.")
    return {name: cell.strip() for name, cell in zip(names, row, strict=False) if name}


def _rows(text: str) -> list[list[str]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    sign = next((sign for place in (first, text) for sign in "\t;," if sign in place), ",")
    try:
        return list(csv.reader(io.StringIO(text), delimiter=sign, strict=True))
    except csv.Error as problem:
        raise BadDocument(f"The pasted lines are no table: {problem}.") from problem
