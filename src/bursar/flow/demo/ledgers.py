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
_HIRED_FOR_MODELS = 6
_POWER = (1210, 1180, 1090, 990, 930, 900, 910, 920, 940, 1010, 1120, 1190)
Line = dict[str, str]


@cache
def _books() -> dict[str, Any]:
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


def staff(month: Month) -> Iterator[Line]:
    """Pay and social costs by position; who holds a position is not in the ledger."""
    for role, center, count, pay in _books()["positions"]:
        hired = count
        if role == "Data engineer" and month.start >= story.MODELS_GROW_FROM:
            hired += _HIRED_FOR_MODELS
        for number in range(hired):
            place = chance.token(f"{role}/{number}")
            grade = chance.one(f"pay/{role}/{number}", low=86, high=118)
            cents = pay * grade * story.pay_level(month) // 1000
            social = cents * _books()["social_costs"] // 1000
            named = {"cost_center": center, "position_id": f"P-{place}"}
            yield _line(month, cents, gl_account="6010", description=role, **named)
            yield _line(month, social, gl_account="6020", description=role, **named)


def outside(month: Month) -> Iterator[Line]:
    """Contractors, consultants and managed services; the migration team while it works."""
    for entry in _books()["outside"]:
        yield _vendor_line(month, entry, wobble=120)
    for entry in _books()["outside_in_kronor"]:
        yield _vendor_line(month, entry, wobble=30) | {"currency": "SEK"}
    if story.migrating(month):
        for entry in _books()["migration"]:
            line = _vendor_line(month, entry, wobble=60)
            yield line | {"initiative": MIGRATION_NAME, "intent": "transform"}


def licences(month: Month) -> Iterator[Line]:
    """Licences and support that are paid every month."""
    for entry in _books()["software"]:
        yield _vendor_line(month, entry, wobble=15)


def prepaid(month: Month) -> Iterator[Line]:
    """Software whose yearly fee is billed once and borne in twelve equal parts."""
    for vendor, account, center, due, amount, text in _books()["annual"]:
        named = {
            "gl_account": account, "cost_center": center, "vendor": vendor, "description": text,
        }  # fmt: skip
        yield _line(month, amount * 100 // 12, basis="effective", **named)
        if month.start.month == due:
            yield _line(month, amount * 100, basis="billed", **named)


def hardware(month: Month) -> Iterator[Line]:
    """What was bought (billed, capital) and the depreciation of what is in use (effective)."""
    for text, center, monthly, left in _books()["older_depreciation"]:
        if month.index < left:
            account = "6420" if text == "Warehouse system" else "6410"
            yield _depreciation(month, monthly * 100, center=center, text=text, account=account)
    for text, center, amount, life, first, every in _books()["assets"]:
        begin = next(m.index for m in MONTHS if m.code == first)
        for bought in range(begin, month.index + 1, every):
            price = amount * chance.one(f"{text}/{bought}", low=88, high=116)
            if bought == month.index:
                yield _purchase(month, price, center=center, text=text)
            age = month.index - bought
            part = price * (age + 1) // life - price * age // life  # adds up to the price
            yield _depreciation(month, part, center=center, text=text, account="6410")


def facilities(month: Month) -> Iterator[Line]:
    """Data centre space, power and cooling; a room fewer once the ERP system had moved."""
    entries = list(_books()["facilities"])
    if month.start < date(2026, 1, 1):
        entries += _books()["left_after_migration"]
    for entry in entries:
        season = _POWER[month.start.month - 1] if entry[1] == "6520" else 1000
        yield _vendor_line(month, entry, wobble=8, level=season)


def telecom(month: Month) -> Iterator[Line]:
    """Lines and mobile subscriptions, and the card payments that nobody has explained yet."""
    for entry in _books()["telecom"]:
        yield _vendor_line(month, entry, wobble=20)
    for entry in _books()["unexplained"]:
        yield _vendor_line(month, entry, wobble=400)


LEDGERS = {"staff": staff, "prepaid-software": prepaid, "hardware": hardware}
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


def _depreciation(month: Month, cents: int, *, center: str, text: str, account: str) -> Line:
    return _line(
        month, cents, basis="effective", gl_account=account, cost_center=center,
        description=f"Depreciation: {text.lower()}",
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
