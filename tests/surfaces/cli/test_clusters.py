"""`bursar cluster …`: from usage files and a bill to cost by namespace."""

from __future__ import annotations

from pathlib import Path

from tests.connect.samples import row, write
from tests.connect.test_kubernetes import PODS, pod
from tests.surfaces.cli.conftest import Program


def test_a_cluster_from_its_files_to_its_report(bursar: Program, tmp_path: Path) -> None:
    assert "No cluster sent usage yet" in bursar("cluster", "list").done().out
    bursar("cluster", "set", "blue").refused("record.unknown_cluster")
    usage = tmp_path / "March-2026-blue-ocp_pod_usage.csv"
    usage.write_text(PODS + "\n" + pod("2,0,0,2,0,0,8,8,label_app:web"), encoding="utf-8")
    line = row(
        BilledCost="1", EffectiveCost="0.8", ResourceId="i-1", BillingAccountId="1",
        BillingPeriodStart="2026-03-01", BillingPeriodEnd="2026-04-01",
        ChargePeriodStart="2026-03-02", ChargePeriodEnd="2026-03-03",
    )  # fmt: skip
    bursar("import", usage).done()
    bursar("import", write(tmp_path / "bill.csv", [line]), "--source", "bill").done()
    (cluster,) = bursar("cluster", "list", "--json").done().json["clusters"]
    assert (cluster["name"], cluster["state"], cluster["bill"]) == ("blue", "proposed", "bill")
    assert "Nothing is split" in bursar("cluster", "report").done().out
    bursar("cluster", "set", "blue", "--cpu-share", "a lot").refused("cli.bad_options")
    bursar("cluster", "set", "blue", "--tag", "team").refused("cli.bad_options")
    bursar("cluster", "set", "blue", "--driver", "gpu").refused("record.bad_cluster")
    told = bursar("cluster", "set", "blue", "--driver", "cpu", "--json").done().json
    assert told["clusters"][0]["totals"] == [{"currency": "USD", "amount": "0.8"}]
    found = bursar("cluster", "report", "blue", "--basis", "billed", "--json").done().json
    assert [(r["part"], r["namespace"], r["amount"]) for r in found["rows"]] == [
        ("idle", None, "0.75"),
        ("workload", "shop", "0.25"),
    ]
    assert (found["basis"], found["holds"]) == ("billed", True)
    assert found["totals"] == found["taken"] == [{"currency": "USD", "amount": "1"}]
    by_label = bursar("cluster", "report", "--by", "label:app", "--json").done().json
    assert {r["label"] for r in by_label["rows"]} == {None, "web"}
    bursar("cluster", "report", "--by", "colour").refused("report.unknown_dimension")
    assert "0.8" in bursar("cluster", "split").done().out
    bursar("cluster", "set", "blue", "--off").done()
    assert bursar("cluster", "report", "--json").done().json["rows"] == []
    bursar("verify").done()
