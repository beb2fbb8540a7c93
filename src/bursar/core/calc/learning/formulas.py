"""What a formula refers to, and whether two formulas say the same from where they stand (LM3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bursar.core.calc.learning.grid import Place, column_number, letters

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
    |(?P<sheet>(?:'(?:[^']|'')+'|[A-Za-z_\u0080-\uffff][\w.\u0080-\uffff]*)!)?
     (?P<first>\$?[A-Za-z]{1,3}\$?[0-9]{1,7})(?::(?P<last>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}))?
     (?![\w(.!])
    |(?P<word>[A-Za-z_\u0080-\uffff][\w.\u0080-\uffff]*)""",
    re.VERBOSE,
)
_REFERENCE = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})")


@dataclass(frozen=True)
class Range:
    """A rectangle that a formula names; `sheet` is empty where it is the formula's own."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int
    summed: bool = False
    """Whether it is an argument of SUM."""

    @property
    def size(self) -> int:
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)


def ranges(formula: str) -> list[Range]:
    """Every cell and rectangle that a formula names, in order."""
    found = []
    for match in _TOKEN.finditer(formula):
        if not match["first"]:
            continue
        one, other = _place(match["first"]), _place(match["last"] or match["first"])
        found.append(
            Range(
                _sheet(match["sheet"]),
                min(one[0], other[0]), min(one[1], other[1]),
                max(one[0], other[0]), max(one[1], other[1]),
                _within_sum(formula, match.start()),
            )
        )  # fmt: skip
    return found


def relative(formula: str, at: Place) -> str:
    """The formula with its references counted from its own cell, so that copies are equal."""

    def named(match: re.Match[str]) -> str:
        if not match["first"]:
            return match[0] if match["text"] else match[0].upper()
        parts = [match["first"], *([match["last"]] if match["last"] else [])]
        return _sheet(match["sheet"]) + "!" + ":".join(_from(part, at) for part in parts)

    return "".join(_substituted(formula, named)).replace(" ", "")


def moved(formula: str, by: Place) -> str:
    """The formula as it reads after it was filled into a cell so many rows and columns away."""

    def named(match: re.Match[str]) -> str:
        if not match["first"]:
            return match[0]
        parts = [match["first"], *([match["last"]] if match["last"] else [])]
        return (match["sheet"] or "") + ":".join(_shifted(part, by) for part in parts)

    return "".join(_substituted(formula, named))


def is_sum(formula: str) -> bool:
    """Whether the formula is one SUM and nothing else, or cells joined by plus signs."""
    plain = formula.replace(" ", "").upper()
    if re.fullmatch(r"(?:SUM|SUBTOTAL)\([^()]*\)", plain):
        return True
    return "+" in plain and not re.search(r"[*/()^-]", plain)


def _substituted(formula: str, named: Callable[[re.Match[str]], str]) -> Iterator[str]:
    end = 0
    for match in _TOKEN.finditer(formula):
        yield formula[end : match.start()]
        yield named(match)
        end = match.end()
    yield formula[end:]


def _within_sum(formula: str, at: int) -> bool:
    depth = 0
    for place in range(at - 1, -1, -1):
        if formula[place] == ")":
            depth += 1
        elif formula[place] == "(":
            if depth == 0:
                return formula[:place].rstrip().upper().endswith("SUM")
            depth -= 1
    return False


def _sheet(text: str | None) -> str:
    if not text:
        return ""
    name = text[:-1]
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def _place(reference: str) -> Place:
    match = _REFERENCE.fullmatch(reference)
    assert match is not None
    return int(match[4]), column_number(match[2])


def _from(reference: str, at: Place) -> str:
    match = _REFERENCE.fullmatch(reference)
    assert match is not None
    row, column = int(match[4]), column_number(match[2])
    down = f"R{row}" if match[3] else f"R[{row - at[0]}]"
    across = f"C{column}" if match[1] else f"C[{column - at[1]}]"
    return down + across


def _shifted(reference: str, by: Place) -> str:
    match = _REFERENCE.fullmatch(reference)
    assert match is not None
    row = int(match[4]) + (0 if match[3] else by[0])
    column = column_number(match[2]) + (0 if match[1] else by[1])
    if row < 1 or column < 1:
        return "#REF!"
    return f"{match[1]}{letters(column)}{match[3]}{row}"
