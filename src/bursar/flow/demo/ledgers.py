"""The general ledger's technology lines of a month, in the columns of a plain ledger file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bursar.flow.demo import chance, story
from bursar.flow.demo.company import CURRENCY, MONTHS, Month

COLUMNS = (
    "posting_date", "service_start", "service_end", "amount", "currency", "basis", "gl_account",
    "cost_center", "vendor", "description", "document", "treatment", "intent", "initiative",
    "position_id",
)  # fmt: skip
MIGRATION_NAME = "ERP to the cloud"
HIRED_FOR_MODELS = 6
_POWER = (1210, 1180, 1090, 990, 930, 900, 910, 920, 940, 1010, 1120, 1190)
Line = dict[str, str]


@cache
def books() -> dict[str, Any]:
    text = Path(__file__).with_name("ledgers.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def write_ledger(lines: Iterator[Line], path: Path) -> int:
    """Writes lines as CSV and says how many there were."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        count = 0
        for count, line in enumerate(lines, start=1):  # noqa: B007
            writer.writerow(line)
    return count


def outside(month: Month) -> Iterator[Line]:
    """Contractors, consultants and managed services; the migration team while it works."""
    for entry in books()["outside"]:
        yield _vendor_line(month, entry, wobble=120)
    for entry in books()["outside_in_kronor"]:
        yield _vendor_line(month, entry, wobble=30) | {"currency": "SEK"}
    if story.migrating(month):
        for entry in books()["migration"]:
            line = _vendor_line(month, entry, wobble=60)
            yield line | {"initiative": MIGRATION_NAME, "intent": "transform"}


def licences(month: Month) -> Iterator[Line]:
    """Licences and support that are paid every month."""
    for entry in books()["software"]:
        yield _vendor_line(month, entry, wobble=15)


def prepaid(month: Month) -> Iterator[Line]:
    """Yearly fees as they are billed; the register of contracts spreads them."""
    for vendor, account, center, due, amount, text in books()["annual"]:
        if month.start.month == due:
            named = {"gl_account": account, "cost_center": center, "vendor": vendor}
            yield _line(month, amount * 100, basis="billed", description=text, **named)


def hardware(month: Month) -> Iterator[Line]:
    """What was bought, as capital; the register of assets depreciates it."""
    for text, center, amount, _, first, every in books()["assets"]:
        begin = next(m.index for m in MONTHS if m.code == first)
        if month.index >= begin and (month.index - begin) % every == 0:
            price = amount * chance.one(f"{text}/{month.index}", low=88, high=116)
            yield _purchase(month, price, center=center, text=text)


def facilities(month: Month) -> Iterator[Line]:
    """Data centre space, power and cooling; a room fewer once the ERP system had moved."""
    entries = list(books()["facilities"])
    if month.start < date(2026, 1, 1):
        entries += books()["left_after_migration"]
    for entry in entries:
        season = _POWER[month.start.month - 1] if entry[1] == "6520" else 1000
        yield _vendor_line(month, entry, wobble=8, level=season)


def telecom(month: Month) -> Iterator[Line]:
    """Lines and mobile subscriptions, and the card payments that nobody has explained yet."""
    for entry in books()["telecom"]:
        yield _vendor_line(month, entry, wobble=20)
    for entry in books()["unexplained"]:
        yield _vendor_line(month, entry, wobble=400)


def purchases(month: Month) -> Iterator[Line]:
    """Equipment and yearly fees, as they are billed."""
    yield from hardware(month)
    yield from prepaid(month)


LEDGERS = {"purchases": purchases}
"""What comes as plain ledger files; the rest are supplier invoices (`payables.py`)."""


def _vendor_line(month: Month, entry: list[Any], *, wobble: int, level: int = 1000) -> Line:
    vendor, account, center, amount, text = entry
    seed = f"{vendor}/{text}/{month.code}"
    moved = 1000 + chance.one(seed, low=-wobble, high=wobble)
    cents = amount * moved * level // 10_000
    return _line(
        month, cents, gl_account=account, cost_center=center, vendor=vendor, description=text,
        document=f"AP-{month.start:%y%m}-{chance.token(seed, digits=5)}",
    )  # fmt: skip


def _purchase(month: Month, cents: int, *, center: str, text: str) -> Line:
    return _line(
        month, cents, basis="billed", gl_account="1210", cost_center=center,
        vendor="Teknova Oy", description=f"Purchase: {text.lower()}", treatment="capex",
        document=f"AP-{month.start:%y%m}-{chance.token(text + month.code, digits=5)}",
    )  # fmt: skip


def _line(month: Month, cents: int, **columns: str) -> Line:
    last = month.end - timedelta(days=1)
    return {
        "posting_date": last.isoformat(),
        "service_start": month.start.isoformat(),
        "service_end": month.end.isoformat(),
        "amount": str(Decimal(cents).scaleb(-2)),
        "currency": CURRENCY,
        "treatment": "opex",
        "intent": "run",
        **columns,
    }
