"""What an import says about invoices that seem to count twice, and about credit notes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bursar.core.money.amount import exact_text
from bursar.lake.errors import FileDamaged
from bursar.record.duplicates.finding import find_duplicates
from bursar.record.duplicates.told import Duplicates
from bursar.record.models import Import


def warn_of_duplicates(made_by: Import) -> list[dict[str, str]]:
    """Adds its warnings to the import; returns all that the import has now.

    The import is in force when this is asked: whatever goes wrong here does not undo it.
    """
    batches = made_by.batches.filter(kind="cost_line").values_list("batch_id", flat=True)
    try:
        found = find_duplicates(batches, most=1) if batches else Duplicates()
    except FileDamaged:
        return list(made_by.warnings)  # `bursar verify` tells which file; it is none of ours
    added = [*_duplicates(found), *_credits(found)]
    if added:
        made_by.warnings = [*made_by.warnings, *added]
        made_by.save(update_fields=["warnings"])
    return list(made_by.warnings)


def _duplicates(found: Duplicates) -> list[dict[str, str]]:
    if not found.count:
        return []
    return [
        {
            "code": "import.duplicate_invoice",
            "message": f"{found.extra_lines} lines ({_money(found.totals)}) look like invoices "
            "that count twice, in this file or beside another. Nothing was left out; compare "
            "them on the Duplicates page.",
        }
    ]


def _credits(found: Duplicates) -> list[dict[str, str]]:
    if not found.credit_count:
        return []
    one = found.credit_count == 1
    counted = (
        "1 document holds credits," if one else f"{found.credit_count} documents hold credits,"
    )
    return [
        {
            "code": "import.credit_notes",
            "message": f"{counted} which reduce what was billed. The Duplicates page lists "
            "each with what is left of it.",
        }
    ]


def _money(totals: Iterable[tuple[str, str, Decimal]]) -> str:
    """Each currency and basis by itself: two bases are never added."""
    return ", ".join(
        f"{basis} {currency} {exact_text(amount)}" for currency, basis, amount in totals
    )
