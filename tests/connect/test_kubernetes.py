"""Usage files of clusters: pods, volumes, labels, GPUs, machines, also in archives."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import Result, read_text

from bursar.connect.kubernetes import cluster_of_file
from bursar.connect.reading import open_reading

PODS = (
    "report_period_start,report_period_end,interval_start,interval_end,pod,namespace,node,"
    "resource_id,pod_usage_cpu_core_seconds,pod_request_cpu_core_seconds,"
    "pod_limit_cpu_core_seconds,pod_usage_memory_byte_seconds,pod_request_memory_byte_seconds,"
    "pod_limit_memory_byte_seconds,node_capacity_cpu_core_seconds,"
    "node_capacity_memory_byte_seconds,pod_labels"
)
HOUR = "2026-03-01 00:00:00 +0000 UTC,2026-04-01 00:00:00 +0000 UTC,2026-03-02 05:00:00 +0000 UTC,"
HOUR += "2026-03-02 05:59:59 +0000 UTC"


def pods(folder: Path, *rows: str) -> Result:
    return read_text(folder, "\n".join((PODS, *rows)), name="March-2026-blue-ocp_pod_usage.csv")


def pod(cells: str) -> str:
    return f"{HOUR},web-1,shop,n1,i-1,{cells}"


def test_a_pods_row(tmp_path: Path) -> None:
    row = pod("338.07599999999996,3600,7200,7.5e12,7730941132800,,7200,3e15,label_app:web|label_a:")
    found = pods(tmp_path, row)
    assert found.rejected == []
    assert found.reading.format == "kubernetes"
    assert found.reading.source_name == "blue"
    line = found.lines[0]
    assert line["fact"] == "pod_usage_line"
    assert line["cpu_used"] == Decimal("338.07599999999996")
    assert line["cpu_effective"] == Decimal(3600)
    assert line["memory_effective"] == Decimal(7730941132800)
    assert line["memory_capacity"] == Decimal("3000000000000000")
    assert line["labels"] == '{"a": "", "app": "web"}'
    assert (str(line["interval_start"]), str(line["interval_end"])) == (
        "2026-03-02 05:00:00+00:00",
        "2026-03-02 06:00:00+00:00",
    )


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("x,1,1,1,1,1,1,1,", "import.amount_not_a_number"),
        ("-1,1,1,1,1,1,1,1,", "import.quantity_negative"),
        ("1e19,1,1,1,1,1,1,1,", "import.amount_too_large"),
    ],
)
def test_quantities_that_are_none(tmp_path: Path, cells: str, code: str) -> None:
    found = pods(tmp_path, pod(cells), pod("1,1,1,1,1,1,1,1,"))
    assert [one["code"] for one in found.rejected] == [code]
    assert len(found.lines) == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"{HOUR},web-1,,n1,i-1,1,1,1,1,1,1,1,1,", "import.namespace_missing"),
        (f"{HOUR},web-1,shop,,i-1,1,1,1,1,1,1,1,1,", "import.node_missing"),
        (f"{HOUR.replace('2026-03-02 05:00', 'soon')},p,s,n,i,1,1,1,1,1,1,1,1,",
         "import.date_invalid"),
    ],
)  # fmt: skip
def test_rows_without_a_place(tmp_path: Path, row: str, code: str) -> None:
    assert [one["code"] for one in pods(tmp_path, row).rejected] == [code]


def test_a_float_that_is_finer_than_the_table_is_rounded_and_noted(tmp_path: Path) -> None:
    found = pods(tmp_path, pod("0.000012345678901234567,1,1,1,1,1,1,1,"))
    assert found.lines[0]["cpu_used"] == Decimal("0.00001234567890123457")
    assert [w.code for w in found.reading.warnings] == ["import.quantity_rounded"]


VOLUMES = (
    "interval_start,interval_end,namespace,pod,persistentvolumeclaim,persistentvolume,"
    "storageclass,csi_volume_handle,persistentvolumeclaim_capacity_byte_seconds,"
    "volume_request_storage_byte_seconds,persistentvolumeclaim_usage_byte_seconds,"
    "persistentvolume_labels,persistentvolumeclaim_labels"
)
VOLUME = "2026-03-02 05:00:00 +0000 UTC,,shop,,data,pv-1,gp3,vol-9,10,20,5,label_a:1|label_b:1,"
VOLUME += "label_b:2"


def test_an_archive_with_a_manifest(tmp_path: Path) -> None:
    parts = {
        "a/pods.csv": (PODS + "\n" + pod("1,2,3,4,5,6,7,8,")).encode(),
        "a/storage.csv.gz": gzip.compress((VOLUMES + "\n" + VOLUME).encode()),
        "manifest.json": json.dumps({"cluster_id": "green", "files": []}).encode(),
    }
    path = tmp_path / "payload.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    found = Result(open_reading([path]))
    assert found.rejected == []
    assert found.reading.source_name == "green"
    assert [line["fact"] for line in found.lines] == ["pod_usage_line", "volume_usage_line"]
    volume = found.lines[1]
    assert volume["labels"] == '{"a": "1", "b": "2"}'
    assert (volume["volume_handle"], volume["storage_requested"]) == ("vol-9", Decimal(20))


@pytest.mark.parametrize(
    ("name", "cluster"),
    [
        ("x__April-2019-my-cluster-1-ocp_pod_usage.csv.gz", "my-cluster-1"),
        ("April-2019-my-cluster-1-ocp_namespace_label.csv.gz", "my-cluster-1"),
        ("prod_pod_usage.csv", "prod"),
        ("prod-eu_openshift_storage_usage_report.0.csv", "prod-eu"),
        ("pod_usage.csv", None),
    ],
)
def test_the_cluster_that_a_name_speaks_of(name: str, cluster: str | None) -> None:
    assert cluster_of_file(name) == cluster


def test_outside_files_lose_no_row(shared_data: Path) -> None:
    counts = {
        "ocp__ocp_pod_usage": 7726,
        "ocp__ocp_storage_usage": 11904,
        "ocp__ocp_gpu_usage": 8256,
        "ocp__ocp_vm_usage": 4273,
        "ocp__ocp_node_label": 120,
    }
    for name, rows in counts.items():
        found = Result(open_reading([shared_data / "billing" / "nise" / f"{name}.csv.gz"]))
        assert (len(found.lines), len(found.rejected)) == (rows, 0), name
