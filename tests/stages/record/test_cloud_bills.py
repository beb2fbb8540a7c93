"""Native bills through the import act: sources, replacement, and Azure's two views.

Rules I61, I62 and I65 of docs/spec/import.md.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bursar.office.people.scope import Scope
from bursar.record.actions.import_files import import_files
from bursar.record.errors import SourceOverlap
from bursar.record.models import Batch
from bursar.record.outcome import ImportOutcome
from bursar.report.commitments import commitments

GOLDEN = Path(__file__).parents[2] / "golden" / "clouds"
ACTUAL, AMORTISED = GOLDEN / "azure" / "actual.csv", GOLDEN / "azure" / "amortized.csv"

pytestmark = pytest.mark.django_db


def taken(*paths: Path, format: str = "auto") -> ImportOutcome:
    return import_files(paths=paths, acting_user=None, format=format)


def totals() -> dict[str, dict[str, Decimal | None]]:
    """Source → billed and effective of its batch in force."""
    held = Batch.objects.filter(superseded_at__isnull=True).select_related("source")
    return {
        batch.source.name: {
            name: None if total[name] is None else Decimal(total[name])
            for total in batch.totals
            for name in ("billed_cost", "effective_cost")
        }
        for batch in held
    }


def test_both_azure_files_in_one_import_count_once(home: Path) -> None:
    outcome = taken(ACTUAL, AMORTISED)
    assert outcome.format == "azure"
    assert list(totals().values()) == [
        {"billed_cost": Decimal("74.81"), "effective_cost": Decimal("81.01")}
    ]


def test_both_azure_files_as_two_sources_count_once(home: Path) -> None:
    taken(ACTUAL, format="azure-actual")
    outcome = taken(AMORTISED, format="azure-amortised")
    assert outcome.source.endswith("-amortised")
    assert totals()[outcome.source]["effective_cost"] == Decimal("81.01")
    assert not totals()[outcome.source]["billed_cost"]
    (other,) = (one for name, one in totals().items() if name != outcome.source)
    assert (other["billed_cost"], other["effective_cost"] or 0) == (Decimal("74.81"), 0)


def test_an_amortised_source_beside_one_that_fills_both_views_is_refused(home: Path) -> None:
    taken(ACTUAL)
    with pytest.raises(SourceOverlap):
        taken(AMORTISED, format="azure-amortised")


def test_the_same_file_as_another_format_says_something_else(home: Path) -> None:
    alone = taken(AMORTISED)
    assert "import.amortised_alone" in {one["code"] for one in alone.warnings}
    Batch.objects.update(superseded_at="2026-01-01T00:00:00Z")
    assert not taken(AMORTISED, format="azure-amortised").unchanged


def test_an_actual_file_alone_says_that_use_is_not_amortised(home: Path) -> None:
    assert "import.actual_alone" in {one["code"] for one in taken(ACTUAL).warnings}


def test_second_lines_are_lines_but_no_rows(home: Path) -> None:
    outcome = taken(GOLDEN / "aws" / "cur.csv")
    assert (outcome.rows_read, outcome.rows_accepted, outcome.rows_rejected) == (16, 16, 0)
    assert outcome.batches[0]["rows_accepted"] == 18
    assert taken(GOLDEN / "aws" / "cur.csv").unchanged


def test_use_of_commitments_that_only_the_bill_names(home: Path) -> None:
    taken(GOLDEN / "aws" / "cur.csv")
    rows = {one.commitment_id.rsplit("/")[-1]: one for one in commitments(Scope.all()).rows}
    assert {
        name: [(use.period, use.bought, use.used, use.unused) for use in one.periods.values()]
        for name, one in rows.items()
    } == {
        "ri-1": [("2026-01", Decimal(150), Decimal(130), Decimal(20))],
        "sp-1": [("2026-01", Decimal(100), Decimal(90), Decimal(10))],
    }
    assert {one.promised for one in rows.values()} == {None}
