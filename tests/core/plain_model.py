"""The steps of a cost model read aloud, slowly: dictionaries, loops and `Fraction`s.

It shares no code with the engine, so that the two can disagree.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pyarrow as pa

LAYERS = ("cost_pool", "tower", "solution", "consumer")
COLUMNS = ("legal_entity", "currency", *LAYERS)


def divided(amount, weights):
    """Rule A1: differences of the rounded running totals; rule A2: the sign apart."""
    whole, cuts, running = sum(weights), [0], Fraction(0)
    for weight in weights:
        running += Fraction(abs(amount) * weight, whole)
        cuts.append((running + Fraction(1, 2)).__floor__())
    return [(b - a) * (-1 if amount < 0 else 1) for a, b in pairwise(cuts)]


def holds(test, node):
    value = dict(zip(COLUMNS, node, strict=True))[test.column]
    if test.operator == "missing":
        return (value is None) != test.negated
    assert test.operator == "equals"
    alike = value is not None and (value in test.values or value.split(" / ")[0] in test.values)
    return alike != test.negated


def driver_rows(node, driver, rows):
    """Rule S6: the first key that has rows, else those without a from-key."""
    _, _, pool, tower, solution, _ = node
    keys = [solution, tower, tower and tower.split(" / ")[0], pool, pool and pool.split(" / ")[0]]
    for key in [*(key for key in keys if key), None]:
        found = defaultdict(Fraction)
        for measure, from_key, to_key, quantity in rows:
            if measure == driver and (from_key or None) == key:
                found[to_key] += Fraction(quantity)
        if found:
            return sorted(found.items())
    return []


def parts(rule, layer, node, members, rows):
    """(target or outcome, weight) in the order of division."""
    if rule.method in ("direct", "even"):
        return [(name, 1) for name in sorted(set(rule.targets))]
    if rule.method == "residual":
        return [(rule.residual, 1)]
    if rule.method == "fixed":
        shares = dict(rule.shares)
        rest = Decimal(100) - sum(shares.values())
        if rest and rule.residual in ("unallocated", "retained", "next"):
            return [*sorted(shares.items()), (rule.residual, rest)]
        if rest:
            shares[rule.residual] = shares.get(rule.residual, Decimal(0)) + rest
        return sorted(shares.items())
    found = driver_rows(node, rule.driver, rows)
    if any(quantity < 0 for _, quantity in found) or not sum(q for _, q in found):
        return [("unallocated", 1)]
    return [(name if name in members[layer] else "unallocated", q) for name, q in found]


def run(nodes, steps, members, rows):
    """{(node, outcome): units} of everything that rests, zeros left out."""
    opened, rests = defaultdict(int), defaultdict(int)
    for node, units in nodes:
        opened[node] += units
    for step in steps:
        place = COLUMNS.index(step.to)
        arrived = defaultdict(int)
        for node in [node for node in opened if node[place] is None]:
            for rule in step.rules:
                if not opened[node] or not all(holds(test, node) for test in rule.when):
                    continue
                targets = parts(rule, step.to, node, members, rows)
                flows = divided(opened[node], [Fraction(weight) for _, weight in targets])
                opened[node] = 0
                for (target, _), flow in zip(targets, flows, strict=True):
                    if target == "next":
                        opened[node] += flow
                    elif target in ("unallocated", "retained"):
                        rests[node, target] += flow
                    else:
                        arrived[(*node[:place], target, *node[place + 1 :])] += flow
        for node, units in arrived.items():
            opened[node] += units
    for node, units in opened.items():
        rests[node, "unallocated" if node[-1] is None else "allocated"] += units
    return {key: units for key, units in rests.items() if units}


def node_table(nodes):
    """[(node, units)] as the engine takes it."""
    columns = {
        name: pa.array([node[place] for node, _ in nodes], pa.string())
        for place, name in enumerate(COLUMNS)
    }
    units = pa.array([units for _, units in nodes], pa.decimal128(38, 0))
    return pa.table({**columns, "direct_units": units})


def driver_table(rows):
    """[(measure, from, to, quantity)] as the engine takes it."""
    measures, froms, tos, quantities = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pa.table(
        {
            "measure": pa.array(measures, pa.string()),
            "from_key": pa.array(froms, pa.string()),
            "to_key": pa.array(tos, pa.string()),
            "quantity": pa.array([Decimal(q) for q in quantities], pa.decimal128(38, 24)),
        }
    )


def resting(allocation):
    """The engine's lines in the form of `run`."""
    found = defaultdict(int)
    for line in allocation.allocated.to_pylist():
        node = tuple(line[name] for name in COLUMNS)
        found[node, line["outcome"]] += int(line["units"])
    return dict(found)
