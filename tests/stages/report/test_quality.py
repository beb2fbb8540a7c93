"""Scores of sources and periods: every measure, the money it concerns, and what is not measured.

Rules P40-P43 of docs/spec/periods.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from tests.stages.allocate.firm import model
from tests.stages.record.bills import bill

from bursar.office.people.scope import Scope
from bursar.record.actions.import_files import import_files
from bursar.record.models import Watch
from bursar.report.errors import BeyondScope
from bursar.report.quality import Quality, quality
from bursar.report.quality_measures import Measure, median

pytestmark = pytest.mark.django_db
ALL = Scope.all()


def month(number: int, **others: str) -> dict[str, str]:
    return {
        "BillingPeriodStart": f"2025-{number:02d}-01T00:00:00Z",
        "BillingPeriodEnd": f"2025-{number + 1:02d}-01T00:00:00Z",
        "ChargePeriodStart": f"2025-{number:02d}-05T00:00:00Z",
        "ChargePeriodEnd": f"2025-{number:02d}-06T00:00:00Z",
        **others,
    }


def cost(amount: str, number: int = 3, **others: str) -> dict[str, str]:
    return month(number, **{"BilledCost": amount, "EffectiveCost": amount, **others})


def load(path: Path, lines: Sequence[Mapping[str, str]], source: str = "cloud") -> None:
    import_files(paths=[bill(path, lines)], acting_user=None, source=source)


def measures(found: Quality, period: str = "2025-03", source: str = "cloud") -> dict[str, Measure]:
    [row] = [r for r in found.rows if (r.source, r.period) == (source, period)]
    return {measure.key: measure for measure in row.measures}


def test_what_cannot_be_measured_is_said_and_never_good(home: Path, tmp_path: Path) -> None:
    load(tmp_path / "a.csv", [cost("100"), cost("1", BilledCost="x")])
    told = measures(quality(ALL))
    for key in ("timely", "reconciled", "classified", "tagged", "outliers"):
        assert told[key].ratio is None
        assert told[key].detail.startswith("Not measured: ")
    assert (told["complete"].ratio, told["complete"].money) == (Decimal("0.5"), 100)
    assert told["duplicates"].ratio == 1
    [row] = quality(ALL).rows
    assert row.score == Decimal("0.75")
    assert row.to_json()["measured"] == 2


def test_overall_is_weighed_by_money_and_findings_are_sorted(home: Path, tmp_path: Path) -> None:
    load(tmp_path / "a.csv", [cost("900"), cost("1", BilledCost="x")])
    load(tmp_path / "b.csv", [cost("100", BillingAccountId="2")], source="other")
    found = quality(ALL)
    # 900 with a score of 0.75 and 100 with a score of 1.
    assert found.overall == [{"currency": "EUR", "score": "0.775", "money": "1000"}]
    assert [(row.source, m.key) for row, m in found.findings] == [("cloud", "complete")]
    assert quality(ALL, source="other").findings == []
    assert quality(ALL, periods=["2024-01"]).rows == ()
    assert quality(ALL, basis="booked").rows == ()


def test_classified_and_tagged_are_shares_of_money(home: Path, tmp_path: Path) -> None:
    model(
        "name: T\ntaxonomy: tbm-5.0\npromote: [team]\n"
        "classify: [{name: ec2, when: {service_name: EC2}, "
        "set: {cost_pool: Cloud Services / Cloud Service Provider}}]\n"
    )
    lines = [
        cost("75", Tags='{"team": "web"}'), cost("25", ServiceName="S3", Tags="{}"),
    ]  # fmt: skip
    load(tmp_path / "a.csv", lines)
    from tests.stages.allocate.firm import run

    run()
    told = measures(quality(ALL))
    for key in ("classified", "tagged"):
        assert (told[key].ratio, told[key].money) == (Decimal("0.75"), 25)
    load(tmp_path / "b.csv", [cost("5", BillingAccountId="2")], source="plain")
    assert measures(quality(ALL), source="plain")["tagged"].ratio is None


def test_late_files_and_missing_months(home: Path, tmp_path: Path) -> None:
    Watch.objects.create(source="cloud", url="/x", due_day=10, added_at=timezone.now())
    load(tmp_path / "a.csv", [cost("10"), cost("20", 5)])
    load(tmp_path / "b.csv", [cost("1", 4, BillingAccountId="2")], source="other")
    found = quality(ALL)
    late = measures(found)["timely"]
    days = (timezone.now().date() - timezone.datetime(2025, 4, 10).date()) // timedelta(days=1)
    assert (late.ratio, late.money, late.detail) == (0, 10, f"{days} days late")
    lost = measures(found, "2025-04")
    assert set(lost) == {"complete"}
    assert (lost["complete"].ratio, lost["complete"].money) == (0, 15)


def test_a_month_far_from_its_past_stands_out(home: Path, tmp_path: Path) -> None:
    usual = ["100", "102", "98", "101", "99"]
    lines = [cost(amount, number) for number, amount in enumerate(usual, 1)]
    load(tmp_path / "a.csv", [*lines, cost("400", 6), cost("101", 7)])
    found = quality(ALL)
    odd = measures(found, "2025-06")["outliers"]
    assert (odd.money, odd.ratio) == (300, Decimal("0.25"))
    assert measures(found, "2025-07")["outliers"].ratio == 1
    assert measures(found, "2025-05")["outliers"].ratio == 1
    assert measures(found, "2025-04")["outliers"].ratio is None
    assert median([Decimal(3), Decimal(1), Decimal(2), Decimal(4)]) == Decimal("2.5")


def test_a_restricted_scope_is_refused(home: Path) -> None:
    with pytest.raises(BeyondScope):
        quality(Scope.of_roots(["Retail"]))
    assert quality(ALL).to_json()["overall"] == []
