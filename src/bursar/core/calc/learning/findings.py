"""What is wrong in a workbook itself, each with its cell (rules LM20-LM24)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bursar.core.calc.learning.facts import Vector, whole
from bursar.core.calc.learning.flows import Flows, equal
from bursar.core.calc.learning.formulas import Range, ranges, relative
from bursar.core.calc.learning.grid import Address, Workbook
from bursar.core.calc.learning.tables import Table, is_total
from bursar.core.money.amount import exact_sum, exact_text
from bursar.core.money.rounding import round_half_up

CODES = {
    "learn.hard_coded": "A typed number stands where all its neighbours are the same formula.",
    "learn.shares_not_100": "Shares add up to more or less than 100 %.",
    "learn.lost_money": "A pool's cost differs from what was charged of it.",
    "learn.no_cost": "Something was charged that has no cost in the workbook.",
    "learn.not_charged": "A cost was charged to nobody.",
    "learn.short_range": "A formula's range leaves out the end or the beginning of a table.",
    "learn.number_as_text": "A text looks like a number; sums leave it out.",
    "learn.typed_total": "A total is typed, not calculated.",
    "learn.broken_cell": "A cell shows an error instead of a value.",
}
"""What is found in a workbook, by code."""

_NUMBER = re.compile(
    r"[€$£]?\s*[+-]?(?:\d{1,3}(?:[ ,.'\u00a0\u202f]\d{3})+|\d+)(?:[.,]\d+)?\s*"
    r"(?:[€$£%]|EUR|USD|CHF)?"
)


@dataclass(frozen=True)
class Finding:
    """One error of the workbook: what, at which cell, in words."""

    code: str
    place: Address
    message: str


def find_errors(
    workbook: Workbook, tables: Sequence[Table], vectors: Sequence[Vector], flows: Flows | None
) -> list[Finding]:
    """All of them, by code and cell; each cell once per code."""
    found = [
        *_broken(workbook),
        *(finding for table in tables for finding in _in_table(table)),
        *_short_ranges(workbook, tables),
        *_shares(vectors, {id(m.table) for m, _ in flows.used} if flows else set()),
        *(_money(flows) if flows else ()),
    ]
    once: dict[tuple[str, Address], Finding] = {}
    for finding in found:
        once.setdefault((finding.code, finding.place), finding)
    return sorted(once.values(), key=lambda one: (list(CODES).index(one.code), one.place))


def _broken(workbook: Workbook) -> Iterator[Finding]:
    for sheet in workbook.sheets:
        for (row, column), cell in sheet.cells.items():
            if cell.broken:
                place = Address(sheet.name, row, column)
                yield Finding(
                    "learn.broken_cell", place, f"The cell shows {cell.text} instead of a value."
                )


def _in_table(table: Table) -> Iterator[Finding]:
    for row in table.rows:
        for column in (*table.columns, *table.total_columns):
            cell, place = table.cell(row, column), table.address(row, column)
            if cell.text and not cell.broken and _NUMBER.fullmatch(cell.text):
                yield Finding(
                    "learn.number_as_text",
                    place,
                    f"'{cell.text}' is text, not a number, so sums leave it out.",
                )
    yield from _typed_totals(table)
    for row in table.rows:
        for column in table.columns:
            cell = table.cell(row, column)
            if cell.number is not None and not cell.formula:
                neighbours = _same_formula(table, row, column)
                if neighbours:
                    yield Finding(
                        "learn.hard_coded",
                        table.address(row, column),
                        f"{exact_text(cell.number)} is typed, while its {neighbours} neighbours "
                        "have a formula.",
                    )


def _same_formula(table: Table, row: int, column: int) -> int:
    """How many cells of its row or column have one and the same formula, where nearly all do."""
    lines = (
        [(other, column) for other in table.rows if other != row],
        [(row, other) for other in table.columns if other != column],
    )
    best = 0
    for line in lines:
        cells = [(place, table.cell(*place)) for place in line]
        made = Counter(relative(c.formula, place) for place, c in cells if c.formula)
        numbers = sum(cell.number is not None for _, cell in cells)
        for _, times in made.most_common(1):
            if times >= 2 and times * 4 >= numbers * 3:
                best = max(best, times)
    return best


def _typed_totals(table: Table) -> Iterator[Finding]:
    for row in table.total_rows:
        above = _block_above(table, row)
        for column in table.columns:
            parts = [table.cell(one, column).number for one in above]
            yield from _typed_total(table, row, column, parts)
    for column in table.total_columns:
        for row in table.rows:
            parts = [table.cell(row, one).number for one in table.columns if one < column]
            yield from _typed_total(table, row, column, parts)


def _block_above(table: Table, row: int) -> list[int]:
    before = [one for one in table.total_rows if one < row]
    start = max(before, default=0)
    block = [one for one in table.rows if start < one < row]
    return block or [one for one in table.rows if one < row]


def _typed_total(
    table: Table, row: int, column: int, parts: Sequence[Decimal | None]
) -> Iterator[Finding]:
    cell = table.cell(row, column)
    numbers = [part for part in parts if part is not None]
    if cell.number is None or cell.formula or len(numbers) < 2:
        return
    total = exact_sum(numbers)
    same = equal(cell.number, total, 1)
    said = (
        "the same as" if same else f"but the cells that it stands for add up to {_money_of(total)}"
    )
    yield Finding(
        "learn.typed_total",
        table.address(row, column),
        f"The total {exact_text(cell.number)} is typed, "
        + (f"{said} the sum today." if same else f"{said}."),
    )


def _money_of(amount: Decimal | Fraction) -> str:
    return format(round_half_up(Fraction(amount), 2), "f")


def _short_ranges(workbook: Workbook, tables: Sequence[Table]) -> Iterator[Finding]:
    seen: dict[tuple[str, Range], tuple[Address, int, str]] = {}
    for sheet in workbook.sheets:
        for (row, column), cell in sorted(sheet.cells.items()):
            for named in ranges(cell.formula) if cell.formula else ():
                if named.size < 2:
                    continue
                missed = _missed(tables, named.sheet or sheet.name, named, (row, column))
                if missed:
                    key = (named.sheet or sheet.name, named)
                    first, times, said = seen.get(
                        key, (Address(sheet.name, row, column), 0, missed)
                    )
                    seen[key] = first, times + 1, said
    for place, times, said in seen.values():
        more = f", as in {times - 1} more" if times > 1 else ""
        yield Finding("learn.short_range", place, f"The formula{more} {said}.")


def _missed(tables: Sequence[Table], sheet: str, named: Range, at: tuple[int, int]) -> str:
    """What a range leaves out at either end of the numbers that it stands in."""
    for table in tables:
        if table.sheet.name != sheet:
            continue
        if named.left == named.right and named.left in (*table.columns, *table.total_columns):
            for block in table.blocks():
                line = [(row, named.left) for row in block]
                left_out = _left_out(table, line, [p[0] for p in line], (named.top, named.bottom))
                if left_out and at not in line:
                    return left_out
        elif named.top == named.bottom and named.top in (*table.rows, *table.total_rows):
            line = [(named.top, column) for column in table.columns]
            left_out = _left_out(table, line, [p[1] for p in line], (named.left, named.right))
            if left_out and at not in line and _is_body(table, named):
                return left_out
    return ""


def _is_body(table: Table, named: Range) -> bool:
    """A range across that begins at the first number; others may mean some columns on purpose."""
    return named.left == table.columns[0]


def _left_out(
    table: Table, line: Sequence[tuple[int, int]], numbers: Sequence[int], ends: tuple[int, int]
) -> str:
    inside = [n for n in numbers if ends[0] <= n <= ends[1]]
    if len(inside) < 2 or len(inside) == len(numbers) or len(inside) * 2 < len(numbers):
        return ""
    missed = [place for place, n in zip(line, numbers, strict=True) if n not in inside]
    filled = [p for p in missed if table.cell(*p).number]
    if not filled:
        return ""
    said = ", ".join(str(table.address(*place)) for place in filled[:5])
    label = table.label(filled[0][0])
    return f"leaves out {said}" + (f" ({label})" if label and len(filled) == 1 else "")


def _shares(vectors: Sequence[Vector], charges: set[int]) -> Iterator[Finding]:
    """Rows or columns of shares that miss 100 %, seen by their size or by their fellows."""
    for vector in vectors:
        if vector.total or id(vector.table) in charges or len(vector.figures) < 2:
            continue
        total = whole(vector.figures)
        if any(f.amount < 0 for f in vector.figures.values()):
            continue
        full = _full(vector, total, vectors)
        if full and abs(Fraction(total) - full) > Fraction(full, 10_000):
            percent = Fraction(total) * 100 / full
            last = max(place for f in vector.figures.values() for place in f.places)
            yield Finding(
                "learn.shares_not_100",
                last,
                f"The shares {vector.name} ({vector.where}) add up to {_money_of(percent)} %, "
                "not 100 %.",
            )


def _full(vector: Vector, total: Decimal, vectors: Sequence[Vector]) -> int:
    """One or a hundred, where this is a line of shares; else 0."""
    for full in (1, 100):
        if not Fraction(full, 2) <= Fraction(total) <= Fraction(full * 3, 2):
            continue
        fellows = [
            other for other in vectors
            if other.table is vector.table and other is not vector and not other.total
            and set(other.figures) & set(vector.figures)
        ]  # fmt: skip
        right = sum(abs(Fraction(whole(o.figures)) - full) * 10_000 <= full for o in fellows)
        if right and right * 2 >= len(fellows):
            return full
        if _crossed(vector, vectors, full):
            return 0
        words = f"{vector.name} {vector.table.sheet.name} " + " ".join(
            vector.table.names[c] for c in vector.table.columns
        )
        small = all(f.amount <= full for f in vector.figures.values())
        if small and re.search(r"share|anteil|percent|prozent|%|schl(?:ü|ue)ssel|key", words, re.I):
            return full
    return 0


def _crossed(vector: Vector, vectors: Sequence[Vector], full: int) -> bool:
    """Whether the shares of its table add up the other way: over the columns, not the rows."""
    own = {place for figure in vector.figures.values() for place in figure.places}
    others = [
        other for other in vectors
        if other.table is vector.table and other is not vector and not other.total
        and sum(place in own for f in other.figures.values() for place in f.places) == 1
    ]  # fmt: skip
    return any(abs(Fraction(whole(o.figures)) - full) * 10_000 <= full for o in others)


def _money(flows: Flows) -> Iterator[Finding]:
    """Cost in against charged out, pool by pool."""
    for giver in flows.order:
        cost, charged = flows.cost_in(giver), flows.charged_out(giver)
        own = flows.costs.get(giver)
        lines = sorted(p for f in flows.charged[giver].values() for p in f.places)
        if not cost:
            yield Finding(
                "learn.no_cost",
                lines[0],
                f"{_money_of(charged)} is charged for {giver}, which has no cost.",
            )
        elif not equal(cost, charged, len(lines)):
            what = "lost" if abs(charged) < abs(cost) else "charged too much"
            at = f" ({own.places[0]})" if own else ""
            yield Finding(
                "learn.lost_money",
                lines[0],
                f"{giver} costs {_money_of(cost)}{at} and {_money_of(charged)} is charged: "
                f"{_money_of(abs(cost - charged))} {what}.",
            )
    for name, figure in flows.costs.items():
        if name not in flows.charged and not is_total(name) and name not in flows.consumers:
            yield Finding(
                "learn.not_charged",
                figure.places[0],
                f"{name} costs {_money_of(figure.amount)}, and nobody is charged for it.",
            )
