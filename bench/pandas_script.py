"""The same model as an analyst would write it in pandas: a mask per rule, groupby and merge.

Floats, as such scripts have them. Prints the seconds from reading to the consumers' totals.
Usage: python -m bench.pandas_script 1000000
"""

from __future__ import annotations

import json
import sys
import time

import pandas as pd

from bench.focus_lines import parquet_files
from bench.measuring import peak_megabytes
from bench.model_text import drivers, rules

NEEDED = {
    "ProviderName": "service_provider_name", "ServiceName": "service_name",
    "RegionId": "region_id", "BillingPeriodStart": "period", "EffectiveCost": "amount",
    "Tags": "tags",
}  # fmt: skip
LAYERS = ["cost_pool", "tower", "solution", "consumer"]


def allocate(rows: int) -> pd.DataFrame:
    """Cost by month and consumer."""
    parts = [pd.read_parquet(path, columns=list(NEEDED)) for path in parquet_files(rows)]
    lines = pd.concat(parts, ignore_index=True).rename(columns=NEEDED)
    lines["amount"] = lines["amount"].astype(float)
    for key in ("app", "cost_center"):
        lines[f"tag.{key}"] = lines["tags"].str.extract(rf'"{key}": "([^"]*)"', expand=False)
    for layer in LAYERS:
        lines[layer] = None
    for rule in rules():
        hit = lines[rule.layer].isna()
        for column, value in rule.when.items():
            hit &= lines[column] == value
        lines.loc[hit, rule.layer] = rule.target
    keys = ["period", *LAYERS]
    nodes = lines.groupby(keys, dropna=False, as_index=False)["amount"].sum()
    measured = drivers()
    nodes = _spread(nodes, "tower", measured["kind_hours"], by=None)
    nodes = _spread(nodes, "solution", measured["tower_usage"], by="tower")
    nodes = _spread(nodes, "consumer", measured["solution_usage"], by="solution")
    return nodes.groupby(["period", "consumer"], as_index=False)["amount"].sum()


def _spread(
    nodes: pd.DataFrame, layer: str, driver: list[tuple[str, str, int]], *, by: str | None
) -> pd.DataFrame:
    weights = pd.DataFrame(driver, columns=["key", "target", "quantity"])
    weights["share"] = weights["quantity"] / weights.groupby("key")["quantity"].transform("sum")
    has = nodes[nodes[layer].notna()]
    lacks = nodes[nodes[layer].isna()].drop(columns=layer)
    if by is None:
        moved = lacks.merge(weights, how="cross")
    else:
        moved = lacks.merge(weights, left_on=by, right_on="key")
    moved["amount"] *= moved["share"]
    moved = moved.rename(columns={"target": layer})
    joined = pd.concat([has, moved[has.columns]], ignore_index=True)
    keys = ["period", *LAYERS]
    return joined.groupby(keys, dropna=False, as_index=False)["amount"].sum()


if __name__ == "__main__":
    begin, processor = time.perf_counter(), time.process_time()
    result = allocate(int(sys.argv[1]))
    seconds, processor = time.perf_counter() - begin, time.process_time() - processor
    print(
        json.dumps(
            {
                "seconds": seconds,
                "processor": processor,
                "peak_mb": peak_megabytes(),
                "rows": len(result),
                "total": float(result["amount"].sum()),
            }
        )
    )
