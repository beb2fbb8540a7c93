"""The usage CSV: measured quantities, by which costs are split."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.samples import Result, read_text

from bursar.core.tables.usage_line import USAGE_LINE


def usage(folder: Path, header: str, *rows: str) -> Result:
    return read_text(folder, "\n".join((header, *rows)), name="drivers.csv")


def test_all_columns(tmp_path: Path) -> None:
    found = usage(
        tmp_path,
        "driver,period,from,to,quantity,unit,day",
        "staff_hours,2026-01,Application / Development,Webshop,12.5,hours,",
        "staff_hours,FY2026-P03,,ERP,0,hours,2026-01-07",
    )
    assert found.reading.format == "usage"
    assert found.rejected == []
    first, second = found.lines
    assert first["measure"] == "staff_hours"
    assert (first["from_key"], first["to_key"]) == ("Application / Development", "Webshop")
    assert (first["quantity"], first["unit"], first["day"]) == (Decimal("12.5"), "hours", None)
    assert (second["period"], second["from_key"]) == ("FY2026-P03", None)
    assert str(second["day"]) == "2026-01-07"
    assert found.schemas.pop().names == USAGE_LINE.names


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        (",2026-01,,A,1", "driver", "import.driver_missing"),
        ("d,January,,A,1", "period", "import.period_invalid"),
        ("d,,,A,1", "period", "import.period_invalid"),
        ("d,2026-01,,  ,1", "to", "import.target_missing"),
        ("d,2026-01,,A,", "quantity", "import.amount_missing"),
        ("d,2026-01,,A,-1", "quantity", "import.quantity_negative"),
        ('d,2026-01,,A,"1,5"', "quantity", "import.amount_separators"),
    ],
)
def test_bad_rows(tmp_path: Path, cells: str, column: str, code: str) -> None:
    found = usage(tmp_path, "driver,period,from,to,quantity", "d,2026-01,,A,1", cells)
    assert found.codes == [(2, column, code)]
