"""Small native bills of each provider against lines that an accountant can check by hand.

Rules I60, I61, I62, I64 and I65 of docs/spec/import.md.
"""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.connect.samples import Result, read

from bursar.core.money.amount import exact_sum, exact_text

GOLDEN = Path(__file__).parents[1] / "golden" / "clouds"
FILES = [
    ("aws", "cur.csv"),
    ("azure", "actual.csv"),
    ("azure", "amortized.csv"),
    ("azure", "german.csv"),
    ("gcp", "export.jsonl"),
    ("gcp", "export.csv"),
    ("oci", "cost.csv"),
]


def shown(value: Any) -> str:
    if value is None:
        return ""
    return exact_text(value) if isinstance(value, Decimal) else str(value)


def expected(provider: str, file: str) -> list[dict[str, str]]:
    with (GOLDEN / provider / "EXPECTED.csv").open(encoding="utf-8") as lines:
        return [line for line in csv.DictReader(lines) if line["file"] == file]


def total(found: Result, column: str, **where: str) -> Decimal:
    return exact_sum(
        line[column]
        for line in found.lines
        if line[column] is not None and all(line[name] == value for name, value in where.items())
    )


@pytest.mark.parametrize(("provider", "file"), FILES, ids=str)
def test_every_line_is_as_the_accountant_expects(provider: str, file: str) -> None:
    found = read(GOLDEN / provider / file)
    assert found.reading.format == provider
    assert found.rejected == []
    wanted = expected(provider, file)
    assert len(found.lines) == len(wanted)
    for line, want in zip(found.lines, wanted, strict=True):
        place = {"file": file, "row": str(line["source_row"])}
        assert place | {name: shown(line.get(name)) for name in want if name not in place} == want


def test_aws_commitments_cost_in_both_views_the_same() -> None:
    found = read(GOLDEN / "aws" / "cur.csv")
    commitments = {line["commitment_discount_id"] for line in found.lines} - {None}
    assert len(commitments) == 2
    for one in commitments:
        bought = total(found, "billed_cost", commitment_discount_id=one, charge_category="Purchase")
        used, unused = (
            total(
                found, "effective_cost", commitment_discount_id=one,
                commitment_discount_status=status,
            )
            for status in ("Used", "Unused")
        )  # fmt: skip
        assert used + unused == bought
        assert used
        assert unused
        of_purchases = [
            line["effective_cost"]
            for line in found.lines
            if line["commitment_discount_id"] == one and line["charge_category"] == "Purchase"
        ]
        assert set(of_purchases) == {Decimal(0)}
    assert total(found, "billed_cost") == total(found, "effective_cost") == Decimal("282.8")


def test_a_second_line_leaves_the_files_own_columns_to_the_first() -> None:
    found = read(GOLDEN / "aws" / "cur.csv")
    assert found.rows_read == 16
    assert len(found.lines) == 18
    own = [line["lineItem/UnblendedCost"] for line in found.lines]
    assert exact_sum(Decimal(text) for text in own if text) == Decimal("282.8")
    assert [line["source_row"] for line in found.lines[16:]] == [4, 7]


def test_aws_fees_stay_effective_where_the_file_shows_no_use(tmp_path: Path) -> None:
    with (GOLDEN / "aws" / "cur.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    old = [name for name in rows[0] if not name.startswith(("reservation/", "savingsPlan/"))]
    with (tmp_path / "old.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, old, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    found = read(tmp_path / "old.csv")
    assert len(found.lines) == 16
    fees = total(found, "effective_cost", charge_category="Purchase")
    assert fees == total(found, "billed_cost", charge_category="Purchase") == Decimal(279)
    assert total(found, "effective_cost") == total(found, "billed_cost") == Decimal("282.8")


def snake(name: str) -> str:
    return "".join(f"_{s.lower()}" if s.isupper() else s for s in name.replace("/", "_"))


def test_cur_2_in_parquet_with_pairs_reads_the_same(tmp_path: Path) -> None:
    with (GOLDEN / "aws" / "cur.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tags = [name for name in rows[0] if name.startswith("resourceTags/")]
    columns: dict[str, pa.Array] = {}
    for name in rows[0]:
        cells = [row[name] or None for row in rows]
        if name.startswith("product/") or name in tags:
            continue
        cost = name.endswith(("Cost", "Fee", "ToDate", "UsedCommitment"))
        typed = pa.array([None if c is None else float(c) for c in cells]) if cost else cells
        columns[snake(name).replace("__", "_")] = pa.array(typed)
    pairs = pa.map_(pa.string(), pa.string())
    columns["resource_tags"] = pa.array(
        [[(f"user_{t.split(':')[1]}", row[t]) for t in tags if row[t]] for row in rows], pairs
    )
    columns["product"] = pa.array(
        [
            [("product_name", row["product/ProductName"]), ("region_code", row["product/region"]),
             ("instance_type", row["product/instanceType"]), ("sku", row["product/sku"])]
            for row in rows
        ],
        pairs,
    )  # fmt: skip
    pq.write_table(pa.table(columns), tmp_path / "cur2.parquet")
    found = read(tmp_path / "cur2.parquet")
    assert (found.reading.format, found.reading.format_version) == ("aws", "2.0")
    assert found.rejected == []
    wanted = expected("aws", "cur.csv")
    for line, want in zip(found.lines, wanted, strict=True):
        seen = {name: shown(line.get(name)) for name in want if name not in ("file", "row", "tags")}
        assert seen == {name: want[name] for name in seen}
    assert json.loads(str(found.lines[1]["tags"])) == {"team": "batch"}
    assert "import.float_money" in found.warning_codes


def test_azure_actual_and_amortised_together_fill_one_view_each() -> None:
    actual, amortised = GOLDEN / "azure" / "actual.csv", GOLDEN / "azure" / "amortized.csv"
    found = read(actual, amortised)
    assert total(found, "billed_cost") == total(read(actual), "billed_cost") == Decimal("74.81")
    assert total(found, "effective_cost") == Decimal("81.01")
    assert total(read(amortised), "effective_cost") == Decimal("81.01")
    for line in found.lines:
        assert (line["billed_cost"] is None) == (line["source_file"] == "amortized.csv")
        assert (line["effective_cost"] is None) == (line["source_file"] == "actual.csv")
    for one in ("r-1", "s-1"):
        bought = total(found, "billed_cost", commitment_discount_id=one)
        assert bought == total(found, "effective_cost", commitment_discount_id=one)


def test_azure_views_can_be_named_for_sources_of_their_own() -> None:
    actual = read(GOLDEN / "azure" / "actual.csv", format="azure-actual")
    amortised = read(GOLDEN / "azure" / "amortized.csv", format="azure-amortised")
    assert set(actual.column("effective_cost")) == {None}
    assert set(amortised.column("billed_cost")) == {None}
    assert total(actual, "billed_cost") == Decimal("74.81")
    assert total(amortised, "effective_cost") == Decimal("81.01")


def test_gcp_credits_stay_apart_from_the_cost() -> None:
    found = read(GOLDEN / "gcp" / "export.jsonl")
    assert total(found, "contracted_cost") == Decimal("27.81")
    native = exact_sum(Decimal(str(line["cost"])) for line in found.lines)
    assert native == total(found, "contracted_cost")
    assert total(found, "billed_cost") == Decimal("27.81") - Decimal("9.7500000001")
