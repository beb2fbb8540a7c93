"""What Tammera Home keeps in registers: its equipment, its contracts and its positions.

Their monthly cost is derived, so the ledger files hold only what was billed for them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from bursar.flow.demo import chance, story
from bursar.flow.demo.company import CURRENCY, MONTHS, Month
from bursar.flow.demo.ledgers import HIRED_FOR_MODELS, books
from bursar.record.actions.decide_invoice import decide_invoice
from bursar.record.actions.import_register import TableChoices, import_register
from bursar.record.actions.keep_records import keep_records
from bursar.record.actions.retire_assets import retire_assets
from bursar.record.actions.search_invoices import search_invoices
from bursar.record.actions.set_standard_rates import set_standard_rates
from bursar.record.models import RecordMatch
from bursar.record.registers.writing import Entry

_FIRST = MONTHS[0].start
_FIRMS = ("Arbor", "Bright", "Cobalt", "Delta", "Ember", "Fjord", "Gable", "Harbor", "Iris",
          "Juniper", "Kite")  # fmt: skip
_TOOLS = ("Boards", "Forms", "Charts", "Vault", "Signs")
_VACANT, _ON_CONTRACT = 31, 30
_SITES = ("Turku", "Porto", "Tampere", "Rotterdam", "Malmö")
_COLUMNS = (
    "Asset tag", "Name", "Category", "Purchase date", "Cost", "Supplier", "Location",
    "Cost center", "Warranty end", "Last seen", "Assigned to",
)  # fmt: skip


def keep_registers(folder: Path) -> None:
    """Import the equipment, enter contracts and positions, freeze standard rates, and say
    once for each contract that an invoice pays for it; later invoices follow."""
    keep_records(acting_user=None, register="asset_class", entries=list(classes()))
    path = write_assets(folder / "equipment.csv")
    told = TableChoices(constants={"currency": CURRENCY, "status": "in_use"},
                        reason="The list of the asset tracker")  # fmt: skip
    import_register(acting_user=None, register="asset", paths=[path], choices=told)
    retire_assets(
        acting_user=None, numbers=retired(), day=date(2026, 9, 14), proceeds=Decimal("4200.00"),
        reason="Old laptops, sold to staff",
    )  # fmt: skip
    keep_records(acting_user=None, register="contract", entries=list(contracts()))
    keep_records(acting_user=None, register="position", entries=list(positions()))
    for day in _pay_days():
        set_standard_rates(acting_user=None, day=day)
    search_invoices(acting_user=None)
    proposed = RecordMatch.objects.filter(register="contract", state="proposed")
    while (match := proposed.first()) is not None:
        decide_invoice(acting_user=None, match=match.pk, confirm=True, remember=True)


def classes() -> Iterator[Entry]:
    """One class for each kind of equipment, with its life and account."""
    for name, kind in _kinds().items():
        yield Entry(name, {
            "name": name, "useful_life_months": str(kind["life"]), "method": "straight_line",
            "gl_account": kind["account"],
        })  # fmt: skip


def write_assets(path: Path) -> Path:
    """The tracker's export: one row for each piece."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for name, kind in _kinds().items():
            number = 0
            for bought, cents in _lots(name, kind):
                count = max(round(cents / kind["unit"] / 100), 1)
                for piece in range(count):
                    number += 1
                    amount = cents * (piece + 1) // count - cents * piece // count
                    writer.writerow(_row(name, kind, (number, bought, amount)))
    return path


def retired() -> list[str]:
    """The laptops that were sold: the last dozen bought before the books begin."""
    kind = _kinds()["Laptops"]
    old = [max(round(c / kind["unit"] / 100), 1) for b, c in _lots("Laptops", kind) if b < _FIRST]
    return [f"LAP-{number:04d}" for number in range(sum(old) - 11, sum(old) + 1)]


def contracts() -> Iterator[Entry]:
    """What is paid once a year and billed by name, and the many small tools."""
    for place, (vendor, account, center, due, amount, text) in enumerate(books()["annual"], 1):
        start = date(2023 if due >= _FIRST.month else 2024, due, 1)
        yield Entry(f"C-{place:04d}", {
            "name": text, "vendor": vendor, "kind": "maintenance", "start": start.isoformat(),
            "end": (start.replace(year=start.year + 3) - timedelta(days=1)).isoformat(),
            "amount": str(amount), "priced_per": "year", "currency": CURRENCY,
            "amortization": "even_periods", "gl_account": account, "cost_center": center,
            "intent": "run", "renewal": "automatic", "renewal_months": "12", "notice_months": "3",
        })  # fmt: skip
    for place, (firm, tool) in enumerate(list(product(_FIRMS, _TOOLS))[:-2], 100):
        yield Entry(f"C-{place:04d}", _tool(f"{firm} {tool}"))


def positions() -> Iterator[Entry]:
    """Everybody who is paid, whom nobody was found for yet, and who works by the hour."""
    for role, center, count, pay in books()["positions"]:
        hired = count + (HIRED_FOR_MODELS if role == "Data engineer" else 0)
        for number in range(hired):
            late = number >= count
            start = story.MODELS_GROW_FROM if late else date(2022, 1, 1)
            grade = chance.one(f"pay/{role}/{number}", low=86, high=118)
            yield Entry(f"P-{chance.token(f'{role}/{number}')}", _position(role, center) | {
                "start": start.isoformat(), "state": "filled",
                "salaries": list(_salaries(pay * grade * 12 // 100, start)),
                **({"capital_percent": "15"} if role == "Commerce developer" else {}),
            })  # fmt: skip
    roles = books()["positions"]
    for number in range(_VACANT):
        role, center, _, _ = roles[number % len(roles)]
        opened = date(2026, 1 + number % 9, 1)
        yield Entry(f"V-{number + 1:03d}", _position(role, center) | {
            "start": opened.isoformat(), "state": "vacant",
        })  # fmt: skip
    outside = [entry for entry in books()["outside"] if entry[1] in ("6110", "6210")]
    for number in range(_ON_CONTRACT):
        vendor, account, center, _, text = outside[number % len(outside)]
        yield Entry(f"X-{number + 1:03d}", _position(text, center) | {
            "kind": "contractor", "vendor": vendor, "gl_account": account, "rate_per": "hour",
            "rate": str(78 + 4 * (number % 7)), "start": "2024-06-01", "ceiling": "120000",
        })  # fmt: skip


def _position(role: str, center: str) -> dict[str, Any]:
    return {"name": role, "role": role, "cost_center": center, "gl_account": "6010",
            "currency": CURRENCY, "intent": "run"}  # fmt: skip


def _salaries(yearly: int, start: date) -> Iterator[dict[str, str]]:
    """Pay from the first day, and from each day on which it rises."""
    oncost = str(Decimal(books()["social_costs"]) / 10)
    for day in (start, *(d for d in _pay_days()[1:] if d > start)):
        month = next((m for m in MONTHS if m.start <= day < m.end), MONTHS[0])
        amount = yearly * story.pay_level(month) // 1000
        yield {"date": day.isoformat(), "yearly": str(amount), "oncost_percent": oncost}


def _pay_days() -> list[date]:
    """The first day of the books, and each day on which everybody's pay rises."""
    rises = [
        month.start
        for before, month in pairwise(MONTHS)
        if story.pay_level(month) != story.pay_level(before)
    ]
    return [_FIRST, *rises]


def _kinds() -> dict[str, dict[str, Any]]:
    kinds: dict[str, dict[str, Any]] = books()["equipment"]
    return kinds


def _lots(name: str, kind: dict[str, Any]) -> Iterator[tuple[date, int]]:
    """What was bought when, in cents: before the books in three lots, and since then as billed."""
    old = kind.get("older")
    if old:
        monthly, left = old
        for shift in (-5, 0, 5):
            months = kind["life"] - left + shift
            number = _FIRST.year * 12 + _FIRST.month - 1 - months
            yield date(number // 12, number % 12 + 1, 9), monthly * 100 * kind["life"] // 3
    for month, cents in purchases(name):
        yield month.start.replace(day=16), cents


def purchases(name: str) -> Iterator[tuple[Month, int]]:
    """Month and cents of each purchase that was billed since the books begin."""
    for text, _, amount, _, first, every in books()["assets"]:
        if text == name:
            begin = next(m.index for m in MONTHS if m.code == first)
            for bought in range(begin, len(MONTHS), every):
                yield MONTHS[bought], amount * chance.one(f"{text}/{bought}", low=88, high=116)


def _row(name: str, kind: dict[str, Any], piece: tuple[int, date, int]) -> list[str]:
    number, bought, cents = piece
    tag = f"{kind['tag']}-{number:04d}"
    seen = MONTHS[-1].start + timedelta(days=chance.one(f"seen/{tag}", low=-120, high=29))
    return [
        tag, name.removesuffix("s"), name, bought.isoformat(), str(Decimal(cents).scaleb(-2)),
        "Teknova Oy", _SITES[number % len(_SITES)], kind["center"],
        bought.replace(year=bought.year + 3).isoformat(), seen.isoformat(),
        "" if number % 9 == 0 else f"u{chance.token(tag, digits=6)}",
    ]  # fmt: skip


def _tool(name: str) -> dict[str, Any]:
    """A subscription of some seats, dearer by a step or an index, more or less used."""
    months = chance.one(f"start/{name}", low=0, high=11)
    start = date(2023, 1 + months, 1)
    years = chance.one(f"term/{name}", low=1, high=3)
    seats = chance.one(f"seats/{name}", low=10, high=240)
    used = seats * chance.one(f"used/{name}", low=35, high=100) // 100
    told = {
        "name": name, "vendor": name.split(maxsplit=1)[0] + " Software", "kind": "subscription",
        "start": start.isoformat(),
        "end": (start.replace(year=start.year + years) - timedelta(days=1)).isoformat(),
        "unit_price": str(chance.one(f"price/{name}", low=18, high=96)), "quantity": str(seats),
        "currency": CURRENCY, "renewal": "automatic", "notice_months": str(1 + seats % 3),
        "amortization": "even_periods", "gl_account": "6310", "cost_center": "4240",
        "intent": "run", "use": [{"date": MONTHS[-1].start.isoformat(), "used": str(used)}],
    }  # fmt: skip
    if seats % 4 == 0:
        told["steps"] = [{"date": "2026-01-01", "percent": "6"}]
    elif seats % 4 == 1:
        told["index_percent"] = "2.5"
    return told
