"""From a bill and a cluster's usage to derived lines: a reversal, and the parts in its place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import pyarrow as pa

from bursar.core.calc.clusters.policy import Policy
from bursar.core.calc.clusters.splitting import Share, scale_of, split_line
from bursar.core.calc.clusters.weights import Element, Weight
from bursar.core.money.amount import EXACT, exact_text
from bursar.core.tables.cluster_usage import QUANTITY
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import BASES, COST_COLUMN, DIMENSION_COLUMNS
from bursar.lake.day_sums import FIRST_DAY, LAST_DAY, Chosen, day_sums
from bursar.lake.lines import LineFiles
from bursar.lake.questions import Condition
from bursar.lake.tags import read_tags
from bursar.record.clusters.usage import ClusterUsage, all_resources
from bursar.record.models import Cluster

NODE_TAG, PROJECT_TAG, CLUSTER_TAG = "openshift_node", "openshift_project", "openshift_cluster"
ORIGIN = "x_origin_source"
OWN = ("x_cluster", "x_cluster_part", "x_namespace", ORIGIN)
"""Own columns of derived lines; `x_cluster_part` of a reversal is `reversal`."""

_CARRIED = (
    *DIMENSION_COLUMNS,
    "billing_currency", "billing_period_start", "billing_period_end", "posting_period",
    "charge_frequency", "invoice_id", "resource_id", "resource_name", "evidence_group", "tags",
)  # fmt: skip
_COSTS = [COST_COLUMN[basis] for basis in BASES]
_TYPES = {column.name: column.type for column in COST_LINE.columns}
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
        scales = _scales(row for row, _ in ours)
        made: list[dict[str, Any]] = []
        for row, weights in ours:
            amounts = {column: row[column] for column in _COSTS}
            if not any(amounts.values()):
                continue
            shares = split_line(amounts, weights, scale=scales[row["billing_currency"]])
            made.append(self._reversal(row, amounts))
            made += [self._part(row, share) for share in shares if any(share.amounts.values())]
        return self._table(made)

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
        return day_sums(self.lines, [*_CARRIED, *own], chosen)

    def _weights(self, row: Mapping[str, Any]) -> list[Weight] | None:
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

    def _reversal(
        self, row: Mapping[str, Any], amounts: Mapping[str, Decimal | None]
    ) -> dict[str, Any]:
        turned = {c: None if a is None else EXACT.minus(a) for c, a in amounts.items()}
        told = f"Taken out of {row['source']} to be split by cluster {self.cluster.name}"
        return self._line(row, "reversal", told) | turned

    def _part(self, row: Mapping[str, Any], share: Share) -> dict[str, Any]:
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

    def _line(self, row: Mapping[str, Any], part: str, told: str) -> dict[str, Any]:
        kept = {k: v for k, v in row.items() if k not in (FIRST_DAY, LAST_DAY, "lines", *_COSTS)}
        return kept | {
            "source": None,
            ORIGIN: row["source"],
            "x_cluster": self.cluster.name,
            "x_cluster_part": part,
            "charge_period_start": _midnight(row[FIRST_DAY]),
            "charge_period_end": _midnight(row[LAST_DAY] + timedelta(days=1)),
            "charge_description": told,
            "record_ref": f"cluster {self.cluster.name} v{self.cluster.version}",
        }

    def _table(self, made: list[dict[str, Any]]) -> pa.Table:
        names = list(dict.fromkeys(name for line in made for name in line if name != "source"))
        return pa.table(
            {n: pa.array([line.get(n) for line in made], _TYPES.get(n, pa.string())) for n in names}
        )


def _scales(groups: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    amounts: dict[str, list[Decimal | None]] = {}
    for row in groups:
        amounts.setdefault(row["billing_currency"], []).extend(row[column] for column in _COSTS)
    return {currency: scale_of(found) for currency, found in amounts.items()}


def _details(share: Share) -> str | None:
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


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
