"""The cost model as a picture: boxes for its steps, in the order in which money passes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from bursar.report import wording
from bursar.report.model_view import ModelView, StepView

_WIDE, _HIGH, _GAP, _TOP = 190, 74, 54, 8
_LETTERS = 26
_OUTCOMES = ("allocated", "retained", "unallocated")


@dataclass(frozen=True)
class Box:
    """One box: three lines of text, where it leads on the page, and its place."""

    title: str
    fills: str
    amount: str
    anchor: str
    x: int
    y: int
    width: int = _WIDE
    height: int = _HIGH
    line: int | None = None
    """Where the step stands in the text, from 1."""

    @property
    def text_x(self) -> int:
        return self.x + 12

    def line_y(self, number: int) -> int:
        return self.y + 23 + 19 * number

    @property
    def line_ys(self) -> tuple[int, int, int]:
        return self.line_y(0), self.line_y(1), self.line_y(2)


@dataclass(frozen=True)
class Arrow:
    """From the right edge of one box to the left edge of another."""

    path: str


@dataclass(frozen=True)
class Picture:
    """Boxes and arrows within a view box, and the same in one sentence."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    told: str


def picture(view: ModelView) -> Picture:
    """Steps from left to right; at the right end, where the money of the period rests."""
    told = _Told(view.currency, dict(view.resting))
    return _drawn(view.steps, told)


def picture_of_text(steps: Sequence[StepView], lines: Mapping[int, int]) -> Picture:
    """The steps of a text that nothing was run by yet; each box leads to its line."""
    return _drawn(steps, _Told(lines=lines))


@dataclass(frozen=True)
class _Told:
    """What boxes say beside their step: money where there is some, else the lines of the text."""

    currency: str | None = None
    resting: Mapping[str, Decimal] = field(default_factory=dict)
    lines: Mapping[int, int] | None = None


def _drawn(listed: Sequence[StepView], told: _Told) -> Picture:
    middle = _TOP + (_HIGH + 20 if told.resting else 0)
    steps = [
        Box(
            title=_short(step.name),
            fills=_fills(step),
            amount=_counted(step) if told.lines else _amount(step.amount_in, told.currency),
            anchor="#text" if told.lines else f"#step-{step.number}",
            x=_TOP + number * (_WIDE + _GAP),
            y=middle,
            line=(told.lines or {}).get(step.number),
        )
        for number, step in enumerate(listed)
    ]
    ends = _ends(told, _TOP + len(steps) * (_WIDE + _GAP))
    arrows = [_arrow(one, other) for one, other in pairwise(steps)]
    arrows += [_arrow(steps[-1], end) for end in ends]
    names = ", then ".join(f"{s.name} ({s.fills})" for s in listed)
    width = (ends[-1].x if ends else steps[-1].x) + _WIDE + _TOP
    height = middle + (2 * _HIGH + 20 if ends else _HIGH) + _TOP
    return Picture(width, height, (*steps, *ends), tuple(arrows), f"Money passes {names}.")


def _fills(step: StepView) -> str:
    if step.number == 0:
        return "sets layers"
    return f"among {step.fills}s" if step.among else f"fills {step.fills}"


def _counted(step: StepView) -> str:
    return f"{len(step.rules)} rule{'' if len(step.rules) == 1 else 's'}"


def _ends(told: _Told, x: int) -> list[Box]:
    amounts = told.resting
    return [
        Box(
            title=outcome.capitalize(),
            fills="rests here",
            amount=_amount(amounts.get(outcome, Decimal(0)), told.currency),
            anchor="#resting",
            x=x,
            y=_TOP + number * (_HIGH + 20),
        )
        for number, outcome in enumerate(_OUTCOMES)
        if amounts
    ]


def _arrow(one: Box, other: Box) -> Arrow:
    x1, y1 = one.x + one.width, one.y + one.height // 2
    x2, y2 = other.x - 6, other.y + other.height // 2
    bend = (x1 + x2) // 2
    return Arrow(f"M{x1},{y1} C{bend},{y1} {bend},{y2} {x2},{y2}")


def _short(text: str) -> str:
    return text if len(text) <= _LETTERS else text[: _LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _amount(amount: Decimal | None, currency: str | None) -> str:
    return "" if amount is None else f"{wording.compact(amount)} {currency or ''}".strip()
