"""Clusters brought up to date: proposed when a bill names their nodes, split again on a change."""

from __future__ import annotations

import hashlib
import json

from bursar.core.calc.clusters.policy import PLATFORM
from bursar.core.tables.cluster_usage import POD_USAGE_LINE
from bursar.core.tables.cost_line import COST_LINE
from bursar.lake.day_sums import resources_met
from bursar.office.people.models import User
from bursar.record.clusters.deriving import ClusterSplit
from bursar.record.clusters.usage import all_resources, read_usage, usage_batches
from bursar.record.deriving import Derivation, publish_derived
from bursar.record.errors import PeriodClosed
from bursar.record.ledger import open_ledger
from bursar.record.models import Batch, Cluster, Source
from bursar.record.promotion import promoted_columns
from bursar.record.queries import sources_of_bills

ACT = "record.split_cluster"
_POLICY = (
    "state", "bill_id", "sub_account", "extent", "tag_key", "tag_value", "driver", "cpu_share",
    "idle", "platform", "label_keys", "version",
)  # fmt: skip


def refresh_clusters(acting_user: User | None) -> None:
    """Meet new clusters, propose them, and split again those whose bill or usage changed."""
    for name in _clusters_with_usage():
        Cluster.objects.get_or_create(name=name, defaults={"platform": list(PLATFORM)})
    for cluster in Cluster.objects.select_related("bill"):
        refresh_cluster(cluster, acting_user)


def refresh_cluster(cluster: Cluster, acting_user: User | None) -> None:
    """Bring one cluster up to date; cheap where nothing changed since the last time.

    A closed period keeps its split: the reason stands in `problem` until it is opened.
    """
    sources = bill_sources(cluster)
    stands_on = _fingerprint(cluster, sources)
    if stands_on == cluster.split_from:
        return
    if cluster.state in (Cluster.State.WAITING, Cluster.State.PROPOSED):
        _propose(cluster, sources)
        stands_on = _fingerprint(cluster, bill_sources(cluster))
    else:
        try:
            _split(cluster, sources, acting_user)
            cluster.problem = ""
        except PeriodClosed as refusal:
            cluster.problem = refusal.message
    cluster.split_from = stands_on
    cluster.save(update_fields=["state", "bill", "split_from", "problem"])


def bill_sources(cluster: Cluster) -> tuple[str, ...]:
    """Sources whose lines the cluster may stand on: its bill, or every one that is not derived."""
    if cluster.bill is not None:
        return (cluster.bill.name,)
    return sources_of_bills()


def _clusters_with_usage() -> list[str]:
    rows = Batch.objects.filter(kind=POD_USAGE_LINE.name, superseded_at__isnull=True)
    return sorted(set(rows.values_list("source__name", flat=True)))


def _propose(cluster: Cluster, sources: tuple[str, ...]) -> None:
    """The bill that names most of its nodes and volumes is the one it lives on."""
    met = resources_met(open_ledger().lines, list(all_resources(read_usage(cluster.name))))
    found = sorted((-count, name) for name, count in met.items() if name in sources)
    if found:
        cluster.state = Cluster.State.PROPOSED
        cluster.bill = Source.objects.get(name=found[0][1])


def _split(cluster: Cluster, sources: tuple[str, ...], acting_user: User | None) -> None:
    derivation = Derivation(cluster.derived_source, ACT, acting_user)
    promoted = promoted_columns()
    usage, lines = read_usage(cluster.name), open_ledger().lines
    split = ClusterSplit(cluster, usage, lines, sources, promoted)
    table = split.derived()
    if cluster.state == Cluster.State.OFF:
        table = table.slice(0, 0)
    publish_derived(derivation, table)


def _fingerprint(cluster: Cluster, sources: tuple[str, ...]) -> str:
    bills = Batch.objects.filter(
        kind=COST_LINE.name, superseded_at__isnull=True, source__name__in=sources
    )  # fmt: skip
    stands_on = [
        usage_batches(cluster.name),
        sorted(bills.values_list("batch_id", flat=True)),
        [str(getattr(cluster, name)) for name in _POLICY],
        promoted_columns(),
    ]
    return hashlib.sha256(json.dumps(stands_on).encode()).hexdigest()
