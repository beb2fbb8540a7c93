"""What clusters measured is recorded like everything else: in batches, replaced by month."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.connect.test_kubernetes import PODS, VOLUME, VOLUMES, pod

from bursar.core.tables.cluster_usage import POD_USAGE_LINE, VOLUME_USAGE_LINE
from bursar.office.manifest.writing import in_force
from bursar.record.actions.import_files import import_files
from bursar.record.models import Batch
from bursar.record.queries import read_lake_file
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db


def test_kinds_of_one_cluster_stand_beside_each_other(home: Path, tmp_path: Path) -> None:
    one = tmp_path / "March-2026-blue-ocp_pod_usage.csv"
    two = tmp_path / "March-2026-blue-ocp_storage_usage.csv"
    one.write_text(PODS + "\n" + pod("1,2,3,4,5,6,7,8,"), encoding="utf-8")
    two.write_text(VOLUMES + "\n" + VOLUME, encoding="utf-8")
    for path in (one, two, one):
        import_files(paths=[path], acting_user=None)
    held = Batch.objects.filter(superseded_at__isnull=True).order_by("kind")
    assert [(b.source.name, b.kind, b.period) for b in held] == [
        ("blue", "pod_usage_line", "2026-03"),
        ("blue", "volume_usage_line", "2026-03"),
    ]
    (line,) = read_lake_file(in_force(POD_USAGE_LINE.name)[0]).to_pylist()
    assert (line["cluster"], line["namespace"], line["cpu_effective"]) == ("blue", "shop", 2)
    (volume,) = read_lake_file(in_force(VOLUME_USAGE_LINE.name)[0]).to_pylist()
    assert (volume["cluster"], volume["claim"]) == ("blue", "data")
    assert [check.detail for check in checks() if not check.ok] == []


def test_a_month_again_replaces_it(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "March-2026-blue-ocp_pod_usage.csv"
    for cells in ("1,2,3,4,5,6,7,8,", "9,9,9,9,9,9,9,9,"):
        path.write_text(PODS + "\n" + pod(cells), encoding="utf-8")
        import_files(paths=[path], acting_user=None)
    assert Batch.objects.filter(superseded_at__isnull=True).count() == 1
    (line,) = read_lake_file(in_force(POD_USAGE_LINE.name)[0]).to_pylist()
    assert line["cpu_used"] == 9
