"""VAT as cost: rules V30 and V31, the line, the ratio's days, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from bursar.connect.shaping import Chunk
from bursar.core.tables.rejected_line import REJECTED_LINE
from bursar.core.tables.table import LEDGER
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.office.people.scope import Scope
from bursar.office.reference.entities import vat_ratio
from bursar.office.reference.models import VatRatio
from bursar.record.actions.import_files import import_files
from bursar.record.actions.reindex_batches import reindex_batches
from bursar.record.actions.set_entity import EntityChange, set_entity
from bursar.record.actions.set_vat_ratio import set_vat_ratio
from bursar.record.errors import BadVatRatio, UnknownEntity
from bursar.record.vat import with_vat_as_cost
from bursar.report.costs import costs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]
HEAD = "period,amount,currency,basis,legal_entity,net_amount,vat_amount,gross_amount\n"


def take(tmp_path: Path, *rows: str, name: str = "payables.csv") -> dict[str, object]:
    file = tmp_path / name
    file.write_text(HEAD + "".join(row + "\n" for row in rows))
    return import_files(paths=[file], acting_user=None).to_json()


def ratio(code: str, value: str, day: date = date(2026, 1, 1)) -> None:
    set_entity(acting_user=None, code=code, change=EntityChange())
    set_vat_ratio(acting_user=None, code=code, ratio=Decimal(value), valid_from=day)


def cost(basis: str = "effective") -> dict[str, Decimal]:
    found = costs(Scope.all(), by=["legal_entity"], basis=basis)
    return {str(row.dimensions["legal_entity"]): row.amount for row in found.rows}


def test_what_is_not_recovered_is_cost(tmp_path: Path) -> None:
    """Rule V30: a bank that recovers 35 %, a public body none, a trader all."""
    for code, value in (("bank", "0.35"), ("town", "0")):
        ratio(code, value)
    take(
        tmp_path,
        "2026-01,119,EUR,,bank,100,19,119",
        "2026-01,119,EUR,,town,,19,119",
        "2026-01,100,EUR,,trader,100,19,119",
        "2026-01,50,EUR,booked,bank,,10,",
        "2026-01,7,EUR,,bank,,,",
    )
    assert cost() == {"bank": Decimal("119.35"), "town": Decimal(119), "trader": Decimal(100)}
    assert cost("booked") == {"bank": Decimal("56.5")}


def test_the_ratio_in_force_on_the_first_day_of_the_billing_period(tmp_path: Path) -> None:
    """Rule V31: a later ratio changes no line that is there, and counts for what comes."""
    ratio("main", "0.5")
    ratio("main", "0.25", date(2026, 2, 1))
    take(tmp_path, "2025-12,100,EUR,,,100,20,120", "2026-01,100,EUR,,,100,20,120",
         "2026-02,100,EUR,,,100,20,120")  # fmt: skip
    by_period = {r.dimensions["period"]: r.amount for r in costs(Scope.all(), by=["period"]).rows}
    assert by_period == {"2025-12": 100, "2026-01": 110, "2026-02": 115}
    ratio("main", "1")
    assert vat_ratio("main", date(2026, 1, 31)) == 1
    kept = VatRatio.objects.filter(valid_from=date(2026, 1, 1)).order_by("pk")
    assert [(row.ratio, row.superseded_at is None) for row in kept] == [
        (Decimal("0.5"), False), (Decimal(1), True),
    ]  # fmt: skip
    assert cost() == {"main": Decimal(325)}


def test_a_cost_that_does_not_fit_is_a_rejected_row(tmp_path: Path) -> None:
    """Rule V30: never rounded."""
    ratio("main", "0.123456")
    fine = "0." + "0" * 22 + "1"
    told = take(tmp_path, f"2026-01,1,EUR,,,1,{fine},", "2026-01,1,EUR,,,1,1,")
    (batch,) = told["batches"]  # type: ignore[misc]
    assert (batch["rows_read"], batch["rows_accepted"], batch["rows_rejected"]) == (2, 1, 1)
    (reason,) = told["rejected"]  # type: ignore[misc]
    assert (reason["row"], reason["column"]) == (1, "vat_amount")
    assert reason["code"] == "import.amount_too_precise"
    assert cost() == {"main": Decimal("1.876544")}


def test_ratios_that_cannot_be() -> None:
    set_entity(acting_user=None, code="bank", change=EntityChange())
    for value in ("-0.1", "1.1", "0.1234567", "NaN"):
        with pytest.raises(BadVatRatio) as refusal:
            ratio("bank", value)
        assert refusal.value.code == "record.bad_vat_ratio"
    with pytest.raises(UnknownEntity) as unknown:
        set_vat_ratio(acting_user=None, code="none", ratio=Decimal(1), valid_from=date(2026, 1, 1))
    assert unknown.value.code == "record.unknown_entity"
    auditor = User.objects.create_user("ada", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        set_vat_ratio(acting_user=auditor, code="bank", ratio=Decimal(1),
                      valid_from=date(2026, 1, 1))  # fmt: skip


def test_the_counterpart_can_be_a_dimension(tmp_path: Path) -> None:
    """Consolidated figures keep what companies charge one another, and show whom."""
    file = tmp_path / "intercompany.csv"
    file.write_text(
        "period,amount,currency,legal_entity,counterpart_entity\n"
        "2026-01,100,EUR,bank,\n2026-01,40,EUR,town,bank\n2026-01,-40,EUR,bank,town\n"
    )
    import_files(paths=[file], acting_user=None)
    reindex_batches(promote=["counterpart_entity"], acting_user=None)
    found = costs(Scope.all(), by=["legal_entity", "counterpart_entity"])
    assert {tuple(row.dimensions.values()): row.amount for row in found.rows} == {
        ("bank", None): 100, ("town", "bank"): 40, ("bank", "town"): -40,
    }  # fmt: skip


def test_a_profile_keeps_vat_beside_a_cost_that_is_net() -> None:
    """Rule V30: the VAT of a credit is a credit, whichever sign the file gave it."""
    ratio("main", "0.5")
    lines = pa.table(
        {
            "effective_cost": pa.array([Decimal(100), Decimal(-40), Decimal(7)], LEDGER),
            "x_vat_amount": ["20", "8", None],
            "billing_period_start": [datetime(2026, 1, 1, tzinfo=UTC)] * 3,
            "legal_entity": pa.nulls(3, pa.string()),
            "source_file": ["a.csv"] * 3,
            "source_row": [1, 2, 3],
        }
    )
    found = with_vat_as_cost(Chunk(lines, REJECTED_LINE.schema.empty_table(), 3), "main").lines
    assert found["effective_cost"].to_pylist() == [110, -44, 7]
    assert found["vat_amount"].to_pylist() == [20, -8, None]
    assert found["x_vat_amount"].to_pylist() == ["20", "8", None]
