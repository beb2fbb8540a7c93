"""What a source is called when nobody names it.

A restated bill often comes under another file name, so the name follows from what the bill is:
its providers and its billing accounts. Ledger extracts and measures have neither; they are
called by their file name without its dates.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

_MOST_PROVIDERS = 3
_LONGEST = 100
_DATE = re.compile(
    r"(?<!\d)(?:fy|cy)?(?:19|20)\d\d(?:[-_. ]?(?:q[1-4]|[pmw]?(?:0[1-9]|[1-4]\d|5[0-3])))?"
    r"(?:[-_. ]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)"
)
_MONTH = re.compile(
    r"jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|"
    r"oct(ober)?|nov(ember)?|dec(ember)?"
)


def slug(text: str) -> str:
    """Lower-case letters and digits with single hyphens between."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def name_of_file(paths: Sequence[Path]) -> str:
    """The file's (or folder's) name without its extension and the dates in it.

    Only what reads as a date goes: 'staff-2026-01.csv' and 'staff-2026-02.csv' are one source,
    'plant-1.csv' and 'plant-2.csv' are two.
    """
    stem = paths[0].name.split(".")[0] if paths else ""
    words = [w for w in slug(_DATE.sub("-", stem.lower())).split("-") if w]
    kept = [w for w in words if not _MONTH.fullmatch(w)]
    return "-".join(kept or words)[:_LONGEST] or "source"


class BillNaming:
    """Collects providers and accounts while a bill is read; the name is known at its end."""

    def __init__(self, paths: Sequence[Path], ending: str | None = None) -> None:
        self._paths = paths
        self._ending = f"-{ending}" if ending else ""
        self._providers: set[str] = set()
        self._accounts: set[str] = set()

    def add(self, lines: pa.Table) -> None:
        self._collect(lines, "service_provider_name", self._providers)
        self._collect(lines, "billing_account_id", self._accounts)

    def name(self) -> str:
        providers = "+".join(filter(None, map(slug, sorted(self._providers)[:_MOST_PROVIDERS])))
        if not providers or not self._accounts:
            return name_of_file(self._paths) + self._ending
        accounts = json.dumps(sorted(self._accounts), ensure_ascii=False)
        told_apart = hashlib.sha256(accounts.encode()).hexdigest()[:6]
        return f"{providers[:_LONGEST]}-{told_apart}{self._ending}"

    @staticmethod
    def _collect(lines: pa.Table, column: str, found: set[str]) -> None:
        if column in lines.column_names:
            found.update(v for v in pc.unique(lines[column]).to_pylist() if v is not None)
