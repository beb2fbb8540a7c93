"""From a bill and a cluster's usage to derived lines: a reversal, and the parts in its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import pyarrow as pa

from bursar.core.calc.clusters.policy import Policy
from bursar.core.calc.clusters.splitting import Share, split_line
from bursar.core.calc.clusters.weights import Element, Weight
from bursar.core.money.amount import EXACT, exact_text
from bursar.core.tables.cluster_usage import QUANTITY
from bursar.lake.day_sums import FIRST_DAY, LAST_DAY, Chosen, day_sums
from bursar.lake.lines import LineFiles
from bursar.lake.questions import Condition
from bursar.lake.tags import read_tags
from bursar.record.clusters.usage import ClusterUsage, all_resources
from bursar.record.models import Cluster
from bursar.record.split_lines import (
    CARRIED,
    ORIGIN,
    REVERSAL,
    Amounts,
    Row,
    amounts_of,
    as_table,
    derived_line,
    reversed_amounts,
    scales,
)

NODE_TAG, PROJECT_TAG, CLUSTER_TAG = "openshift_node", "openshift_project", "openshift_cluster"
OWN = ("x_cluster", "x_cluster_part", "x_namespace", ORIGIN)
"""Own columns of derived lines; `x_cluster_part` of a reversal is `reversal`."""

_WHOLE = Element("Share", 10**QUANTITY.scale, 1)
_NAMES = {"idle": "Idle", "unattributed": "Not attributed", "platform": "Platform"}


@dataclass(frozen=True)
class ClusterSplit:
    """One cluster's split: everything it needs, and nothing it looks up."""

    cluster: Cluster
    usage: ClusterUsage
    lines: LineFiles
    sources: tuple[str, ...]
    promoted: tuple[str, ...] = ()

    @cached_property
    def policy(self) -> Policy:
        c = self.cluster
        return Policy(c.driver, c.cpu_share, c.idle, tuple(c.platform))  # type: ignore[arg-type]

    def derived(self) -> pa.Table:
        """Cost lines that reverse what is split and give it to its parts."""
        weighed = [(row, self._weights(row)) for row in self._groups().to_pylist()]
        ours = [(row, weights) for row, weights in weighed if weights is not None]
        kept = scales(row for row, _ in ours)
        made: list[dict[str, Any]] = []
        for row, weights in ours:
            amounts = amounts_of(row)
            if not any(amounts.values()):
                continue
            shares = split_line(amounts, weights, scale=kept[row["billing_currency"]])
            made.append(self._reversal(row, amounts))
            made += [self._part(row, share) for share in shares if any(share.amounts.values())]
        return as_table(made)

    def _groups(self) -> pa.Table:
        where = [Condition("source", "in", list(self.sources))]
        if self.cluster.sub_account:
            where.append(Condition("sub_account_id", "=", self.cluster.sub_account))
        tag = [self.cluster.tag_value] if self.cluster.tag_value else []
        chosen = Chosen(
            where=where,
            everything=self.cluster.extent == Cluster.Extent.EVERYTHING,
            resources=list(all_resources(self.usage)),
            in_tags=[*tag, *self.cluster.label_keys, NODE_TAG, PROJECT_TAG, CLUSTER_TAG],
        )
        own = [name for name in self.promoted if name.startswith("x_") and name not in OWN]
        return day_sums(self.lines, [*CARRIED, *own], chosen)

    def _weights(self, row: Row) -> list[Weight] | None:
        """Who used it (rule K4), an empty list where nobody is known to; None: not ours."""
        days = (row[FIRST_DAY], row[LAST_DAY], self.policy)
        key = (row["resource_id"] or "").rsplit("/", 1)[-1].lower()
        if key in self.usage.nodes:
            return self.usage.of_node(key, *days)
        if key in self.usage.volumes:
            return self.usage.of_volume(key, *days)
        tags = read_tags(row["tags"]) if row["tags"] else {}
        if (node := self.usage.node_keys.get(tags.get(NODE_TAG, "").lower())) is not None:
            return self.usage.of_node(node, *days)
        if found := self._by_names(tags, days):
            return found
        if self._is_tagged(tags):
            return [Weight("platform", "", "", (_WHOLE,))]
        return [] if self.cluster.extent == Cluster.Extent.EVERYTHING else None

    def _by_names(
        self, tags: Mapping[str, str], days: tuple[date, date, Policy]
    ) -> list[Weight] | None:
        if namespace := tags.get(PROJECT_TAG):
            return self.usage.of_namespace(namespace, *days)
        named = {key: tags[key] for key in self.cluster.label_keys if key in tags}
        return self.usage.of_labels(named, *days) if named else None

    def _is_tagged(self, tags: Mapping[str, str]) -> bool:
        if tags.get(CLUSTER_TAG) == self.cluster.name:
            return True
        key, value = self.cluster.tag_key, self.cluster.tag_value
        return self.cluster.extent == Cluster.Extent.TAG and tags.get(key) == value

    def _reversal(self, row: Row, amounts: Amounts) -> dict[str, Any]:
        told = f"Taken out of {row['source']} to be split by cluster {self.cluster.name}"
        return self._line(row, REVERSAL, told) | reversed_amounts(amounts)

    def _part(self, row: Row, share: Share[Weight]) -> dict[str, Any]:
        weight = share.weight
        given = weight.namespace or _NAMES[weight.part]
        line = self._line(row, weight.part, f"{weight.part.capitalize()}: {given}")
        line |= share.amounts
        line |= {
            "x_namespace": weight.namespace or None,
            "allocated_method_id": self.policy.method_id,
            "allocated_method_details": _details(share),
            "allocated_resource_id": weight.namespace or weight.part,
            "allocated_resource_name": given,
            "allocated_tags": weight.labels or None,
        }
        if weight.labels:
            tags = (read_tags(row["tags"]) if row["tags"] else {}) | json.loads(weight.labels)
            line["tags"] = json.dumps(tags, ensure_ascii=False, sort_keys=True)
        return line

    def _line(self, row: Row, part: str, told: str) -> dict[str, Any]:
        own = {"x_cluster": self.cluster.name, "x_cluster_part": part}
        reference = f"cluster {self.cluster.name} v{self.cluster.version}"
        return derived_line(row, told, reference, own)


def _details(share: Share[Weight]) -> str | None:
    """How the part was found, as FOCUS asks (rule K8)."""
    if not share.ratios:
        return None
    elements = [
        {
            "AllocatedRatio": exact_text(ratio),
            "UsageUnit": element.unit,
            "UsageQuantity": _quantity(element.quantity),
        }
        for element, ratio in zip(share.weight.elements, share.ratios, strict=True)
    ]
    return json.dumps({"Elements": elements})


def _quantity(quantity: int) -> str:
    return exact_text(Decimal(quantity).scaleb(-QUANTITY.scale, context=EXACT))
