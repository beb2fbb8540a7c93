"""The exact integer split beside SciPy's products in floating point, at a million edges and more.

Two products are measured. `diags(amounts) @ shares` leaves what the split leaves, one flow per
edge; the goal is a ratio to it. `shares.T @ amounts` leaves only the targets' sums and no edges
to trace, and is stated for comparison. All run on one thread, so processor time is compared:
other work on the machine does not decide the ratio.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from bench.measuring import Measured, machine, table
from bursar.core.calc.allocation.split import split, split_exact

GOAL = 1.9
SIZES = (1_000_000, 10_000_000)
PER_SOURCE = (100, 10)


@dataclass(frozen=True)
class Graph:
    """Amounts of sources in units of 10^-4, and weighted edges to as many targets."""

    amounts: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]
    weights: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int32]

    def shares(self) -> sparse.csr_array:
        """The same edges as a matrix of shares in floating point."""
        sums = np.add.reduceat(self.weights, self.offsets[:-1])
        shares = self.weights / np.repeat(sums, np.diff(self.offsets))
        shape = (len(self.amounts), len(self.amounts))
        return sparse.csr_array((shares, self.targets, self.offsets.astype(np.int32)), shape=shape)


def random_graph(edges: int, per_source: int) -> Graph:
    rng = np.random.default_rng(edges + per_source)
    sources = edges // per_source
    cuts = np.sort(rng.choice(np.arange(1, edges), sources - 1, replace=False))
    return Graph(
        rng.integers(-(10**9), 10**12, sources),
        np.concatenate([[0], cuts, [edges]]).astype(np.int64),
        rng.integers(1, 100_000, edges),
        rng.integers(0, sources, edges).astype(np.int32),
    )


def measure_split(sizes: tuple[int, ...] = SIZES) -> list[Measured]:
    """One row per size and density; every row also checks that nothing was lost."""
    return [_measured(edges, per_source) for edges in sizes for per_source in PER_SOURCE]


def _measured(edges: int, per_source: int) -> Measured:
    graph = random_graph(edges, per_source)
    exact, found = _least(lambda: split(graph.amounts, graph.offsets, graph.weights))
    lost = int(np.abs(np.add.reduceat(found.flows, graph.offsets[:-1]) - graph.amounts).max())
    _agree_with_the_plain_rule(graph, found.flows)
    matrix, floats = graph.shares(), graph.amounts.astype(np.float64)
    diagonal = sparse.diags_array(floats)
    flows, _ = _least(lambda: diagonal @ matrix)
    transposed = matrix.T
    sums, _ = _least(lambda: transposed @ floats)
    return Measured(
        f"exact split <= {GOAL}x SciPy's float product, difference 0 "
        f"({edges // 10**6} M edges, {per_source} per source)",
        f"{exact / flows:.2f}x, difference {lost}",
        exact <= GOAL * flows and lost == 0,
        f"split {exact * 1000:.0f} ms; diags(amounts) @ shares {flows * 1000:.0f} ms; sums only, "
        f"shares.T @ amounts {sums * 1000:.0f} ms ({exact / sums:.1f}x)",
    )


def _least(act: Callable[[], Any], *, times: int = 9) -> tuple[float, Any]:
    """The least processor time of several runs in seconds, and the last answer."""
    best, answer = float("inf"), None
    for _ in range(times):
        begin = time.process_time()
        answer = act()
        best = min(best, time.process_time() - begin)
    return best, answer


def _agree_with_the_plain_rule(graph: Graph, flows: npt.NDArray[np.int64]) -> None:
    for source in range(0, len(graph.amounts), max(1, len(graph.amounts) // 200)):
        owned = slice(graph.offsets[source], graph.offsets[source + 1])
        expected = split_exact(int(graph.amounts[source]), graph.weights[owned].tolist())
        if flows[owned].tolist() != expected:
            raise AssertionError(f"source {source} was not divided by the rule")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edges", type=int, nargs="*", default=list(SIZES))
    measured = measure_split(tuple(parser.parse_args().edges))
    print("\n".join(machine()))
    rows = [(m.goal, m.found, str(m.passed), m.how) for m in measured]
    print(table(rows, ("goal", "found", "met", "how")))
