"""Layouts of postings as data: which columns an ERP reads, and how it writes days and amounts.

A column is a name and what fills it; see `FILLS` in `writing.py`. A new ERP is a new entry here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """One ERP's file."""

    name: str
    title: str
    columns: tuple[tuple[str, str], ...]
    """None where the file is no table, as beancount's."""
    delimiter: str = ","
    day: str = "%Y-%m-%d"
    decimal: str = "."
    debit_credit: tuple[str, str] = ("D", "C")
    pairs: bool = False
    """Whether a row names account and counter account at once, instead of one row for each."""
    needs_accounts: bool = True


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout(
            name="generic",
            title="Plain columns, debit and credit apart",
            columns=(
                ("document", "document"), ("line", "line"), ("posting_date", "day"),
                ("legal_entity", "entity"), ("account", "account"),
                ("cost_object", "cost_object"), ("text", "text"), ("currency", "currency"),
                ("debit", "debit"), ("credit", "credit"),
            ),
            needs_accounts=False,
        ),
        Layout(
            name="sap",
            title="SAP S/4HANA, upload of general journal entries",
            columns=(
                ("Company Code", "entity"), ("Document Date", "day"), ("Posting Date", "day"),
                ("Document Type", "SA"), ("Reference", "document"), ("Currency", "currency"),
                ("Line Item", "line"), ("G/L Account", "account"), ("D/C Indicator", "side"),
                ("Amount", "amount"), ("Cost Center", "cost_object"), ("Item Text", "text"),
            ),
            delimiter=";",
            day="%Y%m%d",
            debit_credit=("S", "H"),
        ),
        Layout(
            name="dynamics",
            title="Dynamics 365 Finance, general journal",
            columns=(
                ("JOURNALBATCHNUMBER", "document"), ("LINENUMBER", "line"), ("VOUCHER", "document"),
                ("TRANSDATE", "day"), ("COMPANY", "entity"), ("ACCOUNTTYPE", "Ledger"),
                ("ACCOUNTDISPLAYVALUE", "account"), ("DIMENSION", "cost_object"), ("TEXT", "text"),
                ("CURRENCYCODE", "currency"), ("DEBITAMOUNT", "debit"), ("CREDITAMOUNT", "credit"),
            ),
        ),
        Layout(
            name="netsuite",
            title="NetSuite, import of journal entries",
            columns=(
                ("External ID", "document"), ("Date", "day"), ("Subsidiary", "entity"),
                ("Currency", "currency"), ("Line", "line"), ("Account", "account"),
                ("Debit", "debit"), ("Credit", "credit"), ("Department", "cost_object"),
                ("Memo", "text"),
            ),
            day="%m/%d/%Y",
        ),
        Layout(
            name="datev",
            title="DATEV, columns of a booking batch",
            columns=(
                ("Umsatz (ohne Soll/Haben-Kz)", "amount"), ("Soll/Haben-Kennzeichen", "side"),
                ("WKZ Umsatz", "currency"), ("Konto", "account"),
                ("Gegenkonto (ohne BU-Schlüssel)", "counter_account"), ("Belegdatum", "day"),
                ("Belegfeld 1", "document"), ("Buchungstext", "text"),
                ("KOST1 - Kostenstelle", "cost_object"), ("KOST2 - Kostenstelle", "counterpart"),
            ),
            delimiter=";",
            day="%d%m",
            decimal=",",
            debit_credit=("S", "H"),
            pairs=True,
        ),
        Layout(
            name="beancount",
            title="beancount, for an audit by other software",
            columns=(),
            needs_accounts=False,
        ),
    )
}  # fmt: skip
"""By name."""
