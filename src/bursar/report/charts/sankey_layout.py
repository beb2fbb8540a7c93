"""Where the boxes and bands of a Sankey lie: plain geometry, no drawing.

One scale for all columns, so a box twice as high holds twice the money. Boxes of a column never
overlap; the bands that leave or enter a box fill its side exactly, in the order of the boxes that
they lead to, so that they cross as little as a fixed order allows. The same input gives the same
picture, whatever the order it came in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

LAST = ("Other", "Unclassified", "No tower", "No solution", "Retained", "Unallocated")
"""Boxes that stand below all others of their column, whatever their size."""


@dataclass(frozen=True)
class Band:
    """Money from one box to another, kept apart by a thread (the pool it came from)."""

    source: str
    target: str
    thread: str
    weight: Fraction


@dataclass(frozen=True)
class PlacedBox:
    key: str
    column: int
    x: Fraction
    y: Fraction
    height: Fraction


@dataclass(frozen=True)
class PlacedBand:
    """From (x0, y0) to (x1, y1), both upper edges, as thick as `height` all along."""

    band: Band
    x0: Fraction
    y0: Fraction
    x1: Fraction
    y1: Fraction
    height: Fraction


@dataclass(frozen=True)
class Frame:
    """The picture's size in pixels, a box's width, and the gap wanted between boxes."""

    width: int
    height: int
    box: int = 12
    gap: int = 12


def lay_out(
    columns: Sequence[Mapping[str, str]], bands: Sequence[Band], frame: Frame
) -> tuple[list[PlacedBox], list[PlacedBand]]:
    """Place boxes (key → label per column) and bands. Every weight must be above zero."""
    ordered = sorted(bands, key=lambda b: (b.source, b.target, b.thread))
    size = _sizes(ordered)
    order = _order(columns, ordered, size)
    boxes = _stack(order, size, frame)
    return list(boxes.values()), _bend(order, boxes, ordered, frame, _scale(order, size, frame))


def _sizes(bands: Sequence[Band]) -> dict[str, Fraction]:
    """A box is as big as the larger of what enters and what leaves it."""
    into: dict[str, Fraction] = defaultdict(Fraction)
    out: dict[str, Fraction] = defaultdict(Fraction)
    for band in bands:
        out[band.source] += band.weight
        into[band.target] += band.weight
    return {key: max(into[key], out[key]) for key in into.keys() | out.keys()}


def _order(
    columns: Sequence[Mapping[str, str]], bands: Sequence[Band], size: Mapping[str, Fraction]
) -> list[list[str]]:
    """Largest first in the first column; then by where the money comes from, ties by size."""
    placed: list[list[str]] = []
    rank: dict[str, Fraction] = {}
    for number, labels in enumerate(columns):
        keys = [key for key in labels if size.get(key)]

        def place(
            key: str, number: int = number, labels: Mapping[str, str] = labels
        ) -> tuple[int, Fraction, Fraction, str]:
            last = LAST.index(labels[key]) + 1 if labels[key] in LAST else 0
            return last, _pull(key, bands, rank) if number else Fraction(0), -size[key], key

        keys.sort(key=place)
        rank.update({key: Fraction(i) for i, key in enumerate(keys)})
        placed.append(keys)
    return placed


def _pull(key: str, bands: Sequence[Band], rank: Mapping[str, Fraction]) -> Fraction:
    """The mean place of the boxes that feed this one, weighted by money."""
    feeding = [b for b in bands if b.target == key]
    weight = sum((b.weight for b in feeding), Fraction(0))
    if not weight:
        return Fraction(0)
    return sum((rank[b.source] * b.weight for b in feeding), Fraction(0)) / weight


def _scale(order: Sequence[Sequence[str]], size: Mapping[str, Fraction], frame: Frame) -> Fraction:
    """Pixels per unit of money: what the fullest column allows."""
    allowed = [
        (frame.height - _gap(column, frame) * (len(column) - 1)) / total
        for column in order
        if (total := sum((size[key] for key in column), Fraction(0)))
    ]
    return min(allowed, default=Fraction(0))


def _gap(column: Sequence[str], frame: Frame) -> Fraction:
    """The gap wanted, or less where a crowded column would spend over half its height on gaps."""
    if len(column) < 2:
        return Fraction(0)
    return min(Fraction(frame.gap), Fraction(frame.height, 2 * (len(column) - 1)))


def _stack(
    order: Sequence[Sequence[str]], size: Mapping[str, Fraction], frame: Frame
) -> dict[str, PlacedBox]:
    scale = _scale(order, size, frame)
    step = Fraction(frame.width - frame.box, max(len(order) - 1, 1))
    boxes: dict[str, PlacedBox] = {}
    for number, column in enumerate(order):
        y = Fraction(0)
        for key in column:
            height = size[key] * scale
            boxes[key] = PlacedBox(key, number, step * number, y, height)
            y += height + _gap(column, frame)
    return boxes


def _bend(
    order: Sequence[Sequence[str]],
    boxes: Mapping[str, PlacedBox],
    bands: Sequence[Band],
    frame: Frame,
    scale: Fraction,
) -> list[PlacedBand]:
    place = {key: (c, i) for c, column in enumerate(order) for i, key in enumerate(column)}
    threads = {key: i for i, key in enumerate(order[0])} if order else {}

    def thread(band: Band) -> tuple[int, str]:
        return threads.get(band.thread, len(threads)), band.thread

    left = {key: box.y for key, box in boxes.items()}
    leaving: dict[Band, Fraction] = {}
    for band in sorted(bands, key=lambda b: (place[b.source], place[b.target], thread(b))):
        leaving[band] = left[band.source]
        left[band.source] += band.weight * scale
    right = {key: box.y for key, box in boxes.items()}
    placed = []
    for band in sorted(bands, key=lambda b: (place[b.target], place[b.source], thread(b))):
        source, target, height = boxes[band.source], boxes[band.target], band.weight * scale
        start = source.x + frame.box
        placed.append(PlacedBand(band, start, leaving[band], target.x, right[band.target], height))
        right[band.target] += height
    return placed
