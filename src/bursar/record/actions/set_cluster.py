"""Act: say where a cluster's cost lies and how it is split, and split it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from bursar.core.calc.clusters.policy import DRIVERS, IDLE
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.clusters.refreshing import refresh_cluster, refresh_clusters
from bursar.record.errors import BadCluster, UnknownCluster
from bursar.record.models import AiFeed, Cluster, Source

_MOST_PATTERNS = 100


@dataclass(frozen=True)
class ClusterChange:
    """What shall be set; None leaves it as it is. `bill` is a source's name, empty for all."""

    active: bool | None = None
    bill: str | None = None
    sub_account: str | None = None
    extent: str | None = None
    tag_key: str | None = None
    tag_value: str | None = None
    driver: str | None = None
    cpu_share: Decimal | None = None
    idle: str | None = None
    platform: tuple[str, ...] | None = None
    label_keys: tuple[str, ...] | None = None


def set_cluster(*, acting_user: User | None, name: str, change: ClusterChange) -> Cluster:
    """Change a cluster and publish its split; `active=False` withdraws it.

    Refuses: people.not_allowed, record.unknown_cluster, record.bad_cluster, and what
    `publish_derived` refuses except a closed period, which the cluster then names as its problem.
    """
    require(acting_user, "record.set_cluster")
    refresh_clusters(acting_user)
    cluster = Cluster.objects.filter(name=name).select_related("bill").first()
    if cluster is None:
        known = ", ".join(Cluster.objects.values_list("name", flat=True)) or "none yet"
        raise UnknownCluster(
            f"There is no cluster '{name}' (known: {known}). Import its usage files first; "
            "they bring its name."
        )
    with transaction.atomic():
        before = _told(cluster)
        _apply(cluster, change)
        if _told(cluster) != before:
            cluster.version += 1
            cluster.save()
            record_act(
                act="record.set_cluster",
                subject=name,
                actor=acting_user,
                detail={"before": before, "after": _told(cluster), "version": cluster.version},
            )
    refresh_cluster(cluster, acting_user)
    return cluster


def split_clusters(*, acting_user: User | None) -> list[Cluster]:
    """Bring every cluster up to date now, as an import and a run do by themselves.

    Refuses: people.not_allowed, and what `publish_derived` refuses.
    """
    require(acting_user, "record.set_cluster")
    refresh_clusters(acting_user)
    return list(Cluster.objects.select_related("bill"))


def _apply(cluster: Cluster, change: ClusterChange) -> None:
    _check(change)
    given = {key: value for key, value in asdict(change).items() if value is not None}
    if given.pop("active", True) is False:
        cluster.state = Cluster.State.OFF
    else:
        cluster.state = Cluster.State.ACTIVE
    if "bill" in given:
        cluster.bill = _bill(given.pop("bill"))
    for field, value in given.items():
        setattr(cluster, field, list(value) if isinstance(value, tuple) else value)
    if cluster.extent == Cluster.Extent.TAG and not (cluster.tag_key and cluster.tag_value):
        raise BadCluster("A cluster that is found by its tag needs the tag: give key and value.")
    if cluster.state == Cluster.State.ACTIVE:
        _refuse_overlap(cluster)


def _refuse_overlap(cluster: Cluster) -> None:
    """A line is split once: nothing else stands on a bill of which one cluster takes everything."""
    everything = Cluster.Extent.EVERYTHING
    others = Cluster.objects.filter(state=Cluster.State.ACTIVE).exclude(pk=cluster.pk)
    splits: list[tuple[Cluster | AiFeed, str, str]] = [
        (other, other.sub_account, other.extent) for other in others
    ]
    if cluster.extent == everything:
        feeds = AiFeed.objects.filter(state=AiFeed.State.ACTIVE)
        splits += [(feed, "", everything) for feed in feeds]
    for other, account, extent in splits:
        same_bill = None in (other.bill_id, cluster.bill_id) or other.bill_id == cluster.bill_id
        same_account = not account or account == cluster.sub_account or not cluster.sub_account
        if same_bill and same_account and everything in (extent, cluster.extent):
            raise BadCluster(
                f"'{other.name}' stands on the same bill, and a line is split once. Give each its "
                "own bill or account, or the extent resources or tag."
            )


def _bill(name: str) -> Source | None:
    if not name:
        return None
    found = Source.objects.filter(name=name).first()
    if found is None:
        raise BadCluster(f"There is no source '{name}'. `bursar batches` lists them.")
    return found


def _check(change: ClusterChange) -> None:
    choices = {"extent": Cluster.Extent.values, "driver": DRIVERS, "idle": IDLE}
    for field, allowed in choices.items():
        value = getattr(change, field)
        if value is not None and value not in allowed:
            raise BadCluster(f"'{value}' is no {field} of a cluster; write {', '.join(allowed)}.")
    share = change.cpu_share
    if share is not None and not (share.is_finite() and 0 <= share <= 1):
        raise BadCluster(f"The cores' share of the cost is a number from 0 to 1, not {share}.")
    if share is not None and share != round(share, 4):
        raise BadCluster(f"The cores' share has at most 4 digits after the point, not {share}.")
    for field in ("sub_account", "tag_key", "tag_value"):
        if len(getattr(change, field) or "") > 200:
            raise BadCluster(f"The {field} of a cluster has at most 200 characters.")
    for patterns in (change.platform, change.label_keys):
        if patterns is not None and (
            len(patterns) > _MOST_PATTERNS or any(not 0 < len(p) <= 200 for p in patterns)
        ):
            raise BadCluster(
                f"Give at most {_MOST_PATTERNS} patterns or labels of 1 to 200 characters."
            )


def _told(cluster: Cluster) -> dict[str, Any]:
    """The decision as the journal keeps it."""
    return {
        "state": str(cluster.state),
        "bill": cluster.bill.name if cluster.bill else "",
        **{
            field: str(getattr(cluster, field))
            for field in ("sub_account", "extent", "tag_key", "tag_value", "driver", "idle")
        },
        "cpu_share": f"{Decimal(cluster.cpu_share):.4f}",
        "platform": list(cluster.platform),
        "label_keys": list(cluster.label_keys),
    }
