"""A generated OpenShift cluster on an AWS bill: namespaces, idle and platform equal the bill."""

from __future__ import annotations

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.actions.run_model import run_model
from bursar.allocate.models import Statement
from bursar.core.money.amount import exact_sum
from bursar.office.people.scope import Scope
from bursar.record.actions.import_files import import_files
from bursar.record.actions.set_cluster import ClusterChange, set_cluster
from bursar.record.models import Cluster
from bursar.record.verification import checks
from bursar.report.balance import balance
from bursar.report.clusters import cluster_costs
from bursar.report.costs import costs

pytestmark = pytest.mark.django_db
ALL = Scope.all()
BILL = Decimal("799.5650564915658910112467")
NAME = "my-ocp-cluster-1"

MODEL = """
name: Cluster by namespace
taxonomy: tbm-5.0
basis: effective
promote: [x_cluster_part, x_namespace, tag.app]
consumers: [Analytics, Catalog, Cost management, Platform team]
classify:
  - {name: Analytics, when: {x_namespace: analytics}, set: {consumer: Analytics}}
  - {name: Catalog, when: {tag.app: catalog}, set: {consumer: Catalog}}
  - {name: Cost, when: {x_namespace: cost-management}, set: {consumer: Cost management}}
  - {name: Platform, when: {x_cluster_part: [platform, idle]}, set: {consumer: Platform team}}
"""


@pytest.fixture
def cluster(home: Path, shared_data: Path) -> Cluster:
    folder = shared_data / "billing" / "nise"
    paths = [folder / "ocp_on_aws__April-2019-None.csv.gz"]
    kinds = ("pod_usage", "storage_usage", "namespace_label", "node_label")
    paths += [folder / f"ocp_on_aws__April-2019-{NAME}-ocp_{kind}.csv.gz" for kind in kinds]
    for path in paths:
        import_files(paths=[path], acting_user=None)
    assert Cluster.objects.get().state == "proposed"
    change = ClusterChange(extent="everything", label_keys=("app",))
    return set_cluster(acting_user=None, name=NAME, change=change)


def test_every_view_adds_up_to_the_bill(cluster: Cluster) -> None:
    """The parts of the cluster equal the bill to its 22nd digit, however they are looked at."""
    for by in ("namespace", "part", "node", "label:app", "label"):
        found = cluster_costs(ALL, by=by, basis="effective")
        assert found.totals == found.taken, by
        found = cluster_costs(ALL, by=by, basis="billed")
        assert found.totals == found.taken == {"USD": BILL}, by
    namespaces = {row.key for row in cluster_costs(ALL).rows if row.key}
    assert namespaces == {
        "analytics", "catalog", "cost-management", "install-test", "kube-system", "openshift",
    }  # fmt: skip
    assert [check.detail for check in checks() if not check.ok] == []


def test_a_run_with_a_model_carries_all_of_it(cluster: Cluster) -> None:
    apply_model(text=MODEL, acting_user=None)
    run_model(acting_user=None, periods=["2019-04"], basis="billed")
    (row,) = balance(ALL, periods=["2019-04"], basis="billed").rows
    assert row.cost_in == BILL
    assert row.holds
    resting = (row.allocated, row.retained, row.unallocated, row.recovery_gap, row.rounding)
    assert exact_sum(resting) == BILL
    parts = {(r.part, r.key): r.amount for r in cluster_costs(ALL, basis="billed").rows}
    consumers = {
        r.dimensions["consumer"]: r.amount
        for r in costs(ALL, by=["consumer"], periods=["2019-04"], basis="billed").rows
    }
    assert consumers["Analytics"] == parts["workload", "analytics"]
    shared = [parts["idle", None], parts["platform", "kube-system"], parts["platform", "openshift"]]
    assert consumers["Platform team"] == exact_sum(shared)


LABELS = """
name: Cluster by label
taxonomy: tbm-5.0
basis: billed
promote: [x_cluster_part, tag.app]
consumers: [analytics, catalog, cost, master, Idle, Without a label]
classify:
  - {name: by label, set: {consumer: {column: tag.app}}}
  - {name: idle, when: {x_cluster_part: idle}, set: {consumer: Idle}}
  - {name: the rest, set: {consumer: Without a label}}
"""


def test_labels_pay_the_bill_to_its_last_digit(cluster: Cluster) -> None:
    """Everybody who has a label, what is idle, and what no label names: together the bill."""
    apply_model(text=LABELS, acting_user=None)
    run_model(acting_user=None, periods=["2019-04"])
    (row,) = balance(ALL, periods=["2019-04"], basis="billed").rows
    assert (row.cost_in, row.allocated, row.unallocated, row.rounding) == (BILL, BILL, 0, 0)
    charged = dict(Statement.objects.values_list("consumer", "total"))
    assert exact_sum(map(Decimal, charged.values())) == BILL
    parts = {
        (r.part, r.key): r.amount for r in cluster_costs(ALL, by="label:app", basis="billed").rows
    }
    assert {name: Decimal(total) for name, total in charged.items()} == {
        "analytics": parts["workload", "analytics"],
        "catalog": parts["workload", "catalog"],
        "cost": parts["workload", "cost"],
        "master": parts["platform", "master"],
        "Idle": parts["idle", None],
        "Without a label": parts["unattributed", None],
    }


def test_the_bill_says_so_itself(shared_data: Path) -> None:
    """What labels must pay, read from the file by another way than importing it."""
    path = shared_data / "billing" / "nise" / "ocp_on_aws__April-2019-None.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        costs = [row["lineItem/UnblendedCost"] for row in csv.DictReader(handle)]
    assert exact_sum(map(Decimal, costs)) == BILL
