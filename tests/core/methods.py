"""What the tests of methods share: nodes, rules, a run, what rests, and a second way round."""

from decimal import Decimal
from fractions import Fraction

from tests.core.plain_model import driver_table, node_table

from bursar.core.calc.allocation.engine import allocate
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.calc.allocation.rates import Tier
from bursar.core.calc.matching import Test

PEOPLE = ("North", "South", "West")
D = Decimal


def cost(units, solution=None, consumer=None, *, pool="Staff / Own", entity="Firm", currency="EUR"):
    return (entity, currency, pool, None, solution, consumer), units


def among(method, *rules, order=()):
    return Step("services", "solution", rules, among=method, order=order)


def shares(who, **percent):
    named = tuple((name, D(p)) for name, p in percent.items())
    return Rule(f"{who} charges", (Test("solution", "equals", (who,)),), "fixed", shares=named)


def run(nodes, *steps, rows=(), terms=None):
    return allocate(
        nodes=node_table(nodes),
        steps=steps,
        members={"consumer": PEOPLE, "solution": ("S1", "S2", "P1", "P2", "IT", "HR")},
        drivers=driver_table(list(rows)),
        terms=terms,
    )


def resting(found, by="consumer"):
    """{member or outcome: units}"""
    sums = {}
    for line in found.allocated.to_pylist():
        other = line["outcome"] not in ("allocated", "unallocated") or line["consumer"]
        name = line[by] if line["outcome"] == "allocated" or not other else line["outcome"]
        sums[name or line["outcome"]] = sums.get(name or line["outcome"], 0) + int(line["units"])
    return sums


def paid(found):
    sums = {}
    for line in found.allocated.to_pylist():
        name = line["consumer"] if line["outcome"] == "allocated" else line["outcome"]
        sums[name] = sums.get(name, 0) + int(line["units"])
    return sums


def problems(found):
    return {(problem.code, problem.units) for problem in found.problems}


def exchanged(found):
    return {(r["giver"], r["taker"]): int(r["units"]) for r in found.exchanged.to_pylist()}


TIERS = (Tier(D(100), D("0.10")), Tier(D(1000), D("0.08")), Tier(None, D("0.05")))


def reciprocal_second_path(direct, gives):
    """By following the money for so long that nothing is left: no equation is solved."""
    moving, rests = {k: Fraction(v) for k, v in direct.items()}, {}
    for _ in range(400):
        arrived = {}
        for member, amount in moving.items():
            for target, percent in gives.get(member, {}).items():
                arrived[target] = arrived.get(target, 0) + amount * Fraction(percent, 100)
            if member not in gives:
                rests[member] = rests.get(member, 0) + amount
        moving = {k: Fraction(round(v * 10**30), 10**30) for k, v in arrived.items()}
    return rests
