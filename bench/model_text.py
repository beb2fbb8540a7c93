"""The cost model of the benchmarks: 200 rules and four stages from line to consumer.

The same rules exist once as a model for Bursar and once as plain tuples for the pandas script, so
that both do the same work: stage 1 classifies, stages 2 to 4 fill tower, solution and consumer.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from bench.profiles import APPS, COST_CENTERS, PROVIDERS, REGIONS, SERVICES, VARIANTS

TOWERS = (
    "Compute / Servers", "Application / Container Orchestration", "Compute / Serverless",
    "Storage / Online Storage", "Storage / Online Storage", "Storage / Offline Storage",
    "Data / Database", "Data / Database", "Network / LAN", "Network / WAN",
    "Data / Data Operations", "Application / AI Models", "Delivery / Operations Center",
    "Security / Digital Security", "Application / Middleware", "Application / Development",
)  # fmt: skip
"""The tower of each kind of service, in the order of SERVICES."""
POOL = "Cloud Services / Cloud Service Provider"
SOLUTIONS = tuple(f"Solution {n}" for n in range(1, 25))
CONSUMERS = tuple(f"Unit {n}" for n in range(1, 61))
RULES = 200
_APP_RULES = 66


@dataclass(frozen=True)
class Rule:
    """Where every column has the value, the layer gets the target unless it has one already."""

    when: dict[str, str]
    layer: str
    target: str


def rules() -> list[Rule]:
    """200 rules: pools by provider, towers by service and region, solutions and owners by tag."""
    found = [Rule({"service_provider_name": p}, "cost_pool", POOL) for p in PROVIDERS]
    for number, (_, kind) in enumerate(SERVICES):
        for variant in range(1, VARIANTS + 1):
            when = {"service_name": f"{kind} {variant}"}
            if variant == 1:
                when["region_id"] = REGIONS[number % len(REGIONS)]
            found.append(Rule(when, "tower", TOWERS[number]))
    for app in range(_APP_RULES):
        target = SOLUTIONS[app % len(SOLUTIONS)]
        found.append(Rule({"tag.app": f"app-{app}"}, "solution", target))
    center = 0
    while len(found) < RULES:
        target = CONSUMERS[center % len(CONSUMERS)]
        found.append(Rule({"tag.cost_center": f"cost_center-{center}"}, "consumer", target))
        center += 1
    assert center < COST_CENTERS
    assert _APP_RULES < APPS
    return found


def drivers() -> dict[str, list[tuple[str, str, int]]]:
    """What is measured in a month: rows of from, to and quantity, by driver."""
    towers = sorted(set(TOWERS))
    return {
        "kind_hours": [("", tower, 100 + 7 * n) for n, tower in enumerate(towers)],
        "tower_usage": [
            (tower, solution, 11 + (n * 13 + m * 7) % 89)
            for n, tower in enumerate(towers)
            for m, solution in enumerate(SOLUTIONS)
        ],
        "solution_usage": [
            (solution, consumer, 3 + (n * 17 + m * 5) % 97)
            for n, solution in enumerate(SOLUTIONS)
            for m, consumer in enumerate(CONSUMERS)
        ],
    }


def model_text() -> str:
    """The model as Bursar reads it."""
    steps = [("tower", "kind_hours"), ("solution", "tower_usage"), ("consumer", "solution_usage")]
    return yaml.safe_dump(
        {
            "name": "Benchmark",
            "taxonomy": "tbm-5.0",
            "basis": "effective",
            "promote": ["app", "cost_center", "team"],
            "consumers": list(CONSUMERS),
            "solutions": list(SOLUTIONS),
            "classify": [
                {"name": f"rule {n}", "when": rule.when, "set": {rule.layer: rule.target}}
                for n, rule in enumerate(rules(), start=1)
            ],
            "steps": [
                {
                    "name": f"fill {layer}",
                    "to": layer,
                    "rules": [{"name": driver, "method": "weighted", "driver": driver}],
                }
                for layer, driver in steps
            ],
        },
        sort_keys=False,
    )
