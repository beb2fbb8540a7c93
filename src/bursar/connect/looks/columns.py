"""What a column holds, seen from its cells: kind, style, marks, and what is not certain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bursar.connect.cells.days import DAY_FIRST, ISO, MONTH_FIRST, SERIAL, day_of, period_of
from bursar.connect.cells.styled import (
    NUMBER_STYLES,
    POINT,
    Number,
    is_empty_word,
    take_apart,
)
from bursar.core.money.currency import is_currency

_MOST = 0.85
_EXAMPLES = 3
_JUDGED = 5_000
_FIRST = 200


@dataclass(frozen=True)
class LookedColumn:
    """One column: its name, what kind of values it has and how they are written.

    Kinds: amount, number, code, date, period, currency, text, empty. `styles` are the number or
    date styles in which all cells can be read; more than one means that it is not certain.
    """

    name: str
    position: int
    kind: str
    styles: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    currency_sign: str | None = None
    filled: int = 0
    distinct: int = 0
    examples: tuple[str, ...] = ()
    certain: bool = True

    @property
    def style(self) -> str | None:
        """The style, or the likeliest of several."""
        return self.styles[0] if self.styles else None


def look_at_column(name: str, position: int, cells: Sequence[str]) -> LookedColumn:
    """Judges a column by its cells; a few cells of another kind, as totals, do not count."""
    texts = [text for cell in cells if (text := cell.strip()) and text != name]
    counted = Counter(texts)
    seen = {
        "filled": len(texts),
        "distinct": len(counted),
        "examples": tuple(text[:60] for text in list(counted)[:_EXAMPLES]),
    }
    filled = [text for text in counted if not is_empty_word(text)][:_JUDGED]
    if not filled:
        return LookedColumn(name, position, "empty" if not texts else "text", **seen)  # type: ignore[arg-type]
    weights = Counter({text: counted[text] for text in filled})
    found = _date(name, weights) or _number(name, weights) or _words(filled)
    return LookedColumn(name, position, **found, **seen)  # type: ignore[arg-type]


def _date(name: str, weights: Counter[str]) -> dict[str, object] | None:
    cells, total = list(weights), weights.total()
    if not _promising(cells, _is_day_or_period):
        return None
    votes: Counter[str] = Counter()
    days = 0
    for cell, count in weights.items():
        styles = [s for s in (ISO, DAY_FIRST, MONTH_FIRST) if day_of(cell, s)]
        votes.update(dict.fromkeys(styles, count))
        days += count if styles else 0
    compact = all(re.fullmatch(r"\d{8}", cell) for cell in cells)
    if days >= _MOST * total and (not compact or says_date(name)):
        return _date_styles(votes, days)
    serials = sum(count for cell, count in weights.items() if _is_serial(cell))
    if says_date(name) and serials >= _MOST * total:
        return {"kind": "date", "styles": (SERIAL,)}
    if not all(map(period_of, cells)):
        return None
    bare = all(re.fullmatch(r"\d{4}|\d{6}", cell) for cell in cells)
    return {"kind": "period"} if not bare or says_period(name) else None


def _is_day_or_period(cell: str) -> bool:
    return _is_day(cell) or _is_serial(cell) or period_of(cell) is not None


def _promising(cells: Sequence[str], test: Callable[[str], bool]) -> bool:
    """Whether the first cells make it worth looking at all."""
    first = cells[:_FIRST]
    return sum(map(test, first)) >= len(first) / 2


def _is_day(cell: str) -> bool:
    return any(day_of(cell, style) for style in (DAY_FIRST, MONTH_FIRST))


def _date_styles(votes: Counter[str], days: int) -> dict[str, object]:
    if votes[ISO] == days:
        return {"kind": "date", "styles": (ISO,)}
    if votes[DAY_FIRST] == votes[MONTH_FIRST] == days:
        return {"kind": "date", "styles": (DAY_FIRST, MONTH_FIRST), "certain": False}
    best = DAY_FIRST if votes[DAY_FIRST] >= votes[MONTH_FIRST] else MONTH_FIRST
    other = min(votes[DAY_FIRST], votes[MONTH_FIRST])
    certain = votes[best] == days or other < votes[best] * 0.7
    return {"kind": "date", "styles": (best,), "certain": certain}


def _is_serial(cell: str) -> bool:
    match = re.fullmatch(r"(\d{5})(?:\.\d+)?", cell)
    return match is not None and 25_569 <= int(match[1]) <= 65_000


def says_date(name: str) -> bool:
    """Whether a header speaks of a day."""
    return (
        re.search(r"date|datum|fecha|dated|\bday\b|\btag\b|paid|clearing", name, re.I) is not None
    )


def says_period(name: str) -> bool:
    """Whether a header speaks of a month or fiscal period."""
    return (
        re.search(r"period|month|monat|mes\b|mois|year|jahr|año|année|\bfy\b|quarter", name, re.I)
        is not None
    )


def _number(name: str, weights: Counter[str]) -> dict[str, object] | None:
    cells = list(weights)
    if not _promising(cells, lambda cell: take_apart(cell) is not None):
        return None
    numbers = [(cell, number) for cell in cells if (number := take_apart(cell)) is not None]
    if sum(weights[cell] for cell, _ in numbers) < _MOST * weights.total():
        return None
    if _is_code(name, numbers):
        return {"kind": "code"}
    marks = Counter(mark for _, number in numbers for mark in number.marks)
    signs = Counter(number.sign for _, number in numbers if number.sign)
    styles, certain = _number_styles([number for _, number in numbers])
    percent = marks["percent"] > len(numbers) / 2
    return {
        "kind": "number" if percent else "amount",
        "styles": styles,
        "certain": certain,
        "marks": tuple(sorted(marks)),
        "currency_sign": signs.most_common(1)[0][0] if signs else None,
    }


def _number_styles(numbers: Sequence[Number]) -> tuple[tuple[str, ...], bool]:
    """The style of all numbers; not certain where only `1.234` or `1,234` could tell."""
    written = [n for n in numbers if re.search(r"[^\d]", n.core)]
    if not written:
        return (), True
    votes = Counter(style for number in written for style in number.styles)
    most = max(votes.values())
    styles = tuple(style for style in NUMBER_STYLES if votes[style] == most)
    points = [s for s in styles if s in (POINT, "1'234.56", "1 234.56")]
    if len(points) == len(styles):
        return styles[:1], True
    doubtful = all(re.fullmatch(r"\d{1,3}[.,]\d{3}", number.core) for number in written)
    if points:
        return styles, not doubtful and len(styles) == 1
    return styles[:1], True


def _is_code(name: str, numbers: Sequence[tuple[str, Number]]) -> bool:
    """Digits that name something: leading zeros, or a header that says so, and never a comma."""
    cores = [cell for cell, _ in numbers]
    if not all(re.fullmatch(r"\d+", core) for core in cores):
        return False
    if any(len(core) > 1 and core.startswith("0") for core in cores):
        return True
    named = re.search(
        r"\b(id|code|no|nr|number|nummer|ref\w*|account|konto|cuenta|compte|num\w*|voucher|beleg\w*|"
        r"centre|center|kostenstelle|element|document|row|line)\b|_id\b|code$|number$|nummer$|"
        r"konto$|stelle$|año|year|jahr|postcode|phone|nr\.?$",
        name, re.I,
    )  # fmt: skip
    return named is not None


def _words(cells: Sequence[str]) -> dict[str, object]:
    if all(len(cell) == 3 and is_currency(cell.upper()) for cell in cells):
        return {"kind": "currency"}
    return {"kind": "text"}
