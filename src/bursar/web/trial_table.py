"""The preview of an import as a table: how each row is read, beside the row as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bursar.connect.trial import Trial, TrialRow
from bursar.core.tables.cube import BASES, COST_COLUMN

_BADGES = {"read": ("good", "Read"), "rejected": ("watch", "Rejected"), "skipped": ("", "Left out")}
_HEADINGS = {
    "charge_period_start": "Date",
    "vendor": "Vendor",
    "document_ref": "Document",
    "charge_description": "Description",
    "gl_account": "Account",
    "cost_center": "Cost center",
    "legal_entity": "Entity",
    "treatment": "Treatment",
}


@dataclass(frozen=True)
class ShownRow:
    """One row: what became of it, the amounts and words read, and the cells as they stand."""

    number: int
    look: str
    state: str
    why: str
    amounts: list[tuple[str, Decimal]]
    read: list[str]
    cells: tuple[str, ...]
    torn: bool


@dataclass(frozen=True)
class TrialTable:
    """Headings of what is read and of the file's own columns, the rows, and sums so far."""

    headings: list[str]
    headers: tuple[str, ...]
    rows: list[ShownRow]
    sums: list[tuple[str, str, Decimal]]


def trial_table(trial: Trial) -> TrialTable:
    """Only columns of the ledger that some row fills are shown."""
    lines = [line for row in trial.rows for line in row.lines]
    names = [name for name in _HEADINGS if any(line.get(name) is not None for line in lines)]
    return TrialTable(
        headings=[_HEADINGS[name] for name in names],
        headers=trial.headers,
        rows=[_row(row, names, len(trial.headers)) for row in trial.rows],
        sums=[
            (currency, basis, amount) for (currency, basis), amount in sorted(trial.sums.items())
        ],
    )


def _row(row: TrialRow, names: list[str], width: int) -> ShownRow:
    look, state = _BADGES[row.state]
    first = row.lines[0] if row.lines else {}
    return ShownRow(
        number=row.number,
        look=look,
        state=state,
        why="; ".join(row.why),
        amounts=[amount for line in row.lines for amount in _amounts(line)],
        read=[_words(first.get(name)) for name in names],
        cells=row.cells,
        torn=len(row.cells) != width,
    )


def _amounts(line: dict[str, Any]) -> list[tuple[str, Decimal]]:
    """The line's amount once, though billed and effective say the same."""
    found = [line[COST_COLUMN[b]] for b in BASES if line.get(COST_COLUMN[b]) is not None]
    return [(line["billing_currency"], amount) for amount in dict.fromkeys(found)]


def _words(value: object) -> str:
    if value is None:
        return ""
    return value.date().isoformat() if isinstance(value, datetime) else str(value)
