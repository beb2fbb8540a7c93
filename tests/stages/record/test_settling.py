"""Live lines count at once, and become batches before a run, exactly once.

Rules D10, D12, D13, D14, D16 and D17 of docs/spec/documents.md.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.stages.record.bills import bill
from tests.stages.record.vouchers import draft, enter

from bursar.lake.cost_lines import CostLineWriter
from bursar.office.calendar.models import Period
from bursar.record import queries
from bursar.record.actions.import_files import import_files
from bursar.record.documents.settling import settle
from bursar.record.ledger import moment, open_ledger
from bursar.record.models import Batch, Document, PromotedColumn
from bursar.record.verification import checks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
APRIL = date(2025, 4, 3)


def total(basis: str = "effective", **asked: object) -> dict[str, str]:
    found = open_ledger().sums(by=["posting_period"], basis=basis, **asked).to_pylist()
    return {r["posting_period"]: str(r["amount"].normalize()) for r in found}


def in_force() -> list[Batch]:
    return list(Batch.objects.filter(superseded_at__isnull=True).order_by("period"))


def test_a_line_counts_on_the_next_question_beside_the_cubes(tmp_path: Path) -> None:
    """Rule D10: the cubes are not made again."""
    import_files(paths=[bill(tmp_path / "a.csv", [{"EffectiveCost": "2"}])], acting_user=None)
    before = open_ledger()
    enter("1.25", lines=draft("1.25").lines)
    after = open_ledger()
    assert (total(), after._database is before._database) == ({"2025-03": "3.25"}, True)
    assert before.sums()["amount"].to_pylist()[0] == 2
    ids = after.sums(by=["source", "vendor"]).to_pylist()
    assert [r["lines"] for r in ids if r["source"] == "documents"] == [1]
    assert len(ids) == 2
    days = after.sums(by=["day"]).to_pylist()
    assert [r["day"] for r in days] == [date(2025, 3, 5), date(2025, 3, 10)]
    assert after.cells("2025-03", "effective").num_rows == 2
    assert after.dimensions("2025-03").num_rows == after.dimensions().num_rows == 2
    assert after.dimensions("2025-04").num_rows == 0


def test_a_batch_replaces_live_lines_in_one_moment() -> None:
    """Rules D12 and D13: what the batch says is what the live lines said."""
    enter("1", "2.5")
    enter("4", date=APRIL)
    live, before = total(), moment().live
    dims = before.dimensions()["dim_id"].to_pylist()
    made = settle(None)
    assert [(b.period, b.source.name, b.rows_accepted) for b in made] == [
        ("2025-03", "documents", 2), ("2025-04", "documents", 1),
    ]  # fmt: skip
    assert (total(), open_ledger().live.lines.num_rows) == (live, 0)
    assert open_ledger().dimensions()["dim_id"].to_pylist() == dims
    assert settle(None) == []
    assert [c.name for c in checks() if not c.ok] == []


def test_a_later_batch_holds_what_the_former_one_held() -> None:
    """Rule D12; only the periods that are asked for are settled."""
    enter("1")
    settle(None)
    enter("2")
    enter("8", date=APRIL)
    [second] = settle(None, ["2025-03"])
    assert (second.rows_accepted, len(in_force())) == (2, 1)
    assert total() == {"2025-03": "3", "2025-04": "8"}
    assert Document.objects.filter(settlement__isnull=True).count() == 1


def test_what_is_entered_meanwhile_stays_live(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule D14: a document that comes while the batch is being written."""
    enter("1")
    finish = CostLineWriter.finish

    def slow(writer: CostLineWriter) -> list:
        enter("2")
        return finish(writer)

    monkeypatch.setattr(CostLineWriter, "finish", slow)
    [made] = settle(None)
    assert made.rows_accepted == 1
    assert (total(), open_ledger().live.lines.num_rows) == ({"2025-03": "3"}, 1)


def test_a_settlement_that_was_overtaken_is_done_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rule D13: two settle the same documents; one of them writes again, nothing is doubled."""
    enter("1")
    finish, overtaken = CostLineWriter.finish, []

    def slow(writer: CostLineWriter) -> list:
        if not overtaken:
            overtaken.append(True)
            settle(None)
            enter("2")
        return finish(writer)

    monkeypatch.setattr(CostLineWriter, "finish", slow)
    settle(None)
    assert total() == {"2025-03": "3"}
    assert [b.rows_accepted for b in in_force()] == [2]
    assert [c.detail for c in checks() if c.name == "orphan files"] == ["0 files"]


def test_live_lines_of_a_period_that_was_closed_stay_live() -> None:
    """Rule D16; others of the same month are settled although its former batch is closed."""
    enter("1")
    settle(None)
    enter("2")
    Period.objects.update(state="closed")
    assert settle(None) == []
    assert total() == {"2025-03": "3"}
    Period.objects.update(state="open")
    settle(None)
    assert (total(), in_force()[0].rows_accepted) == ({"2025-03": "3"}, 2)


def test_a_line_keeps_its_id() -> None:
    """Rule D17."""
    made = enter("1")
    line_id = f"d{made.pk}-1"
    live = queries.line(line_id)
    assert (live["batch_id"], live["in_force"]) == (None, True)
    [batch] = settle(None)
    settled = queries.line(line_id)
    assert (settled["batch_id"], settled["in_force"]) == (batch.batch_id, True)
    other = queries.line(f"{batch.batch_id}-{settled['source_row']}")
    assert other["dim_id"] == live["dim_id"] == settled["dim_id"]
    assert other["record_ref"] == "document C2025-0001-1"
    from bursar.core.refusal import Refused

    with pytest.raises(Refused, match="no cost line"):
        queries.line(f"d{made.pk}-2")


def test_promoted_tags_of_live_lines_can_be_asked_for() -> None:
    """Rule D10."""
    from dataclasses import replace

    tagged = replace(draft("3").lines[0], tags={"team": "data"})
    enter(lines=(tagged,))
    assert "tag.team" not in open_ledger().dimension_names
    PromotedColumn.objects.create(name="tag.team")
    enter("5")
    found = open_ledger().sums(by=["tag.team"]).to_pylist()
    assert {r["tag.team"]: int(r["amount"]) for r in found} == {"data": 3, None: 5}
