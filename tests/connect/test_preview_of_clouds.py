"""The first look at a native bill says which column of the file fills what, however indirectly.

Rule I60 of docs/spec/import.md.
"""

from __future__ import annotations

from pathlib import Path

from bursar.connect.preview import preview

CUR = Path(__file__).parents[1] / "golden" / "clouds" / "aws" / "cur.csv"


def test_a_native_column_names_the_columns_that_it_fills() -> None:
    seen = preview(CUR)
    assert seen.format == "aws"
    mapped = {one.header: one for one in seen.mapping}
    assert len(mapped) == len(seen.mapping)
    cost = mapped["lineItem/UnblendedCost"]
    assert cost.known
    assert cost.target.startswith("billed_cost, effective_cost")
    assert mapped["resourceTags/user:team"].target == "tags"
    own = mapped["identity/LineItemId"]
    assert (own.target, own.known) == ("identity/LineItemId", False)
