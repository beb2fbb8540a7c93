"""What Kubernetes clusters measure of themselves: pods, volumes, labels, GPUs and machines.

Quantities are measures and no money: core-seconds and byte-seconds, as the cluster's operator
counts them in each interval. A node's capacity stands on every pod's row of that node.
"""

from __future__ import annotations

import pyarrow as pa

from bursar.core.tables.table import MOMENT, Column, Table

QUANTITY = pa.decimal128(38, 20)
"""Measures of clusters: 18 digits before the point, 20 after."""

_PLACE = (
    Column("cluster", pa.string(), "Cluster that measured it; the name of its source.", False),
    Column("interval_start", MOMENT, "First instant of the measured interval.", False),
    Column("interval_end", MOMENT, "First instant after the interval."),
)
_ROW = (
    Column("source_file", pa.string(), "File, within the import, that holds the row.", False),
    Column("source_row", pa.int64(), "Row of the import, from 1, over all its files.", False),
)
_LABELS = "Labels as a JSON object, keys in order."


def _quantity(name: str, meaning: str) -> Column:
    return Column(name, QUANTITY, meaning)


POD_USAGE_LINE = Table(
    name="pod_usage_line",
    meaning="What one pod used and requested on its node in one interval.",
    writer="record.load",
    columns=(
        *_PLACE,
        Column("node", pa.string(), "Node that ran the pod.", False),
        Column("resource_id", pa.string(), "The provider's identifier of the node."),
        Column("namespace", pa.string(), "Namespace (project) of the pod.", False),
        Column("pod", pa.string(), "Name of the pod."),
        _quantity("cpu_used", "Core-seconds that were used."),
        _quantity("cpu_requested", "Core-seconds that were reserved."),
        _quantity("cpu_limit", "Core-seconds that the pod might have used at most."),
        _quantity("cpu_effective", "The larger of used and requested core-seconds."),
        _quantity("cpu_capacity", "Core-seconds that the node had."),
        _quantity("memory_used", "Byte-seconds that were used."),
        _quantity("memory_requested", "Byte-seconds that were reserved."),
        _quantity("memory_limit", "Byte-seconds that the pod might have used at most."),
        _quantity("memory_effective", "The larger of used and requested byte-seconds."),
        _quantity("memory_capacity", "Byte-seconds that the node had."),
        Column("labels", pa.string(), _LABELS),
        *_ROW,
    ),
)

VOLUME_USAGE_LINE = Table(
    name="volume_usage_line",
    meaning="What one claim on a volume reserved and used in one interval.",
    writer="record.load",
    columns=(
        *_PLACE,
        Column("namespace", pa.string(), "Namespace of the claim.", False),
        Column("pod", pa.string(), "Pod that mounted it."),
        Column("node", pa.string(), "Node of that pod."),
        Column("claim", pa.string(), "Name of the persistent volume claim."),
        Column("volume", pa.string(), "Name of the persistent volume."),
        Column("volume_handle", pa.string(), "The storage driver's identifier of the volume."),
        Column("storage_class", pa.string(), "Storage class of the volume."),
        _quantity("storage_requested", "Byte-seconds that were requested."),
        _quantity("storage_capacity", "Byte-seconds that the claim holds."),
        _quantity("storage_used", "Byte-seconds that were filled."),
        Column("labels", pa.string(), "Labels of volume and claim as a JSON object."),
        *_ROW,
    ),
)

NODE_LABEL_LINE = Table(
    name="node_label_line",
    meaning="The labels of one node in one interval.",
    writer="record.load",
    columns=(
        *_PLACE,
        Column("node", pa.string(), "Name of the node.", False),
        Column("labels", pa.string(), _LABELS),
        *_ROW,
    ),
)

NAMESPACE_LABEL_LINE = Table(
    name="namespace_label_line",
    meaning="The labels of one namespace in one interval.",
    writer="record.load",
    columns=(
        *_PLACE,
        Column("namespace", pa.string(), "Name of the namespace.", False),
        Column("labels", pa.string(), _LABELS),
        *_ROW,
    ),
)

GPU_USAGE_LINE = Table(
    name="gpu_usage_line",
    meaning="How long one pod held one GPU, or a slice of it, in one interval.",
    writer="record.load",
    columns=(
        *_PLACE,
        Column("node", pa.string(), "Node that has the GPU.", False),
        Column("namespace", pa.string(), "Namespace of the pod.", False),
        Column("pod", pa.string(), "Name of the pod."),
        Column("gpu", pa.string(), "Identifier of the GPU."),
        Column("gpu_model", pa.string(), "Model of the GPU."),
        Column("gpu_vendor", pa.string(), "Maker of the GPU."),
        Column("gpu_profile", pa.string(), "Slice of the GPU, where it is shared."),
        _quantity("gpu_memory_mib", "Memory of the GPU in MiB."),
        _quantity("gpu_seconds", "Seconds for which the pod held it."),
        *_ROW,
    ),
)

VM_USAGE_LINE = Table(
    name="vm_usage_line",
    meaning="What one virtual machine inside a cluster used and requested in one interval.",
    writer="record.load",
    columns=(
        *_PLACE,
        Column("node", pa.string(), "Node that ran the machine.", False),
        Column("resource_id", pa.string(), "The provider's identifier of the node."),
        Column("namespace", pa.string(), "Namespace of the machine.", False),
        Column("vm", pa.string(), "Name of the machine."),
        Column("vm_type", pa.string(), "Its instance type."),
        Column("vm_os", pa.string(), "Its operating system."),
        _quantity("uptime_seconds", "Seconds for which it ran."),
        _quantity("cpu_used", "Core-seconds that were used."),
        _quantity("cpu_requested", "Core-seconds that were reserved."),
        _quantity("memory_used", "Byte-seconds that were used."),
        _quantity("memory_requested", "Byte-seconds that were reserved."),
        _quantity("storage_allocated", "Byte-seconds of disk that were given to it."),
        Column("labels", pa.string(), _LABELS),
        *_ROW,
    ),
)

CLUSTER_TABLES = (
    POD_USAGE_LINE,
    VOLUME_USAGE_LINE,
    NODE_LABEL_LINE,
    NAMESPACE_LABEL_LINE,
    GPU_USAGE_LINE,
    VM_USAGE_LINE,
)
"""Every table that a cluster's usage files fill, by kind of file."""
