"""Small tables for tests, and everything that a reading of one gives."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from bursar.connect.looking import look
from bursar.connect.looks.proposing import propose
from bursar.connect.profile import Profile, told
from bursar.connect.reading import Reading, open_reading
from bursar.core.money.amount import exact_sum


class Read:
    """Lines, rejected and skipped rows of a reading."""

    def __init__(self, reading: Reading) -> None:
        chunks = list(reading.chunks())
        self.reading = reading
        self.lines = [line for chunk in chunks for line in chunk.lines.to_pylist()]
        self.rejected = [one for chunk in chunks for one in chunk.rejected.to_pylist()]
        self.skipped = [one for chunk in chunks for one in chunk.skipped.to_pylist()]
        self.rows_read = sum(chunk.rows_read for chunk in chunks)
        self.warnings = {warning.code: warning.message for warning in reading.warnings}

    def total(self, column: str = "billed_cost") -> Decimal:
        return exact_sum(line[column] for line in self.lines if line[column] is not None)

    def costs(self) -> list[str]:
        found = [line["billed_cost"] or line["booked_cost"] for line in self.lines]
        return [str(Decimal(cost).normalize()) if cost else "0" for cost in found]

    def days(self) -> list[str]:
        return [line["charge_period_start"].strftime("%Y-%m-%d") for line in self.lines]

    def codes(self) -> list[str]:
        return [one["code"] for one in self.rejected]


def proposed(path: Path, *sayings: str, currency: str | None = "EUR") -> Profile:
    return told(propose(look([path]), currency), sayings)


def read_proposed(path: Path, *sayings: str, currency: str | None = "EUR") -> Read:
    return Read(open_reading([path], profile=proposed(path, *sayings, currency=currency)))


def write(path: Path, rows: Sequence[str], encoding: str = "utf-8") -> Path:
    path.write_bytes(("\n".join(rows) + "\n").encode(encoding))
    return path


def line(found: Read, at: int = 0) -> dict[str, Any]:
    return dict(found.lines[at])
