"""From a commitment's lines and its policy to the lines beside them (rules CP2-CP7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bursar.core.calc.commitments import CENTRAL, PRICE, SAVING, SHARED, SHARING, Move, Part, moves
from bursar.lake.commitment_sums import NEEDED, commitment_sums
from bursar.lake.day_sums import FIRST_DAY, LAST_DAY
from bursar.lake.lines import LineFiles
from bursar.record.models import Commitment
from bursar.record.split_lines import CARRIED, ORIGIN, Row, derived_line

SOURCE = "commitments"
"""The source of every line that a policy adds."""
PART = "x_commitment_part"
OWN = (PART, ORIGIN)

_OF_COMMITMENT = (
    "commitment_discount_id", "commitment_discount_name", "commitment_discount_type",
    "commitment_discount_category",
)  # fmt: skip
_BOOK = ("legal_entity", "billing_currency", "billing_period_start", "posting_period")
_ACCOUNT = ("sub_account_id", "sub_account_name", "cost_center", "tags")
_TOLD = {
    PRICE: "Contracted price instead of the price by commitment {name}",
    SAVING: "Savings of commitment {name}",
    SHARING: "Part of the shared price of commitment {name}",
    "unused": "Unused part of commitment {name}",
}

Book = tuple[Any, ...]


class NoHomeError(Exception):
    """A policy needs a home, and neither it nor any line says where that is."""


@dataclass(frozen=True)
class _Home:
    """Where the saving and the unused part stand."""

    account: dict[str, Any]
    like: Row
    """A line of the commitment, for provider and service."""


def derived_lines(
    commitment: Commitment, lines: LineFiles, sources: Sequence[str], promoted: Sequence[str]
) -> list[dict[str, Any]]:
    """The lines that one commitment's policy adds. Raises NoHomeError."""
    if not set(NEEDED[:2]) <= set(lines.columns):
        return []
    own = [name for name in promoted if name.startswith("x_") and name not in OWN]
    found = commitment_sums(
        lines,
        [*CARRIED, *_OF_COMMITMENT, *own],
        commitment=commitment.commitment_id,
        sources=sources,
        wide=commitment.policy == SHARED and set(NEEDED) <= set(lines.columns),
    ).to_pylist()
    books: dict[Book, list[Row]] = defaultdict(list)
    for row in found:
        books[tuple(row[name] for name in _BOOK)].append(row)
    homes = _Homes(commitment, found)
    made: list[dict[str, Any]] = []
    for book, rows in sorted(books.items(), key=lambda one: tuple(map(str, one[0]))):
        parts = [_part(row) for row in rows]
        for move in moves(parts, commitment.policy):
            made.append(_line(commitment, move, rows, homes, book))
    return made


def _part(row: Row) -> Part:
    covered = row["commitment_discount_status"] if row["commitment_discount_id"] else None
    # A purchase names the commitment too, and bears what it bears.
    weighs = covered == "Used" or not row["commitment_discount_id"]
    return Part(row["effective_cost"], row["contracted_cost"] if weighs else None, covered)


def _line(
    commitment: Commitment, move: Move, rows: Sequence[Row], homes: _Homes, book: Book
) -> dict[str, Any]:
    if move.place is not None:
        row = dict(rows[move.place])
    else:
        days = (min(r[FIRST_DAY] for r in rows), max(r[LAST_DAY] for r in rows))
        row = homes.row(book, days)
    name = row["commitment_discount_name"] or commitment.commitment_id
    unused = move.kind == "unused"
    row |= {
        **{column: row[column] or _of(rows, column) for column in _OF_COMMITMENT},
        "charge_category": "Adjustment",
        "charge_class": None,
        "commitment_discount_status": "Unused" if unused else None,
    }
    line = derived_line(
        row,
        _TOLD[move.kind].format(name=name),
        f"commitment policy v{commitment.version}",
        {PART: move.kind},
    )
    zero = Decimal(0)
    costs = {"billed_cost": zero, "contracted_cost": zero, "list_cost": zero}
    return line | costs | {"effective_cost": move.amount}


def _of(rows: Sequence[Row], column: str) -> Any:
    return next((row[column] for row in rows if row[column]), None)


class _Homes:
    """Finds the home of each book (rule CP2)."""

    def __init__(self, commitment: Commitment, rows: Sequence[Row]) -> None:
        self._commitment = commitment
        self._own = [row for row in rows if row["commitment_discount_id"]]

    def row(self, book: Book, days: tuple[date, date]) -> dict[str, Any]:
        """A row of the commitment at its home, in the book."""
        home = self._home(book)
        like = dict(home.like) | dict(zip(_BOOK, book, strict=True)) | home.account
        return like | {
            "resource_id": self._commitment.commitment_id,
            "resource_name": like["commitment_discount_name"],
            FIRST_DAY: days[0],
            LAST_DAY: days[1],
        }

    def _home(self, book: Book) -> _Home:
        given = {
            "sub_account_id": self._commitment.sub_account or None,
            "cost_center": self._commitment.cost_center or None,
        }
        here = [row for row in self._own if tuple(row[name] for name in _BOOK) == book]
        if any(given.values()):
            nothing = dict.fromkeys(_ACCOUNT)
            return _Home(nothing | given, (here or self._own)[0])
        if self._commitment.policy == CENTRAL:
            raise NoHomeError
        bought = next(self._bought(book), None)
        if bought is None:
            raise NoHomeError
        return _Home({name: bought[name] for name in _ACCOUNT}, (here or self._own)[0])

    def _bought(self, book: Book) -> Iterator[Row]:
        """Lines of the purchase, then of the unused part: the book's, then the latest ones."""
        period = _BOOK.index("billing_period_start")
        for nearest in (True, False):
            for purchase in (True, False):
                found = [
                    row
                    for row in self._own
                    if _is(row, purchase=purchase)
                    and (not nearest or row["billing_period_start"] == book[period])
                ]
                yield from sorted(found, key=lambda row: row["billing_period_start"], reverse=True)


def _is(row: Row, *, purchase: bool) -> bool:
    if purchase:
        return bool(row["charge_category"] == "Purchase")
    return bool(row["commitment_discount_status"] == "Unused")
