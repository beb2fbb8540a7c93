"""One block of groups through the telescope, inside int64 (rule A7 says why it is exact).

A quotient is first guessed in floating point, at most one unit too low, and then decided by its
integer remainder. The guess is never money: a wrong guess by more than that one unit is ruled out
by the bounds checked here, and the remainder is taken modulo 2^64, where it is known to lie in
[0, 2W). This costs a quarter of an integer division per edge and reaches weights of 2^48, or 2^60
where the machine has 64-bit mantissas; the plain product of remainder and running weight would
stop at 2^31.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bursar.core.calc.allocation.stretches import stretches

Integers = npt.NDArray[Any]
Float = type[np.floating[Any]]

BLOCK = 1 << 15
"""Edges per block: the scratch arrays of one block stay in the cache."""

INT64_SAFE = 1 << 62

_HAS_LONG_MANTISSA = np.finfo(np.longdouble).nmant >= 63
_GUESSES: tuple[tuple[int, Float], ...] = (
    (1 << 48, np.float64),
    *(((1 << 60, np.longdouble),) if _HAS_LONG_MANTISSA else ()),
)
"""Up to which size a guess in which type is off by less than a quarter (rule A7)."""


class Scratch:
    """Arrays for one block, made once: fresh memory per step would cost as much as the step."""

    def __init__(self, edges: int) -> None:
        self._integers = np.empty((3, edges), np.int64)
        self._above = np.empty(edges, bool)
        self._guesses: dict[Float, npt.NDArray[Any]] = {}

    def sized(self, edges: int) -> tuple[Integers, Integers, Integers, Integers]:
        running, cut, product = self._integers[:, :edges]
        return running, cut, product, self._above[:edges]

    def guess(self, edges: int, kind: Float) -> npt.NDArray[Any]:
        if kind not in self._guesses:
            self._guesses[kind] = np.empty(len(self._above), kind)
        return self._guesses[kind][:edges]


@dataclass(frozen=True)
class Block:
    """Whole groups with at least one weight each, and where their results go."""

    amounts: Integers
    starts: Integers
    sizes: Integers
    weights: Integers
    flows: Integers
    sums: Integers


def telescope_block(block: Block, scratch: Scratch) -> bool:
    """Fill the block's flows and weight sums; False where int64 might not hold a step."""
    weights, sums = block.weights, block.sums
    lowest, highest = int(weights.min()), int(weights.max())
    if not _sums_fit(block, max(-lowest, highest)):
        return False
    _run(block, scratch)
    mixed = lowest < 0
    reach = int((np.add.reduceat(np.abs(weights), block.starts) if mixed else sums).max())
    divisor = np.maximum(np.abs(sums), 1)
    size = np.abs(block.amounts)
    size[sums == 0] = 0
    for limit, kind in _GUESSES:
        if reach <= limit:
            if not mixed and int(size.max()) <= limit:
                _telescope(block, scratch, (size, divisor, kind), mixed=False)
            elif not _telescope_rest(block, scratch, (size, divisor, kind), mixed=mixed):
                return False
            credits = np.flatnonzero(block.amounts < 0)
            turned = stretches(block.starts[credits], block.sizes[credits])
            block.flows[turned] *= -1
            return True
    return False


def _sums_fit(block: Block, heaviest: int) -> bool:
    """Whether every group's weights, without their signs, add up to less than 2^62."""
    if heaviest * int(block.sizes.max()) < INT64_SAFE:
        return True
    # A sum in floating point is far closer to the exact one than the factor of two kept here.
    sizes = np.abs(block.weights.astype(np.float64))
    return bool(np.add.reduceat(sizes, block.starts).max() < INT64_SAFE / 2)


def _run(block: Block, scratch: Scratch) -> None:
    """Running weights of each group into the scratch, and the groups' sums.

    The running sum of the whole block may wrap around; differences within a group do not.
    """
    running, *_ = scratch.sized(len(block.weights))
    np.cumsum(block.weights, out=running)
    before = running[block.starts] - block.weights[block.starts]
    block.sums[:-1] = before[1:]
    block.sums[-1] = running[-1]
    block.sums[:] -= before
    running -= np.repeat(before, block.sizes)


def _telescope_rest(
    block: Block, scratch: Scratch, division: tuple[Integers, Integers, Float], *, mixed: bool
) -> bool:
    """A = q * W + r: only r is rounded; q * w is a whole number as it stands."""
    size, divisor, kind = division
    quotient, rest = np.divmod(size, divisor)
    turn = np.where(block.sums < 0, -1, 1)
    if mixed:
        heaviest = np.maximum.reduceat(np.abs(block.weights), block.starts)
        if (quotient.astype(np.float64) * heaviest).max() >= INT64_SAFE / 2:
            return False
    _telescope(block, scratch, (rest * turn, divisor, kind), mixed=mixed)
    block.flows[:] += np.repeat(quotient * turn, block.sizes) * block.weights
    return True


def _telescope(
    block: Block, scratch: Scratch, division: tuple[Integers, Integers, Float], *, mixed: bool
) -> None:
    """flows = differences of floor((factor * running + divisor // 2) / divisor)."""
    factor, divisor, kind = division
    running, cut, product, above = scratch.sized(len(block.weights))
    guess = scratch.guess(len(block.weights), kind)
    sizes, flows = block.sizes, block.flows
    # The guess: a quarter upwards, then down to a whole number, is the cut or one below it.
    np.copyto(guess, running, casting="same_kind")
    guess *= np.repeat(factor.astype(kind) / divisor.astype(kind), sizes)
    guess += kind(0.25)
    if mixed:
        np.floor(guess, out=guess)  # the conversion alone would cut towards zero
    np.copyto(cut, guess, casting="unsafe")
    # The remainder of that guess, modulo 2^64; it lies in [0, 2 * divisor).
    running *= np.repeat(factor, sizes)
    wide = np.repeat(divisor, sizes)
    running -= np.multiply(cut, wide, out=product)
    running += np.right_shift(wide, 1, out=product)
    cut += np.greater_equal(running, wide, out=above)
    np.subtract(cut[1:], cut[:-1], out=flows[1:])
    flows[block.starts] = cut[block.starts]
