"""A cluster's split as derived lines, beside the bill and kept up to date (rules K4, K9-K13)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.connect.samples import row, write
from tests.connect.test_kubernetes import PODS, VOLUMES

from bursar.lake.lines import SCAN
from bursar.office.calendar.models import Period, PeriodState
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record.actions.import_files import import_files
from bursar.record.actions.set_cluster import ClusterChange, set_cluster, split_clusters
from bursar.record.errors import BadCluster, UnknownCluster
from bursar.record.ledger import open_ledger
from bursar.record.models import Batch, Cluster
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db
USER = None


def hour(day: int, hours: int) -> str:
    begin, end = f"2026-03-{day:02d} {hours:02d}:00:00", f"2026-03-{day:02d} {hours:02d}:59:59"
    return f"x,x,{begin} +0000 UTC,{end} +0000 UTC"


def pod(place: str, cores: int, *, node: str = "n1", at: tuple[int, int] = (2, 5)) -> str:
    """A pod of a namespace with its labels, on a node with 8 core-seconds an hour."""
    namespace, _, label = place.partition(":")
    labels = f"label_app:{label}" if label else ""
    return f"{hour(*at)},p,{namespace},{node},i-{node},{cores},0,0,{cores},0,0,8,8,{labels}"


def usage(folder: Path, *rows: str) -> None:
    path = folder / "March-2026-blue-ocp_pod_usage.csv"
    path.write_text("\n".join((PODS, *rows)), encoding="utf-8")
    import_files(paths=[path], acting_user=USER)


def claims(folder: Path, *rows: str) -> None:
    path = folder / "March-2026-blue-ocp_storage_usage.csv"
    path.write_text("\n".join((VOLUMES, *rows)), encoding="utf-8")
    import_files(paths=[path], acting_user=USER)


def line(resource: str, cost: str, *, day: int = 2, tags: dict[str, str] | None = None) -> dict:
    return row(
        BilledCost=cost, EffectiveCost=cost, ListCost="", ContractedCost=cost, ResourceId=resource,
        BillingPeriodStart="2026-03-01T00:00:00Z", BillingPeriodEnd="2026-04-01T00:00:00Z",
        ChargePeriodStart=f"2026-03-{day:02d}T05:00:00Z",
        ChargePeriodEnd=f"2026-03-{day:02d}T06:00:00Z",
        BillingAccountId="1", SubAccountId="a", Tags=json.dumps(tags or {}),
    )  # fmt: skip


def bill(folder: Path, *lines: dict[str, str]) -> None:
    import_files(paths=[write(folder / "bill.csv", lines)], acting_user=USER, source="bill")


def split(**change: Any) -> Cluster:
    return set_cluster(acting_user=USER, name="blue", change=ClusterChange(**change))


def parts(*columns: str) -> dict[Any, Decimal]:
    """Billed cost of derived lines by part and further columns, without reversals."""
    if "x_cluster_part" not in open_ledger().lines.columns:
        return {}
    keys = ", ".join(("x_cluster_part", *columns))
    found = open_ledger().lines.ask(
        f"SELECT {keys}, sum(billed_cost) AS cost FROM {SCAN} "
        "WHERE x_cluster_part <> 'reversal' GROUP BY ALL",
        {},
    )
    rows = [tuple(r.values()) for r in found.to_pylist()]
    return {r[:-1] if columns else r[0]: r[-1].normalize() for r in rows}


def total() -> Decimal:
    found = open_ledger().sums(basis="billed")["amount"].to_pylist()
    return sum(found, Decimal(0))


def test_a_bill_that_names_its_nodes_proposes_a_cluster(home: Path, tmp_path: Path) -> None:
    """Rule K12: nothing is split before somebody says so."""
    usage(tmp_path, pod("shop", 2))
    assert Cluster.objects.get().state == "waiting"
    bill(tmp_path, line("i-n1", "1"))
    found = Cluster.objects.get()
    assert (found.state, found.bill.name) == ("proposed", "bill")
    assert Batch.objects.filter(source__name="cluster blue").count() == 0


def test_lines_beside_the_bill(home: Path, tmp_path: Path) -> None:
    """Rules K4 and K11: a node is split, another resource is not; the bill stays as it is."""
    bill(tmp_path, line("arn:aws:ec2:x:instance/I-n1", "0.80"), line("db-1", "5"))
    usage(tmp_path, pod("shop:web", 2), pod("kube-system", 1))
    split(driver="cpu")
    assert parts("x_namespace") == {
        ("workload", "shop"): Decimal("0.2"),
        ("platform", "kube-system"): Decimal("0.1"),
        ("idle", None): Decimal("0.5"),
    }
    assert total() == Decimal("5.80")
    found = (
        open_ledger()
        .lines.ask(
            f"SELECT * FROM {SCAN} WHERE x_namespace = 'shop'",
            {},
        )
        .to_pylist()
    )
    (shop,) = found
    assert json.loads(shop["tags"]) == {"app": "web"}
    assert json.loads(shop["allocated_tags"]) == {"app": "web"}
    assert shop["allocated_method_id"] == "cluster:cpu:idle-keep"
    assert json.loads(shop["allocated_method_details"]) == {
        "Elements": [{"AllocatedRatio": "0.25", "UsageUnit": "Core-Seconds", "UsageQuantity": "2"}]
    }
    assert (shop["list_cost"], shop["x_origin_source"]) == (None, "bill")
    assert shop["record_ref"] == "cluster blue v2"
    assert [check.detail for check in checks() if not check.ok] == []


def test_everything_on_the_bill(home: Path, tmp_path: Path) -> None:
    """Rule K9: what no usage matches stays visible."""
    bill(tmp_path, line("i-n1", "1"), line("db-1", "5"), line("i-n1", "-0.3", day=9))
    usage(tmp_path, pod("shop", 8))
    split(driver="cpu", extent="everything")
    assert parts() == {"workload": Decimal(1), "unattributed": Decimal("4.7")}
    assert total() == Decimal("5.7")


def test_tags_name_nodes_namespaces_labels_and_the_cluster(home: Path, tmp_path: Path) -> None:
    """Rule K4, in its order."""
    bill(
        tmp_path,
        line("a", "1", tags={"openshift_node": "N1"}),
        line("b", "2", tags={"openshift_project": "shop"}),
        line("c", "4", tags={"app": "web"}),
        line("d", "8", tags={"openshift_cluster": "blue"}),
        line("e", "16", tags={"team": "blue-team"}),
        line("f", "32", tags={"team": "red-team"}),
    )
    usage(tmp_path, pod("shop:web", 4), pod("other:web", 4), pod("third:db", 0))
    split(
        driver="cpu", extent="tag", tag_key="team", tag_value="blue-team", label_keys=("app",)
    )  # fmt: skip
    assert parts("resource_id", "x_namespace") == {
        ("workload", "a", "shop"): Decimal("0.5"),
        ("workload", "a", "other"): Decimal("0.5"),
        ("workload", "b", "shop"): Decimal(2),
        ("workload", "c", "shop"): Decimal(2),
        ("workload", "c", "other"): Decimal(2),
        ("platform", "d", None): Decimal(8),
        ("platform", "e", None): Decimal("16"),
    }


def test_volumes_go_to_their_claims(home: Path, tmp_path: Path) -> None:
    """Rule K7: a claim that two pods mount counts once."""
    usage(tmp_path, pod("shop", 1))
    at = hour(2, 5).removeprefix("x,x,")
    claims(
        tmp_path,
        f"{at},shop,p1,data,pv-1,gp3,vol-9,30,30,1,,",
        f"{at},shop,p2,data,pv-1,gp3,vol-9,30,30,1,,",
        f"{at},other,p3,more,pv-1,gp3,vol-9,10,10,1,,label_app:db",
    )
    bill(tmp_path, line("vol-9", "4"))
    split(driver="cpu")
    assert parts("x_namespace") == {
        ("storage", "shop"): Decimal(3),
        ("storage", "other"): Decimal(1),
    }


def test_a_node_that_appears_within_a_day(home: Path, tmp_path: Path) -> None:
    """Rule K10: two of its hours were reported, of 8 core-seconds each."""
    bill(tmp_path, line("i-n1", "1", day=3), line("i-n1", "1", day=4))
    usage(tmp_path, pod("shop", 4, at=(3, 22)), pod("shop", 8, at=(3, 23)))
    split(driver="cpu", extent="everything")
    assert parts("charge_period_start::DATE::VARCHAR") == {
        ("workload", "2026-03-03"): Decimal("0.75"),
        ("idle", "2026-03-03"): Decimal("0.25"),
        ("unattributed", "2026-03-04"): Decimal(1),
    }


def test_it_follows_bill_and_usage(home: Path, tmp_path: Path) -> None:
    """Rule K13: split again where something changed, and only there."""
    bill(tmp_path, line("i-n1", "1"))
    usage(tmp_path, pod("shop", 2))
    split(driver="cpu")
    held = Batch.objects.get(source__name="cluster blue", superseded_at=None)
    split_clusters(acting_user=USER)
    assert Batch.objects.get(source__name="cluster blue", superseded_at=None) == held
    usage(tmp_path, pod("shop", 4))
    assert parts() == {"workload": Decimal("0.5"), "idle": Decimal("0.5")}
    bill(tmp_path, line("i-n1", "3"))
    assert parts() == {"workload": Decimal("1.5"), "idle": Decimal("1.5")}
    split(idle="share")
    assert parts() == {"workload": Decimal(3)}
    split(active=False)
    assert parts() == {}
    assert total() == Decimal(3)


def test_a_closed_period_keeps_its_split(home: Path, tmp_path: Path) -> None:
    bill(tmp_path, line("i-n1", "1"))
    usage(tmp_path, pod("shop", 2))
    split(driver="cpu")
    Period.objects.filter(code="2026-03").update(state=PeriodState.CLOSED)
    found = split(driver="cpu", idle="share")
    assert found.problem == ""
    assert parts() == {"workload": Decimal("0.25"), "idle": Decimal("0.75")}
    assert total() == Decimal(1)


@pytest.mark.parametrize(
    "change",
    [
        {"driver": "gpu"},
        {"idle": "hide"},
        {"extent": "most"},
        {"extent": "tag"},
        {"cpu_share": Decimal("1.5")},
        {"cpu_share": Decimal("0.12345")},
        {"bill": "nothing"},
        {"platform": ("",)},
        {"tag_key": "x" * 201},
    ],
)
def test_settings_that_are_none(home: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    usage(tmp_path, pod("shop", 2))
    with pytest.raises(BadCluster) as refusal:
        split(**change)
    assert refusal.value.code == "record.bad_cluster"
    assert Cluster.objects.get().version == 1


def test_who_may_and_what_there_is(home: Path) -> None:
    with pytest.raises(UnknownCluster) as refusal:
        split()
    assert refusal.value.code == "record.unknown_cluster"
    reader = User.objects.create_user("ada", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        set_cluster(acting_user=reader, name="blue", change=ClusterChange())
