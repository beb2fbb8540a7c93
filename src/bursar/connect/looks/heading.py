"""Finds the header of a grid: which row names the columns, and whether it has several rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bursar.connect.cells.days import DATE_STYLES, day_of
from bursar.connect.cells.styled import EMPTY_WORDS, take_apart
from bursar.connect.grids.grid import Grid, Row

_DEEPEST = 40
_SEEN_BELOW = 30
_ENOUGH = 0.6
_MOST_HEADERS = 4


@dataclass(frozen=True)
class Heading:
    """Where the header stands, as positions in the grid's rows, and the names it gives.

    `first` and `last` are -1 where the file has no header at all.
    """

    first: int
    last: int
    names: tuple[str, ...]

    @property
    def data(self) -> int:
        """The position of the first row below."""
        return self.last + 1


def find_heading(grid: Grid) -> Heading:
    """The header by what rows look like: names above, data below."""
    rows = grid.rows
    width = _usual_width(rows)
    candidates = [at for at, row in enumerate(rows[:_DEEPEST]) if _filled(row)]
    if not candidates:
        return Heading(-1, -1, _unique([], max((len(row) for row in rows), default=0)))
    usable = [at for at in candidates if _filled(rows[at]) >= _ENOUGH * width]
    names = next((at for at in usable if _is_names(rows[at])), None)
    if names is None:
        names = next((at for at in usable if not _is_data(rows[at])), None)
    if names is None:
        return Heading(-1, -1, _unique([], _widest(rows, 0)))
    first, last = _further_rows(rows, names)
    return heading_at(grid, first, last)


def heading_at(grid: Grid, first: int, last: int) -> Heading:
    """The header that stands in these rows; its names are made of all of them."""
    if first < 0:
        return Heading(-1, -1, _unique([], _widest(grid.rows, 0)))
    rows = [_spread(row) for row in grid.rows[first:last]] + [grid.rows[last]]
    width = _widest(grid.rows, last)
    names = [_joined([row[at] if at < len(row) else "" for row in rows]) for at in range(width)]
    return Heading(first, last, _unique(names, width))


def _usual_width(rows: Sequence[Row]) -> int:
    """How many cells most rows fill."""
    filled = [_filled(row) for row in rows[:500] if _filled(row)]
    several = [count for count in filled if count > 1] or filled
    return max(Counter(several).items(), key=lambda item: (item[1], item[0]))[0] if filled else 0


def _filled(row: Row) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _widest(rows: Sequence[Row], header: int) -> int:
    """Columns of the table: the header's, or more where most rows below are wider."""
    below = Counter(_last_filled(row) for row in rows[header + 1 : header + 501] if _filled(row))
    wide = sum(n for width, n in below.items() if width > len(rows[header]) if rows)
    if below and wide > sum(below.values()) / 2:
        return max(below)
    return len(rows[header]) if rows else 0


def _last_filled(row: Row) -> int:
    return max((at for at, cell in enumerate(row, 1) if cell.strip()), default=0)


def _is_names(row: Row) -> bool:
    """All filled cells are words, and no word stands twice."""
    cells = [cell.strip().lower() for cell in row if cell.strip()]
    return not any(is_value(cell) for cell in cells) and len(set(cells)) == len(cells)


def _is_data(row: Row) -> bool:
    cells = [cell for cell in row if cell.strip()]
    named_like = all(_is_year(cell) or not is_value(cell) for cell in cells)
    return not named_like


def is_value(cell: str) -> bool:
    """Whether a cell holds a number or a date, as headers do not."""
    text = cell.strip()
    if text.lower() in EMPTY_WORDS:
        return text != ""
    if take_apart(text) is not None:
        return True
    return any(day_of(text, style) for style in DATE_STYLES)


def _is_year(cell: str) -> bool:
    return cell.strip().isdigit() and 1970 <= int(cell) <= 2100


def _further_rows(rows: Sequence[Row], at: int) -> tuple[int, int]:
    """A header of several rows: names that go on below, and groups above them."""
    last = at
    while last - at < _MOST_HEADERS and _goes_on(rows, at, last + 1):
        last += 1
    first = at
    if at > 0 and _is_group_row(rows[at - 1], rows[last]):
        first = at - 1
    return first, last


def _goes_on(rows: Sequence[Row], first: int, at: int) -> bool:
    """The row has words only, where the rows below have values in the same columns.

    It fills as many columns as the header so far, or such that the header left empty.
    """
    below = rows[at + 1 : at + 1 + _SEEN_BELOW]
    if len(below) < 2:
        return False
    cells = [place for place, cell in enumerate(rows[at]) if cell.strip()]
    if not cells or any(is_value(rows[at][place]) for place in cells):
        return False
    named = {place for row in rows[first:at] for place, cell in enumerate(row) if cell.strip()}
    valued = sum(_mostly_values(place, below) for place in cells)
    if named.isdisjoint(cells):
        return valued >= 1
    return len(cells) >= max(2, _ENOUGH * len(named)) and valued >= max(1, len(cells) / 3)


def _mostly_values(at: int, rows: Sequence[Row]) -> bool:
    cells = [row[at] for row in rows if at < len(row) and row[at].strip()]
    return bool(cells) and sum(is_value(cell) for cell in cells) > 0.6 * len(cells)


def _is_group_row(above: Row, names: Row) -> bool:
    """Several words above, some over more than one column, as merged cells leave them."""
    words = [cell.strip() for cell in above if cell.strip()]
    if len(words) < 2 or any(is_value(word) and not _is_year(word) for word in words):
        return False
    return len(above) == len(names) and (len(words) < _filled(names) or len(set(words)) > 1)


def _spread(row: Row) -> Row:
    """Groups stand in their first cell only; they hold until the next one."""
    spread, current = [], ""
    for cell in row:
        current = cell.strip() or current
        spread.append(current)
    return tuple(spread)


def _joined(parts: Sequence[str]) -> str:
    said: list[str] = []
    for part in parts:
        text = " ".join(part.split())
        if text and text not in said:
            said.append(text)
    return " ".join(said)


def _unique(names: Sequence[str], width: int) -> tuple[str, ...]:
    """Every column has a name of its own."""
    seen: Counter[str] = Counter()
    found = []
    for at in range(width):
        name = names[at] if at < len(names) and names[at] else f"column {at + 1}"
        seen[name.lower()] += 1
        while seen[name.lower()] > 1:
            name = f"{name} ({seen[name.lower()]})"
            seen[name.lower()] += 1
        found.append(name)
    return tuple(found)
