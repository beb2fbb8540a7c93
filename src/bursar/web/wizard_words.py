"""The words of the import wizard: what a column may fill, and what was seen in it."""

from __future__ import annotations

from bursar.connect.looks.columns import LookedColumn
from bursar.connect.profile import AMOUNTS, DATES, NUMBERS, TEXTS, WORDS

Choice = tuple[str, str]
"""Value and words of an option."""

_LABELS = {
    "amount": "Amount",
    "net": "Amount without VAT",
    "vat": "VAT",
    "gross": "Amount with VAT",
    "debit": "Debit",
    "credit": "Credit",
    "posting_date": "Posting or invoice date",
    "period": "Month or fiscal period",
    "service_start": "First day of the service",
    "service_end": "Last day of the service",
    "currency": "Currency",
    "basis": "Basis (billed, effective, booked)",
    "charge_category": "Charge category",
    "treatment": "Capex or opex",
    "intent": "Run, grow or transform",
    "sign": "Debit or credit sign",
    "vendor": "Vendor",
    "document_ref": "Document or invoice number",
    "charge_description": "Description",
    "gl_account": "Ledger account",
    "cost_center": "Cost center",
    "legal_entity": "Legal entity",
    "initiative": "Project",
    "solution": "Solution",
    "position_id": "Position (pseudonym)",
    "service_name": "Service",
    "service_category": "Service category",
}
_FIRST = (
    "vendor", "document_ref", "charge_description", "gl_account", "cost_center", "legal_entity",
    "initiative", "solution", "position_id", "service_name", "service_category",
)  # fmt: skip

_BASES = (
    ("", "Billed and effective"),
    ("billed", "Billed only, spread elsewhere"),
    ("effective", "Effective only, as a depreciation"),
    ("booked", "Booked, of the general ledger"),
)
CONSTANTS: tuple[tuple[str, str, str, tuple[Choice, ...]], ...] = (
    ("currency", "Currency", "ISO 4217, such as EUR.", ()),
    (
        "basis",
        "What the amounts are",
        "An invoice is billed and effective. Bases are never added to each other.",
        _BASES,
    ),
    ("legal_entity", "Legal entity", "Empty: the first one.", ()),
    ("period", "Month of all rows", "YYYY-MM, where no column holds a date.", ()),
    ("cost_center", "Cost center", "", ()),
)
"""Key, label, hint and choices of what may be the same for every row."""

_KINDS = {
    "amount": "amounts",
    "number": "numbers, not money",
    "code": "numbers that name something",
    "date": "dates",
    "period": "months or fiscal periods",
    "currency": "currency codes",
    "text": "words",
    "empty": "empty",
}


def target_groups() -> list[tuple[str, tuple[Choice, ...]]]:
    """What a column may fill, in groups as a select box shows them."""
    rest = sorted({*TEXTS, *NUMBERS} - set(_FIRST))
    known = [name for name in _FIRST if name in TEXTS]
    return [
        ("Money", _choices(AMOUNTS)),
        ("When", _choices(DATES)),
        ("Who and what", _choices(known)),
        ("How it counts", _choices(WORDS)),
        ("Other columns of the ledger", _choices(rest)),
    ]


def _choices(names: tuple[str, ...] | list[str]) -> tuple[Choice, ...]:
    return tuple((name, _LABELS.get(name, name.replace("_", " "))) for name in names)


def column_words(column: LookedColumn) -> str:
    """What was seen in a column, in a few words: the reason for the proposal."""
    said = [_KINDS.get(column.kind, column.kind)]
    if column.style and column.style != "y-m-d":
        said.append(f"as {column.style}" + ("" if column.certain else ", or another way"))
    if column.currency_sign:
        said.append(f"with {column.currency_sign}")
    if column.filled:
        said.append(f"{column.distinct:,} different in {column.filled:,}")
    return ", ".join(said)
