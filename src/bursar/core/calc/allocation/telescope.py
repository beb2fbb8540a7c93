"""One block of groups through the telescope, inside int64 (rule A7 says why it is exact).

A quotient is first guessed in floating point, at most one unit too low, and then decided by its
integer remainder. The guess is never money: a wrong guess by more than that one unit is ruled out
by the bounds checked here, and the remainder is taken modulo 2^64, where it is known to lie in
[0, 2W). This costs a quarter of an integer division per edge and reaches weights of 2^48, where
the plain product of remainder and running weight would stop at 2^31.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[Any]

BLOCK = 1 << 15
"""Edges per block: the scratch arrays of one block stay in the cache."""

INT64_SAFE = 1 << 62
_GUESS_SAFE = 1 << 48
"""Up to here a guess in float64 is off by less than a quarter (rule A7)."""


class Scratch:
    """Arrays for one block, made once: fresh memory per step would cost as much as the step."""

    def __init__(self, edges: int) -> None:
        self._integers = np.empty((3, edges), np.int64)
        self._guess = np.empty(edges, np.float64)
        self._above = np.empty(edges, bool)

    def sized(self, edges: int) -> tuple[Integers, Integers, Integers, Integers, Integers]:
        running, cut, product = self._integers[:, :edges]
        return running, cut, product, self._guess[:edges], self._above[:edges]


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
    heaviest = max(-lowest, highest)
    if heaviest * len(weights) >= INT64_SAFE:
        return False
    _run(block, scratch)
    mixed = lowest < 0
    reach = np.add.reduceat(np.abs(weights), block.starts) if mixed else sums
    if int(reach.max()) > _GUESS_SAFE:
        return False
    divisor = np.maximum(np.abs(sums), 1)
    size = np.abs(block.amounts)
    size[sums == 0] = 0
    if not mixed and int(size.max()) <= _GUESS_SAFE:
        _telescope(block, scratch, size, divisor, mixed=False)
    else:
        quotient, rest = np.divmod(size, divisor)
        if int(quotient.max()) * heaviest >= INT64_SAFE:
            return False
        turn = np.where(sums < 0, -1, 1)
        _telescope(block, scratch, rest * turn, divisor, mixed=mixed)
        block.flows[:] += np.repeat(quotient * turn, block.sizes) * weights
    if int(block.amounts.min()) < 0:
        block.flows[:] *= np.repeat(np.where(block.amounts < 0, -1, 1), block.sizes)
    return True


def _run(block: Block, scratch: Scratch) -> None:
    """Running weights of each group into the scratch, and the groups' sums."""
    running, *_ = scratch.sized(len(block.weights))
    np.cumsum(block.weights, out=running)
    before = running[block.starts] - block.weights[block.starts]
    block.sums[:-1] = before[1:]
    block.sums[-1] = running[-1]
    block.sums[:] -= before
    running -= np.repeat(before, block.sizes)


def _telescope(
    block: Block, scratch: Scratch, factor: Integers, divisor: Integers, *, mixed: bool
) -> None:
    """flows = differences of floor((factor * running + divisor // 2) / divisor)."""
    running, cut, product, guess, above = scratch.sized(len(block.weights))
    sizes, flows = block.sizes, block.flows
    # The guess: a quarter upwards, then down to a whole number, is the cut or one below it.
    np.copyto(guess, running)
    guess *= np.repeat(factor / divisor, sizes)
    guess += 0.25
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
