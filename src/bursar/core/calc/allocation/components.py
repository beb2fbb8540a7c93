"""Strongly connected components of a small graph, without recursion (Tarjan 1972)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def components(graph: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """Components with what they lead to before them; members ascend within each.

    Every node of the graph is a key; edges to others are not looked at.
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    held: list[int] = []
    holding: set[int] = set()
    found: list[list[int]] = []
    for root in sorted(graph):
        if root in index:
            continue
        ways = [(root, iter(_among(graph, root)))]
        _enter(root, index, low, held, holding)
        while ways:
            node, targets = ways[-1]
            for target in targets:
                if target not in index:
                    _enter(target, index, low, held, holding)
                    ways.append((target, iter(_among(graph, target))))
                    break
                if target in holding:
                    low[node] = min(low[node], index[target])
            else:
                ways.pop()
                if ways:
                    low[ways[-1][0]] = min(low[ways[-1][0]], low[node])
                if low[node] == index[node]:
                    place = held.index(node)
                    found.append(sorted(held[place:]))
                    holding.difference_update(held[place:])
                    del held[place:]
    return found


def _among(graph: Mapping[int, Sequence[int]], node: int) -> list[int]:
    return [target for target in sorted(set(graph[node])) if target in graph]


def _enter(
    node: int, index: dict[int, int], low: dict[int, int], held: list[int], holding: set[int]
) -> None:
    index[node] = low[node] = len(index)
    held.append(node)
    holding.add(node)
