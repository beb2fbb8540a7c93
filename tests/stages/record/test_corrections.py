"""Closed periods keep their figures: what changes is booked as corrections in an open period.

Rule L12 of docs/spec/ledger.md, rules P1-P10 of docs/spec/periods.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.stages.record.bills import APRIL, bill
from tests.stages.record.test_deriving import STATED
from tests.stages.record.test_deriving import lines as derived_lines

from bursar.office.calendar.models import Period, PeriodState
from bursar.office.calendar.periods import ensure_periods
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.office.people.permissions import ACTS
from bursar.office.reference.entities import ensure_entity
from bursar.record import ledger as opening
from bursar.record import queries
from bursar.record.actions.import_files import import_files
from bursar.record.deriving import publish_derived
from bursar.record.ledger import open_ledger
from bursar.record.models import Batch, Source
from bursar.record.verification import checks

pytestmark = pytest.mark.django_db

Figures = dict[tuple[str, str, str], Decimal]


def load(path: Path, **options: object) -> dict:
    return import_files(paths=[path], acting_user=None, source="cloud", **options).to_json()


def bring(folder: Path, number: int, lines: Sequence[Mapping[str, str]]) -> dict:
    return load(bill(folder / f"{number}.csv", lines))


def cost(amount: str, **others: str) -> dict[str, str]:
    return {"BilledCost": amount, "EffectiveCost": amount, **others}


def set_state(period: str, state: PeriodState, entity: str = "main") -> None:
    ensure_periods(ensure_entity(entity), [period])
    Period.objects.filter(code=period, legal_entity__code=entity).update(state=state)


def close(period: str, entity: str = "main") -> None:
    set_state(period, PeriodState.CLOSED, entity)


def reopen(period: str, entity: str = "main") -> None:
    set_state(period, PeriodState.OPEN, entity)


def figures(basis: str = "effective") -> Figures:
    """Sums by legal entity, posting period and service; zero sums are left out."""
    names = ["legal_entity", "posting_period", "service_name"]
    found = open_ledger().sums(by=names, basis=basis).to_pylist()
    return {tuple(row[n] for n in names): row["amount"] for row in found if row["amount"]}


def all_is_well() -> list[str]:
    return [f"{check.name}: {check.detail}" for check in checks() if not check.ok]


def test_a_restated_closed_period_stands_and_the_difference_is_booked_next(
    home: Path, tmp_path: Path
) -> None:
    first = bring(tmp_path, 1, [cost("100"), cost("7", ServiceName="S3")])["batches"][0]
    close("2025-03")
    found = bring(tmp_path, 2, [cost("120.5"), cost("7", ServiceName="S3")])
    [held], [correction] = found["batches"], found["corrections"]
    assert (held["in_force"], held["late"], held["totals"][0]["effective_cost"]) == (
        False, True, "127.5",
    )  # fmt: skip
    assert held["held_for"] == [{"legal_entity": "main", "period": "2025-03"}]
    assert "import.period_corrected" in [w["code"] for w in found["warnings"]]
    assert correction["source"] == "cloud corrected in 2025-04"
    assert (correction["period"], correction["rows_accepted"]) == ("2025-03", 1)
    assert figures() == {
        ("main", "2025-03", "EC2"): Decimal(100),
        ("main", "2025-03", "S3"): Decimal(7),
        ("main", "2025-04", "EC2"): Decimal("20.5"),
    }
    [line] = queries.batch_lines(correction["batch_id"]).to_pylist()
    assert (line["charge_class"], line["record_ref"]) == ("Correction", held["batch_id"])
    assert (line["posting_period"], line["x_corrected_period"]) == ("2025-04", "2025-03")
    assert line["charge_description"] == "Correction of 2025-03: effective cost 100 is 120.5 EUR"
    assert line["billing_period_start"].month == 3
    assert queries.batch(first["batch_id"])["in_force"]
    assert all_is_well() == []


def test_a_third_restatement_corrects_what_is_still_missing(home: Path, tmp_path: Path) -> None:
    bring(tmp_path, 1, [cost("100")])
    close("2025-03")
    bring(tmp_path, 2, [cost("120")])
    close("2025-04")
    found = bring(tmp_path, 3, [cost("90")])
    assert [c["source"] for c in found["corrections"]] == ["cloud corrected in 2025-05"]
    assert figures() == {
        ("main", "2025-03", "EC2"): Decimal(100),
        ("main", "2025-04", "EC2"): Decimal(20),
        ("main", "2025-05", "EC2"): Decimal(-30),
    }
    again = bring(tmp_path, 4, [cost("120")])
    assert again["corrections"] == []
    assert sum(figures().values()) == 120
    assert all_is_well() == []


def test_late_lines_are_booked_in_full(home: Path, tmp_path: Path) -> None:
    close("2025-03")
    close("2025-04")
    found = bring(tmp_path, 1, [cost("5"), cost("6", **APRIL), cost("1", ServiceName="S3")])
    assert [b["in_force"] for b in found["batches"]] == [False, False]
    assert figures() == {
        ("main", "2025-05", "EC2"): Decimal(11),
        ("main", "2025-05", "S3"): Decimal(1),
    }
    assert {c["period"] for c in found["corrections"]} == {"2025-03", "2025-04"}
    assert all_is_well() == []


def test_open_periods_of_the_same_file_come_in_force_as_ever(home: Path, tmp_path: Path) -> None:
    bring(tmp_path, 1, [cost("5"), cost("6", **APRIL)])
    close("2025-03")
    found = bring(tmp_path, 2, [cost("5"), cost("8", **APRIL)])
    assert [(b["period"], b["in_force"]) for b in found["batches"]] == [
        ("2025-03", False), ("2025-04", True),
    ]  # fmt: skip
    assert found["corrections"] == []
    assert figures()[("main", "2025-04", "EC2")] == 8


def ledger(folder: Path, number: int, *rows: tuple[str, str, str]) -> dict:
    """A ledger extract with (day, amount, legal entity)."""
    path = folder / f"gl-{number}.csv"
    texts = [f"{day},{amount},EUR,{entity},4711" for day, amount, entity in rows]
    path.write_text("posting_date,amount,currency,legal_entity,cost_center\n" + "\n".join(texts))
    return import_files(paths=[path], acting_user=None, source="gl").to_json()


def billed_by() -> dict[tuple[str, str], Decimal]:
    names = ["legal_entity", "posting_period"]
    found = open_ledger().sums(by=names, basis="billed").to_pylist()
    return {tuple(row[n] for n in names): row["amount"] for row in found if row["amount"]}


def test_one_entity_has_closed_and_the_other_has_not(home: Path, tmp_path: Path) -> None:
    ledger(tmp_path, 1, ("2025-03-31", "100", "DE"), ("2025-03-31", "50", "FR"))
    close("2025-03", "DE")
    found = ledger(tmp_path, 2, ("2025-03-31", "110", "DE"), ("2025-03-31", "70", "FR"))
    assert {(b["in_force"], b["totals"][0]["billed_cost"]) for b in found["batches"]} == {
        (True, "70"), (False, "110"),
    }  # fmt: skip
    assert sum(b["rows_read"] for b in found["batches"]) == found["rows_read"] == 2
    assert billed_by() == {
        ("DE", "2025-03"): Decimal(100), ("DE", "2025-04"): Decimal(10),
        ("FR", "2025-03"): Decimal(70),
    }  # fmt: skip
    assert all_is_well() == []
    close("2025-03", "FR")
    ledger(tmp_path, 3, ("2025-03-31", "110", "DE"), ("2025-03-31", "1", "FR"))
    assert billed_by() == {
        ("DE", "2025-03"): Decimal(100), ("DE", "2025-04"): Decimal(10),
        ("FR", "2025-03"): Decimal(70), ("FR", "2025-04"): Decimal(-69),
    }  # fmt: skip
    assert all_is_well() == []


def test_after_reopening_the_file_may_come_again(home: Path, tmp_path: Path) -> None:
    bring(tmp_path, 1, [cost("100")])
    close("2025-03")
    bring(tmp_path, 2, [cost("120")])
    assert load(tmp_path / "2.csv")["unchanged"]
    reopen("2025-03")
    again = load(tmp_path / "2.csv")
    assert (again["unchanged"], again["corrections"]) == (False, [])
    assert figures() == {("main", "2025-03", "EC2"): Decimal(120)}
    assert all_is_well() == []


def test_p8_a_batch_kept_without_corrections_gives_way_after_reopening(
    home: Path, tmp_path: Path
) -> None:
    """Nothing differed while the period was closed, so no correction says that it was kept."""
    bring(tmp_path, 1, [cost("100")])
    close("2025-03")
    bring(tmp_path, 2, [cost("60"), cost("40")])
    reopen("2025-03")
    bring(tmp_path, 3, [cost("130")])
    assert figures() == {("main", "2025-03", "EC2"): Decimal(130)}
    assert all_is_well() == []


def test_p8_derived_lines_kept_without_corrections_give_way_after_reopening(home: Path) -> None:
    publish_derived(STATED, derived_lines(("10", 3)))
    close("2025-03")
    publish_derived(STATED, derived_lines(("4", 3), ("6", 3)))
    reopen("2025-03")
    publish_derived(STATED, derived_lines(("12", 3)))
    sums = open_ledger().sums(by=["posting_period"]).to_pylist()
    assert [(row["posting_period"], row["amount"]) for row in sums] == [("2025-03", 12)]
    assert all_is_well() == []


def test_a_correction_of_a_closed_period_is_taken_back_after_reopening(
    home: Path, tmp_path: Path
) -> None:
    bring(tmp_path, 1, [cost("100")])
    close("2025-03")
    bring(tmp_path, 2, [cost("120")])
    close("2025-04")
    reopen("2025-03")
    load(tmp_path / "2.csv")
    assert figures() == {
        ("main", "2025-03", "EC2"): Decimal(120),
        ("main", "2025-04", "EC2"): Decimal(20),
        ("main", "2025-05", "EC2"): Decimal(-20),
    }
    assert all_is_well() == []


def test_derived_lines_too_are_corrected(home: Path) -> None:
    publish_derived(STATED, derived_lines(("10", 3)))
    close("2025-03")
    publish_derived(STATED, derived_lines(("12", 3)))
    count = Batch.objects.count()
    publish_derived(STATED, derived_lines(("12", 3)))
    assert Batch.objects.count() == count
    sums = open_ledger().sums(by=["posting_period"]).to_pylist()
    assert [(row["posting_period"], row["amount"]) for row in sums] == [
        ("2025-03", 10), ("2025-04", 2),
    ]  # fmt: skip
    publish_derived(STATED, derived_lines(("1", 3)).slice(0, 0))
    sums = open_ledger().sums(by=["posting_period"]).to_pylist()
    assert [(row["posting_period"], row["amount"]) for row in sums] == [
        ("2025-03", 10), ("2025-04", -10),
    ]  # fmt: skip
    assert all_is_well() == []


def test_soft_closed_periods_take_late_files_of_some_roles(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(tmp_path, 1, [cost("100")])
    set_state("2025-03", PeriodState.SOFT_CLOSED)
    found = bring(tmp_path, 2, [cost("120")])
    assert [(b["in_force"], b["late"]) for b in found["batches"]] == [(True, True)]
    assert "import.late" in [w["code"] for w in found["warnings"]]
    monkeypatch.setitem(ACTS, Role.IT_FINANCE, ("!record.import_late", "*"))
    user = User.objects.create(username="ida", email="ida@example.org", role=Role.IT_FINANCE)
    with pytest.raises(NotAllowed):
        import_files(
            paths=[bill(tmp_path / "3.csv", [cost("130")])], acting_user=user, source="cloud"
        )
    assert figures() == {("main", "2025-03", "EC2"): Decimal(120)}


def test_promoted_tags_stay_with_the_correction(home: Path, tmp_path: Path) -> None:
    from bursar.record.actions.reindex_batches import reindex_batches

    bring(tmp_path, 1, [cost("100", Tags='{"team": "web", "env": "x"}')])
    close("2025-03")
    reindex_batches(promote=["team"], acting_user=None)
    bring(tmp_path, 2, [cost("120", Tags='{"team": "web", "env": "y"}')])
    found = open_ledger().sums(by=["tag.team", "posting_period"]).to_pylist()
    assert {(row["tag.team"], row["posting_period"]): row["amount"] for row in found} == {
        (None, "2025-03"): 100,
        ("web", "2025-04"): 20,
    }
    assert all_is_well() == []


def test_a_source_of_files_cannot_be_mistaken_for_corrections(home: Path, tmp_path: Path) -> None:
    from bursar.record.errors import ConcurrentImport

    bring(tmp_path, 1, [cost("100")])
    Source.objects.create(name="cloud corrected in 2025-04")
    close("2025-03")
    with pytest.raises(ConcurrentImport, match="Import those files under another source"):
        bring(tmp_path, 2, [cost("120")])
    assert all_is_well() == []


MONTHS = ("2025-01", "2025-02", "2025-03")
amounts = st.sampled_from(["0", "1", "-2.5", "10.000000000000000001"])
statement = st.tuples(
    st.just("state"), st.lists(st.tuples(st.sampled_from(MONTHS), st.sampled_from(["DE", "FR"]),
                                         amounts), min_size=1, max_size=5)
)  # fmt: skip
turn = st.tuples(st.sampled_from(["close", "reopen"]), st.tuples(
    st.sampled_from((*MONTHS, "2025-04")), st.sampled_from(["DE", "FR"])))  # fmt: skip


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=st.lists(st.one_of(statement, turn), min_size=3, max_size=9))
def test_whatever_comes_all_periods_add_up_and_closed_ones_stand(
    home: Path, tmp_path: Path, story: list[tuple[str, tuple]]
) -> None:
    from django.db import transaction

    # Stories told before were rolled back, and version numbers come again.
    opening._MOMENTS.clear()
    opening._LEDGERS.clear()
    with transaction.atomic():
        tell(tmp_path, story)
        transaction.set_rollback(True)


def tell(folder: Path, story: list[tuple[str, tuple]]) -> None:
    newest: dict[str, Decimal] = {}
    shut: dict[tuple[str, str], Decimal] = {}
    for number, (act, what) in enumerate(story):
        if act == "state":
            rows = [(f"{month}-15", amount, entity) for month, entity, amount in what]
            ledger(folder, number, *rows)
            of_month = {month: Decimal(0) for month, _, _ in what}
            for month, _, amount in what:
                of_month[month] += Decimal(amount)
            newest |= of_month  # months that a file does not mention stay as they were
        elif act == "close":
            month, entity = what
            close(month, entity)
            shut[(entity, month)] = billed_by().get((entity, month), Decimal(0))
        else:
            reopen(*what)
            shut.pop(what[::-1], None)
        now = billed_by()
        assert sum(now.values()) == sum(newest.values())
        assert {key: now.get(key, Decimal(0)) for key in shut} == shut
        assert all_is_well() == []


def test_a_period_closed_while_the_file_was_read_refuses_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bursar.record.actions import import_files as act
    from bursar.record.errors import ConcurrentImport

    bring(tmp_path, 1, [cost("100")])
    close("2025-03")
    planned = act.plan

    def closed_meanwhile(*given: object, **options: object) -> object:
        found = planned(*given, **options)
        reopen("2025-03")
        return found

    monkeypatch.setattr(act, "plan", closed_meanwhile)
    before = sorted((home / "lake").rglob("*.parquet"))
    with pytest.raises(ConcurrentImport, match="a period was closed or reopened"):
        bring(tmp_path, 2, [cost("120")])
    assert sorted((home / "lake").rglob("*.parquet")) == before
    assert figures() == {("main", "2025-03", "EC2"): Decimal(100)}


def test_an_import_booked_as_corrections_is_not_undone(home: Path, tmp_path: Path) -> None:
    from bursar.record.actions.undo_import import undo_import
    from bursar.record.errors import NotUndoable

    bring(tmp_path, 1, [cost("100")])
    close("2025-03")
    found = bring(tmp_path, 2, [cost("120")])
    with pytest.raises(NotUndoable, match="Import the earlier file again"):
        undo_import(import_token=found["import_token"], reason="wrong", acting_user=None)
    load(tmp_path / "1.csv")
    assert figures() == {("main", "2025-03", "EC2"): Decimal(100)}
    assert all_is_well() == []


def test_lines_without_difference_make_no_file(home: Path, tmp_path: Path) -> None:
    bring(tmp_path, 1, [cost("100")])
    close("2025-03")
    bring(tmp_path, 2, [cost("60"), cost("40")])
    assert figures() == {("main", "2025-03", "EC2"): Decimal(100)}
    assert isinstance(queries.usage_lines(), pa.Table)
    assert all_is_well() == []
