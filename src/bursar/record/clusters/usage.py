"""A cluster's usage in force, by node or volume and day, ready to be weighed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from bursar.core.calc.clusters.policy import Policy
from bursar.core.calc.clusters.weights import Use, Weight, node_weights, volume_weights
from bursar.core.money.amount import EXACT
from bursar.core.tables.cluster_usage import CLUSTER_TABLES, QUANTITY
from bursar.lake.cluster_usage import cluster_sums
from bursar.office.manifest.writing import in_force
from bursar.record.models import Batch

Entry = TypeVar("Entry")
KINDS = [table.name for table in CLUSTER_TABLES]


@dataclass
class _NodeDay:
    uses: list[Use] = field(default_factory=list)
    cpu: int = 0
    memory: int = 0


@dataclass
class ClusterUsage:
    """Uses by key and day; keys are the last part of a node's or volume's identifier."""

    nodes: dict[str, dict[date, _NodeDay]] = field(default_factory=dict)
    volumes: dict[str, dict[date, list[Use]]] = field(default_factory=dict)
    node_keys: dict[str, str] = field(default_factory=dict)
    """Name of a node in lower case → its key."""

    def of_node(self, key: str, first: date, last: date, policy: Policy) -> list[Weight]:
        """Weights of a node over some days; a day that it did not report adds nothing."""
        days = list(_within(self.nodes.get(key, {}), first, last))
        uses = [use for day in days for use in day.uses]
        capacity = {"cpu_capacity": sum(d.cpu for d in days)}
        capacity["memory_capacity"] = sum(d.memory for d in days)
        return node_weights(uses, policy, **capacity)

    def of_volume(self, key: str, first: date, last: date, policy: Policy) -> list[Weight]:
        days = _within(self.volumes.get(key, {}), first, last)
        return volume_weights([use for uses in days for use in uses], policy)

    def of_labels(
        self, labels: Mapping[str, str], first: date, last: date, policy: Policy
    ) -> list[Weight]:
        """Weights of all pods with these labels, on whichever node; they leave nothing idle."""
        uses = [
            use
            for node in self.nodes.values()
            for day in _within(node, first, last)
            for use in day.uses
            if use.labels and labels.items() <= json.loads(use.labels).items()
        ]
        return node_weights(uses, policy)

    def of_namespace(self, namespace: str, first: date, last: date, policy: Policy) -> list[Weight]:
        uses = [
            use
            for node in self.nodes.values()
            for day in _within(node, first, last)
            for use in day.uses
            if use.namespace == namespace
        ]
        return node_weights(uses, policy)


def _within(days: Mapping[date, Entry], first: date, last: date) -> Iterator[Entry]:
    if (last - first).days > len(days):
        yield from (value for day, value in sorted(days.items()) if first <= day <= last)
        return
    day = first
    while day <= last:
        if day in days:
            yield days[day]
        day += timedelta(days=1)


def usage_batches(cluster: str) -> list[str]:
    """Batches in force of everything that the cluster measured."""
    rows = Batch.objects.filter(
        source__name=cluster, kind__in=KINDS, superseded_at__isnull=True
    )  # fmt: skip
    return sorted(rows.values_list("batch_id", flat=True))


def read_usage(cluster: str) -> ClusterUsage:
    """All usage of one cluster that is in force. Refusals: lake.file_missing."""
    owners = usage_batches(cluster)
    files: dict[str, list[Path]] = {}
    for table, path in in_force().filter(owner__in=owners).values_list("table", "path"):
        files.setdefault(table, []).append(Path(settings.LAKE_FOLDER) / path)
    sums = cluster_sums(files)
    namespaces = {
        row["namespace"]: json.loads(row["labels"]) for row in sums["namespace_labels"].to_pylist()
    }
    usage = ClusterUsage()
    for row in sums["uses"].to_pylist():
        day = usage.nodes.setdefault(row["node_key"], {}).setdefault(row["day"], _NodeDay())
        labels = _labels(row["labels"], namespaces.get(row["namespace"]))
        day.uses.append(Use(row["namespace"], labels, units(row["cpu"]), units(row["memory"])))
    for row in sums["capacities"].to_pylist():
        day = usage.nodes[row["node_key"]][row["day"]]
        day.cpu, day.memory = units(row["cpu"]), units(row["memory"])
        usage.node_keys[row["node"].lower()] = row["node_key"]
    for row in sums["claims"].to_pylist():
        labels = _labels(row["labels"], namespaces.get(row["namespace"]))
        use = Use(row["namespace"], labels, storage=units(row["storage"]))
        usage.volumes.setdefault(row["volume_key"], {}).setdefault(row["day"], []).append(use)
    return usage


def units(quantity: Decimal | None) -> int:
    """A measure in whole units of its last digit."""
    return 0 if quantity is None else int(quantity.scaleb(QUANTITY.scale, context=EXACT))


def _labels(text: str, namespace: Mapping[str, str] | None) -> str:
    """A pod's labels over those of its namespace, as JSON with keys in order."""
    if not namespace:
        return text
    both = {**namespace, **(json.loads(text) if text else {})}
    return json.dumps(both, ensure_ascii=False, sort_keys=True, separators=(", ", ": "))


def all_resources(usage: ClusterUsage) -> Iterable[str]:
    return sorted({*usage.nodes, *usage.volumes})
