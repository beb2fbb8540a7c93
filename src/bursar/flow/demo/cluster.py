"""What the webshop's cluster measured of itself: pods by day, on the machines that AWS bills."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from bursar.flow.demo import chance
from bursar.flow.demo.catalogue import clouds
from bursar.flow.demo.company import MONTHS, Month
from bursar.flow.demo.estate import Resource, resources

CLUSTER = "shop"
MEASURED: Sequence[Month] = MONTHS[-3:]
"""The operator was installed three months ago."""
_APP = "webshop-frontend"
_PODS = (
    ("storefront", "web", 380, {"app": _APP, "team": "web-shop"}),
    ("catalogue", "search", 210, {"app": "webshop-search", "team": "web-shop"}),
    ("campaigns", "landing", 90, {"app": _APP, "team": "web-shop"}),
    ("openshift-monitoring", "prometheus", 60, {"app": "prometheus"}),
    ("kube-system", "proxy", 30, {"app": "proxy"}),
)
"""Namespace, pod, thousandths of a machine that it takes, and its labels."""
_CORES, _MEMORY = 8, 32 * 2**30
_DAY = 24 * 3600
COLUMNS = (
    "report_period_start", "report_period_end", "interval_start", "interval_end", "pod",
    "namespace", "node", "resource_id", "pod_usage_cpu_core_seconds",
    "pod_request_cpu_core_seconds", "pod_limit_cpu_core_seconds",
    "pod_usage_memory_byte_seconds", "pod_request_memory_byte_seconds",
    "pod_limit_memory_byte_seconds", "node_capacity_cpu_cores",
    "node_capacity_cpu_core_seconds", "node_capacity_memory_bytes",
    "node_capacity_memory_byte_seconds", "pod_labels",
)  # fmt: skip


def write_usage(month: Month, folder: Path) -> Path:
    """Writes the month's file under the name that the operator gives it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{month.start:%B-%Y}-{CLUSTER}-ocp_pod_usage.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        for node in _nodes():
            for number in range(month.days):
                writer.writerows(_day(node, month, month.start + timedelta(days=number)))
    return path


def _nodes() -> list[Resource]:
    """The machines of the cluster, as the bill knows them."""
    aws = next(provider for provider in clouds() if provider.key == "aws")
    return [r for r in resources(aws) if r.app.name == _APP and r.name.startswith(f"{_APP}-vm")]


def _day(node: Resource, month: Month, day: date) -> Iterator[list[str]]:
    for namespace, pod, share, labels in _PODS:
        seed = f"{node.name}/{namespace}/{day}"
        used = share * chance.one(seed, low=820, high=1120) // 1000
        cores, memory = _CORES * _DAY, _MEMORY * _DAY
        cpu, held = cores * used // 1000, memory * used // 1100
        yield [
            _moment(month.start), _moment(month.end), _moment(day),
            f"{day:%Y-%m-%d} 23:59:59 +0000 UTC", f"{pod}-{node.name[-2:]}", namespace,
            node.name, node.identity, str(cpu), str(cores * share // 1000), str(cores),
            str(held), str(memory * share // 1100), str(memory), str(_CORES), str(cores),
            str(_MEMORY), str(memory), "|".join(f"label_{k}:{v}" for k, v in labels.items()),
        ]  # fmt: skip


def _moment(day: date) -> str:
    return f"{day:%Y-%m-%d} 00:00:00 +0000 UTC"
