"""Usage files of Kubernetes and OpenShift clusters, as their cost operators write them.

Six kinds of file speak of pods, volumes, node labels, namespace labels, GPUs and virtual machines.
They are told apart by their columns and may come together in one import. The cluster itself is
named by the operator's manifest or by the file's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import CellReader, as_text
from bursar.connect.cells.measures import (
    interval_end_reader,
    interval_reader,
    label_reader,
    measure_reader,
    merged_labels,
)
from bursar.connect.layout import (
    Columns,
    Format,
    Header,
    Placed,
    key_of,
    nothing_absent,
    notice_nothing,
    only_version,
    refuse_duplicates,
)
from bursar.core.tables.cluster_usage import (
    CLUSTER_TABLES,
    GPU_USAGE_LINE,
    NAMESPACE_LABEL_LINE,
    NODE_LABEL_LINE,
    POD_USAGE_LINE,
    QUANTITY,
    VM_USAGE_LINE,
    VOLUME_USAGE_LINE,
)
from bursar.core.tables.table import MOMENT

FACT = "fact"
"""Column of every chunk: the table that the row belongs to."""

_TELLING = {
    "podusagecpucoreseconds": POD_USAGE_LINE,
    "persistentvolumeclaimcapacitybyteseconds": VOLUME_USAGE_LINE,
    "vmuptimetotalseconds": VM_USAGE_LINE,
    "gpuuuid": GPU_USAGE_LINE,
    "nodelabels": NODE_LABEL_LINE,
    "namespacelabels": NAMESPACE_LABEL_LINE,
}
"""The column that tells each kind of file."""

_COMMON = {"intervalstart": "interval_start", "intervalend": "interval_end"}
_POD_LIKE = {"node": "node", "namespace": "namespace", "resourceid": "resource_id"}
_COLUMNS: dict[str, dict[str, str]] = {
    POD_USAGE_LINE.name: {
        **_POD_LIKE,
        "pod": "pod",
        "podusagecpucoreseconds": "cpu_used",
        "podrequestcpucoreseconds": "cpu_requested",
        "podlimitcpucoreseconds": "cpu_limit",
        "nodecapacitycpucoreseconds": "cpu_capacity",
        "podusagememorybyteseconds": "memory_used",
        "podrequestmemorybyteseconds": "memory_requested",
        "podlimitmemorybyteseconds": "memory_limit",
        "nodecapacitymemorybyteseconds": "memory_capacity",
        "podlabels": "labels",
    },
    VOLUME_USAGE_LINE.name: {
        "namespace": "namespace",
        "pod": "pod",
        "node": "node",
        "persistentvolumeclaim": "claim",
        "persistentvolume": "volume",
        "csivolumehandle": "volume_handle",
        "storageclass": "storage_class",
        "volumerequeststoragebyteseconds": "storage_requested",
        "persistentvolumeclaimcapacitybyteseconds": "storage_capacity",
        "persistentvolumeclaimusagebyteseconds": "storage_used",
        "persistentvolumelabels": "=volume_labels",
        "persistentvolumeclaimlabels": "=claim_labels",
    },
    NODE_LABEL_LINE.name: {"node": "node", "nodelabels": "labels"},
    NAMESPACE_LABEL_LINE.name: {"namespace": "namespace", "namespacelabels": "labels"},
    GPU_USAGE_LINE.name: {
        "node": "node",
        "namespace": "namespace",
        "pod": "pod",
        "gpuuuid": "gpu",
        "gpumodelname": "gpu_model",
        "gpuvendorname": "gpu_vendor",
        "migprofile": "gpu_profile",
        "gpumemorycapacitymib": "gpu_memory_mib",
        "gpupoduptime": "gpu_seconds",
    },
    VM_USAGE_LINE.name: {
        **_POD_LIKE,
        "vmname": "vm",
        "vminstancetype": "vm_type",
        "vmos": "vm_os",
        "vmuptimetotalseconds": "uptime_seconds",
        "vmcpuusagetotalseconds": "cpu_used",
        "vmcpurequestcoreseconds": "cpu_requested",
        "vmmemoryusagebyteseconds": "memory_used",
        "vmmemoryrequestbyteseconds": "memory_requested",
        "vmdiskallocatedsizebyteseconds": "storage_allocated",
        "vmlabels": "labels",
    },
}
_REQUIRED = {"node": "import.node_missing", "namespace": "import.namespace_missing"}
_TYPES = {column.name: column.type for table in CLUSTER_TABLES for column in table.columns}
_ORDER = list(_TYPES)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_KINDS = (
    r"(?:ocp|openshift|cm-openshift|koku|kubernetes)?[-_]?(?:pod|storage|node|namespace|gpu|vm)?"
    r"[-_]?(?:usage|labels?)(?:[-_](?:report|lookback))?"
)
_NAMED = re.compile(rf"(?:^|[-_])(?:{_MONTHS})-\d{{4}}-(?P<cluster>.+?)(?:-{_KINDS})?$")
_KIND_OF_FILE = re.compile(rf"(?:^|[-_.]+){_KINDS}(?:\.\d+)?$")


def kind_of(headers: Sequence[Header]) -> str | None:
    """The table that a file with these columns fills; None where it is no cluster's."""
    keys = {key_of(header.name) for header in headers}
    if "intervalstart" not in keys:
        return None
    return next((table.name for sign, table in _TELLING.items() if sign in keys), None)


def cluster_of_file(name: str) -> str | None:
    """The cluster that a usage file's name speaks of: April-2019-CLUSTER-ocp_pod_usage.csv."""
    stem = re.sub(r"\.(csv|gz|parquet|tar|tgz)\b", "", name.rsplit("/", 1)[-1].lower())
    if found := _NAMED.search(stem):
        return found["cluster"]
    return _KIND_OF_FILE.sub("", stem).strip("-_. ") or None


def place_kubernetes(file: str, headers: Sequence[Header]) -> list[Placed]:
    """Where each column goes; columns that tell nothing about usage are passed over."""
    refuse_duplicates(file, headers)
    targets = _COMMON | _COLUMNS[kind_of(headers) or POD_USAGE_LINE.name]
    known = [(header, targets.get(key_of(header.name))) for header in headers]
    return [_placed(header, target) for header, target in known if target is not None]


def _placed(header: Header, target: str) -> Placed:
    if target == "interval_start":
        return Placed(header, target, MOMENT, interval_reader(), "import.date_missing")
    if target == "interval_end":
        return Placed(header, target, MOMENT, interval_end_reader())
    if target == "labels" or target.endswith("_labels"):
        return Placed(header, target, pa.string(), label_reader())
    if _TYPES[target] == QUANTITY:
        return Placed(header, target, QUANTITY, measure_reader())
    return Placed(header, target, pa.string(), _name_reader(), _REQUIRED.get(target))


def _name_reader() -> CellReader:
    def read(column: pa.Array) -> object:
        cells = as_text(column)
        trimmed = pc.utf8_trim_whitespace(cells.values)
        cells.values = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
        return cells

    return read  # type: ignore[return-value]


def finish_kubernetes(columns: Columns) -> None:
    """Effective use is the larger of used and requested; labels of volume and claim are one."""
    kind = _kind_of_values(columns)
    columns.values[FACT] = pa.array([kind] * columns.count, pa.string())
    if kind == POD_USAGE_LINE.name:
        for measure in ("cpu", "memory"):
            pair = (f"{measure}_used", f"{measure}_requested")
            used, requested = (columns.get(name, QUANTITY) for name in pair)
            columns.values[f"{measure}_effective"] = pc.max_element_wise(used, requested)
    if kind == VOLUME_USAGE_LINE.name:
        ours = [columns.get(name, pa.string()) for name in ("=volume_labels", "=claim_labels")]
        columns.values["labels"] = merged_labels(*ours)


def _kind_of_values(columns: Columns) -> str:
    for table in (POD_USAGE_LINE, VOLUME_USAGE_LINE, VM_USAGE_LINE, GPU_USAGE_LINE):
        telling = {
            POD_USAGE_LINE.name: "cpu_limit",
            VOLUME_USAGE_LINE.name: "storage_capacity",
            VM_USAGE_LINE.name: "uptime_seconds",
            GPU_USAGE_LINE.name: "gpu",
        }[table.name]
        if telling in columns.values:
            return table.name
    return NODE_LABEL_LINE.name if "node" in columns.values else NAMESPACE_LABEL_LINE.name


def kubernetes_schema(placed: Sequence[Placed]) -> pa.Schema:
    """The columns of every kind of file that the import has, and the table of each row."""
    there = {item.target for item in placed}
    made = {FACT, "labels", "cpu_effective", "memory_effective", "source_file", "source_row"}
    names = [name for name in _ORDER if name in there | made]
    return pa.schema([pa.field(FACT, pa.string()), *(pa.field(n, _TYPES[n]) for n in names)])


KUBERNETES_FORMAT = Format(
    name="kubernetes",
    place=place_kubernetes,
    finish=finish_kubernetes,
    schema=kubernetes_schema,
    notice=notice_nothing,
    version=only_version,
    absent=nothing_absent,
)
