"""What is written are the lines that came in: every sum exact, every file in step with the rest.

Rules L10, L21, L22 and L23 of docs/spec/ledger.md.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.lake.lines import defaults, line, read, table, write

from bursar.core.calc.fiscal import FiscalCalendar
from bursar.core.refusal import InvariantBroken
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import BASES, COST_COLUMN, CUBE_DAY, CUBE_MONTH
from bursar.lake import batch_files, cost_lines
from bursar.lake.errors import DiskFull, SumOverflow

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=24, allow_nan=False) | st.just(
    Decimal("1E-24")
)
LINES = st.lists(
    st.tuples(
        AMOUNTS | st.none(),
        AMOUNTS,
        st.sampled_from(["EUR", "USD"]),
        st.sampled_from(["2025-03-05", "2025-03-06", "2025-04-01"]),
        st.sampled_from(["S3", "EC2", None]),
    ),
    min_size=1,
    max_size=40,
)


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(LINES, st.integers(1, 15), st.integers(1, 20))
def test_totals_are_the_sums_of_fractions(tmp_path_factory, monkeypatch, lines, chunk, buffer):
    monkeypatch.setattr(cost_lines, "_BUFFER_ROWS", buffer)
    monkeypatch.setattr(cost_lines, "_WORTHWHILE_ROWS", 3)
    lake = tmp_path_factory.mktemp("lake")
    made = [
        line(n, "0", day=day, billing_currency=currency, service_name=name)
        | {"billed_cost": billed, "list_cost": listed}
        for n, (billed, listed, currency, day, name) in enumerate(lines, 1)
    ]
    batches = write(lake, [made[i : i + chunk] for i in range(0, len(made), chunk)])
    assert [b.period for b in batches] == sorted(
        {m["charge_period_start"].strftime("%Y-%m") for m in made}
    )
    for batch in batches:
        mine = [m for m in made if m["charge_period_start"].strftime("%Y-%m") == batch.period]
        expected = fraction_sums(mine)
        assert {c: {b: s[b] for b in BASES} for c, s in batch.totals.items()} == expected
        for name in ("cost_line", "cube_day", "cube_month", "invoice_total"):
            assert file_sums(read(lake, batch, name)) == expected, name
        assert sorted(read(lake, batch, "cost_line")["source_row"].to_pylist()) == [
            m["source_row"] for m in mine
        ]


def fraction_sums(lines: list[dict]) -> dict[str, dict[str, Fraction | None]]:
    sums: dict[str, dict[str, Fraction | None]] = {}
    for one in lines:
        known = sums.setdefault(one["billing_currency"], dict.fromkeys(BASES))
        for basis in BASES:
            amount = one.get(COST_COLUMN[basis])
            if amount is not None:
                known[basis] = (known[basis] or Fraction(0)) + Fraction(amount)
    return sums


def file_sums(found: pa.Table) -> dict[str, dict[str, Fraction | None]]:
    currency = "currency" if "currency" in found.column_names else "billing_currency"
    rows = found.rename_columns({currency: "billing_currency"}).to_pylist()
    return fraction_sums(rows)


def test_files_stand_beside_each_other_and_have_their_declared_columns(tmp_path: Path) -> None:
    [batch] = write(tmp_path, [[line(1, "1.5", invoice_id="A"), line(2, "2", x_code="c")]])
    folder = f"cost_line/2025-03/{batch.batch_id}"
    assert {r.path: r.table for r in batch.records} == {
        f"{folder}/lines.parquet": "cost_line",
        f"{folder}/cube_day.parquet": "cube_day",
        f"{folder}/cube_month.parquet": "cube_month",
        f"{folder}/invoice_total.parquet": "invoice_total",
        f"{folder}/dimension.parquet": "dimension",
    }
    lines = read(tmp_path, batch, "cost_line")
    assert lines.column_names == [*COST_LINE.names, "x_code"]
    assert all(lines.schema.field(c.name).type == c.type for c in COST_LINE.columns)
    for shape in (CUBE_DAY, CUBE_MONTH):
        found = read(tmp_path, batch, shape.name)
        assert [(f.name, f.type) for f in found.schema] == [(c.name, c.type) for c in shape.columns]
    assert read(tmp_path, batch, "invoice_total").select(["invoice_id", "lines"]).to_pylist() == [
        {"invoice_id": "A", "lines": 1},
        {"invoice_id": None, "lines": 1},
    ]
    assert batch.postings == {("main", "2025-03")}


def test_runs_are_sorted_by_dimension_and_dimensions_are_those_of_the_lines(tmp_path: Path) -> None:
    made = [line(n, service_name=f"s{n % 7}", tags=f'{{"team": "t{n % 3}"}}') for n in range(100)]
    [batch] = write(tmp_path, [made], promote=("tag.team", "x_none"))
    ids = read(tmp_path, batch, "cost_line")["dim_id"].to_pylist()
    dimensions = read(tmp_path, batch, "dimension")
    assert ids == sorted(ids)
    assert dimensions["dim_id"].to_pylist() == sorted(set(ids))
    assert sorted(set(dimensions["tag.team"].to_pylist())) == ["t0", "t1", "t2"]
    assert dimensions["x_none"].null_count == len(set(ids)) == 21


def test_defaults_fill_what_the_file_leaves_out(tmp_path: Path) -> None:
    made = [line(1, legal_entity="sub"), line(2, legal_entity=None)]
    [batch] = write(tmp_path, [made], using=defaults("ledger"))
    found = read(tmp_path, batch, "cost_line").sort_by("source_row")
    assert found["legal_entity"].to_pylist() == ["sub", "main"]
    assert found["source"].to_pylist() == ["ledger"] * 2
    assert batch.postings == {("sub", "2025-03"), ("main", "2025-03")}


def test_a_line_is_posted_by_its_day_inside_and_by_the_bill_outside(tmp_path: Path) -> None:
    early = line(1) | {"charge_period_start": line(1, day="2025-02-27")["charge_period_start"]}
    weeks = FiscalCalendar(pattern="4-4-5")
    made = [line(2, day="2025-03-03"), line(3, day="2025-03-31"), early]
    [batch] = write(tmp_path, [made], using=defaults(calendar=weeks))
    found = read(tmp_path, batch, "cost_line").sort_by("source_row")
    assert found["posting_period"].to_pylist() == [
        weeks.period_of(line(1, day=day)["charge_period_start"].date()).code
        for day in ("2025-03-01", "2025-03-03", "2025-03-31")
    ]
    assert len({posted for _, posted in batch.postings}) == 2


def test_further_columns_that_come_late_open_a_second_file(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(cost_lines, "_BUFFER_ROWS", 1)
    monkeypatch.setattr(cost_lines, "_WORTHWHILE_ROWS", 1)
    [batch] = write(tmp_path, [[line(1)], [line(2, x_code="late")], [line(3, x_code="more")]])
    names = [Path(r.path).name for r in batch.records if r.table == "cost_line"]
    assert names == ["lines.parquet", "lines-2.parquet"]
    assert batch.rows == 3
    found = read(tmp_path, batch, "cost_line").sort_by("source_row")
    assert found["x_code"].to_pylist() == [None, "late", "more"]


def test_texts_may_come_as_codes_or_plain(tmp_path: Path) -> None:
    coded = table([line(1, service_name="S3")])
    at = coded.column_names.index("service_name")
    coded = coded.set_column(at, "service_name", coded["service_name"].dictionary_encode())
    with cost_lines.CostLineWriter(tmp_path, defaults()) as writer:
        writer.add(coded)
        writer.add(table([line(2, service_name="S3")]))
        [batch] = writer.finish()
    assert read(tmp_path, batch, "dimension").num_rows == 1


def test_a_sum_beyond_the_ledger_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    large = [line(n, "60000000000000") for n in (1, 2)]
    with pytest.raises(SumOverflow, match="14 digits before the point") as refusal:
        write(tmp_path, [large])
    assert refusal.value.code == "import.sum_overflow"
    assert list(tmp_path.rglob("*.*")) == []


def test_a_cell_beyond_the_ledger_is_refused_even_where_the_total_fits(tmp_path: Path) -> None:
    large = [line(n, "60000000000000") for n in (1, 2)]
    back = [line(n, "-60000000000000", service_name="credit") for n in (3, 4)]
    with pytest.raises(SumOverflow):
        write(tmp_path, [large + back])
    assert list(tmp_path.rglob("*.*")) == []


def test_lines_lost_on_the_way_stop_the_import(tmp_path: Path, monkeypatch) -> None:
    """The totals counted on the way in are compared with what the file holds."""
    honest = batch_files.FileInMaking.add
    monkeypatch.setattr(
        batch_files.FileInMaking, "add", lambda self, t: honest(self, t.slice(0, 1))
    )
    with pytest.raises(InvariantBroken, match="went in"):
        write(tmp_path, [[line(1), line(2)]])
    assert list(tmp_path.rglob("*.*")) == []


def test_an_error_while_writing_reaches_the_caller_and_leaves_nothing(
    tmp_path: Path, monkeypatch
) -> None:
    def full(*_: object) -> None:
        raise DiskFull("no room")

    monkeypatch.setattr(cost_lines, "_BUFFER_ROWS", 1)
    monkeypatch.setattr(cost_lines, "_WORTHWHILE_ROWS", 1)
    monkeypatch.setattr(batch_files.FileInMaking, "add", full)
    with pytest.raises(DiskFull):
        write(tmp_path, [[line(1)], [line(2)], [line(3)]])
    assert list(tmp_path.rglob("*.*")) == []


def test_nothing_written_is_no_batch(tmp_path: Path) -> None:
    assert write(tmp_path, [[]]) == []


def test_a_writer_left_early_leaves_nothing(tmp_path: Path) -> None:
    with cost_lines.CostLineWriter(tmp_path, defaults()) as writer:
        writer.add(table([line(1)]))
    assert list(tmp_path.rglob("*.*")) == []
