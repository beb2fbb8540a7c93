"""Numbers, dates and sides in the styles of real ledgers, from several countries.

Rules R8, R10-R15, R20-R26 and R30 of docs/spec/import.md.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.connect.tables.samples import Read, proposed, read_proposed, write

from bursar.connect.cells.days import day_of, period_of
from bursar.connect.cells.styled import take_apart
from bursar.connect.looking import look
from bursar.connect.looks.asking import questions
from bursar.connect.looks.proposing import propose
from bursar.connect.reading import open_reading


def amounts(found: Read) -> list[Decimal]:
    return [line["billed_cost"] or line["booked_cost"] for line in found.lines]


def test_german_style(tmp_path: Path) -> None:
    path = write(
        tmp_path / "kreditoren.csv",
        [
            "Kreditor;Belegnummer;Buchungsdatum;Kostenstelle;Sachkonto;Netto;MwSt;Brutto;Währung",
            "Müller GmbH;4711;31.01.2026;K100;0640;1.234,56;234,57;1.469,13;EUR",
            "Groß & Söhne;4712;01.02.2026;K200;0650;-50,00;-9,50;-59,50;EUR",
            "Café Zürich;4713;15. März 2026;K200;0650;12.000;2.280;14.280;EUR",
            "Falsch KG;4714;15.03.2026;K200;0650;100,00;19,00;120,00;EUR",
            "Summe;;;;;13.184,56;2.505,07;15.689,63;",
        ],
        "cp1252",
    )
    found = read_proposed(path, currency=None)
    assert amounts(found) == [Decimal("1234.56"), Decimal("-50"), Decimal(12000)]
    assert found.days() == ["2026-01-31", "2026-02-01", "2026-03-15"]
    first = found.lines[0]
    assert first["vendor"] == "Müller GmbH"
    assert (first["gl_account"], first["cost_center"]) == ("0640", "K100")
    assert (first["document_ref"], first["x_vat_amount"]) == ("4711", "234.57")
    assert found.codes() == ["import.vat_mismatch"]
    assert found.rejected[0]["raw"] == "120,00"
    assert [one["code"] for one in found.skipped] == ["import.total_row"]
    assert "cp1252" in found.warnings["import.encoding_guessed"]
    assert "13184.56" in found.warnings["import.total_row"]


def test_spanish_style(tmp_path: Path) -> None:
    path = write(
        tmp_path / "facturas.csv",
        [
            "Proveedor\tNº factura\tFecha factura\tConcepto\tImporte (€)",
            "Peña S.A.\tF-1\t31/01/2026\tLicencias\t1.234.567,89 €",
            "Núñez\tF-2\t5 de febrero de 2026\tSoporte\t(12,50)",
            "Acme\tF-3\t13/02/26\tRed\t7,00-",
        ],
    )
    found = read_proposed(path, currency=None)
    assert amounts(found) == [Decimal("1234567.89"), Decimal("-12.5"), Decimal(-7)]
    assert found.days() == ["2026-01-31", "2026-02-05", "2026-02-13"]
    assert {line["billing_currency"] for line in found.lines} == {"EUR"}
    assert found.lines[0]["charge_description"] == "Licencias"


def test_french_and_swiss_styles(tmp_path: Path) -> None:
    french = write(
        tmp_path / "a.csv",
        ["Fournisseur;Date facture;Montant HT", "Été;28 févr. 2026;1 234,56",
         "Noël;1 août 2026;-12 000,00"],
    )  # fmt: skip
    found = read_proposed(french)
    assert amounts(found) == [Decimal("1234.56"), Decimal(-12000)]
    assert found.days() == ["2026-02-28", "2026-08-01"]
    swiss = write(
        tmp_path / "b.csv",
        ["Lieferant|Datum|Betrag", "Alpen AG|31.03.2026|CHF 1'234.50", "Berg AG|01.04.2026|CHF 7"],
    )
    found = read_proposed(swiss)
    assert amounts(found) == [Decimal("1234.5"), Decimal(7)]
    assert found.lines[0]["billing_currency"] == "CHF"


@pytest.mark.parametrize(
    ("text", "styles", "negative"),
    [
        ("1,234.56", {"1,234.56"}, False),
        ("(1.234,56)", {"1.234,56"}, True),
        ("1 234,56-", {"1 234,56"}, True),
        ("12,34,567.00", {"1,234.56"}, False),
        ("£1,234.56 CR", {"1,234.56"}, True),
        ("1.234,56 S", {"1.234,56"}, False),
        ("1.234,56 H", {"1.234,56"}, True),
        ("\u221212.5", {"1,234.56", "1'234.56", "1 234.56"}, True),
    ],
)
def test_parts_of_a_number(text: str, styles: set[str], negative: bool) -> None:
    number = take_apart(text)
    assert number is not None
    assert set(number.styles) == styles
    assert number.negative == negative


@pytest.mark.parametrize(
    "text", ["1,2,3", "(5", "5)", "--5", "1.234.5", "12 apples", "1,23.4", "(5)-", "ABC 5", "$5€"]
)
def test_what_is_no_number(text: str) -> None:
    assert take_apart(text) is None


@pytest.mark.parametrize(
    ("text", "style", "day"),
    [
        ("03/04/2024", "d/m/y", "2024-04-03"),
        ("03/04/2024", "m/d/y", "2024-03-04"),
        ("03/04/2024", "y-m-d", None),
        ("03.04.2024", "m/d/y", "2024-04-03"),
        ("31/02/2024", "d/m/y", None),
        ("2024-04-03 17:30:00", "d/m/y", "2024-04-03"),
        ("20240403", "y-m-d", "2024-04-03"),
        ("3-Apr-24", "y-m-d", "2024-04-03"),
        ("April 3, 2024", "m/d/y", "2024-04-03"),
        ("3. Dezember 2024", "y-m-d", "2024-12-03"),
        ("45385", "serial", "2024-04-03"),
        ("3 déc. 2024", "y-m-d", "2024-12-03"),
    ],
)
def test_days(text: str, style: str, day: str | None) -> None:
    found = day_of(text, style)
    assert (None if found is None else found.isoformat()) == day


@pytest.mark.parametrize(
    ("text", "start", "first", "after"),
    [
        ("2024-03", 1, "2024-03-01", "2024-04-01"),
        ("03/2024", 1, "2024-03-01", "2024-04-01"),
        ("März 2024", 1, "2024-03-01", "2024-04-01"),
        ("Q2 2024", 1, "2024-04-01", "2024-07-01"),
        ("FY24", 1, "2024-01-01", "2025-01-01"),
        ("FY24", 7, "2023-07-01", "2024-07-01"),
        ("2024 P1", 4, "2023-04-01", "2023-05-01"),
        ("P12 2024", 4, "2024-03-01", "2024-04-01"),
        ("202403", 1, "2024-03-01", "2024-04-01"),
    ],
)
def test_periods(text: str, start: int, first: str, after: str) -> None:
    span = period_of(text, start)
    assert span is not None
    assert [day.isoformat() for day in span] == [first, after]


def test_debit_and_credit(tmp_path: Path) -> None:
    path = write(
        tmp_path / "journal.csv",
        ["Account,Posting Date,Text,Debit,Credit", "4711,2026-01-31,a,100.00,",
         "4711,2026-01-31,b,,30.00", "4711,2026-01-31,c,5.00,5.00", "4711,2026-01-31,d,-,n/a",
         "4711,2026-01-31,e,0.00,7.50"],
    )  # fmt: skip
    found = read_proposed(path)
    assert [line["booked_cost"] for line in found.lines] == [
        Decimal(100), Decimal(-30), Decimal("-7.5"),
    ]  # fmt: skip
    assert found.codes() == ["import.both_sides", "import.amount_missing"]
    assert {line["billed_cost"] for line in found.lines} == {None}


def test_r20_a_column_of_credits_alone_reduces_cost(tmp_path: Path) -> None:
    """Read as plain amounts, credits would count as cost."""
    path = write(
        tmp_path / "credits.csv",
        ["Posting Date,Supplier,Description,Credit,Currency", "2026-01-31,Acme,rebate,100.00,EUR",
         "2026-01-31,Acme,taken back,-30.00,EUR", "2026-01-31,Acme,nothing,,EUR"],
    )  # fmt: skip
    found = read_proposed(path)
    assert amounts(found) == [Decimal(-100), Decimal(30)]
    assert found.codes() == ["import.amount_missing"]


def test_r20_a_column_of_debits_alone_is_cost(tmp_path: Path) -> None:
    path = write(
        tmp_path / "debits.csv",
        ["Buchungsdatum;Lieferant;Text;Soll;Währung", "31.01.2026;Acme;a;1.100,50;EUR"],
    )
    assert amounts(read_proposed(path)) == [Decimal("1100.50")]


def test_r20_one_side_beside_an_amount_leaves_the_amount(tmp_path: Path) -> None:
    path = write(
        tmp_path / "limits.csv",
        ["Posting Date,Supplier,Amount,Credit,Currency", "2026-01-31,Acme,7.00,5000.00,EUR"],
    )
    assert amounts(read_proposed(path)) == [Decimal(7)]


def test_a_sign_by_an_indicator_and_by_the_profile(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        ["Konto;Datum;Betrag;S/H", "4711;31.01.2026;100,00;S", "4711;31.01.2026;30,00;H"],
    )
    assert amounts(read_proposed(path)) == [Decimal(100), Decimal(-30)]
    assert amounts(read_proposed(path, "sign=negate")) == [Decimal(-100), Decimal(30)]


def test_period_of_a_column_a_constant_or_the_name(tmp_path: Path) -> None:
    rows = ["Vendor,Period,Amount", "Acme,2026-02,1.50", "Birch,Mar-26,2.50"]
    assert read_proposed(write(tmp_path / "a.csv", rows)).days() == ["2026-02-01", "2026-03-01"]
    bare = ["Vendor,Amount", "Acme,1.50"]
    named = write(tmp_path / "spend_2026-04.csv", bare)
    assert read_proposed(named).days() == ["2026-04-01"]
    plain = write(tmp_path / "spend.csv", bare)
    seen = look([plain])
    assert [q.code for q in questions(seen, propose(seen, "EUR"))] == ["period"]
    assert read_proposed(plain, "period=2026-05").days() == ["2026-05-01"]


def test_a_currency_sign_of_another_currency_is_rejected(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        ["Vendor,Date,Amount", "Acme,2026-01-31,£5.00", "Birch,2026-01-31,€6.00"],
    )
    found = read_proposed(path, "currency=GBP")
    assert amounts(found) == [Decimal(5)]
    assert found.codes() == ["import.currency_conflict"]
    assert found.rejected[0]["raw"] == "€6.00"


def test_a_style_is_never_taken_for_another(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        ["Vendor;Date;Amount", "Acme;2026-01-31;1.234,50", "Birch;2026-01-31;1,234.50",
         "Cedar;2026-01-31;12%"],
    )  # fmt: skip
    found = read_proposed(path, "number_style=1.234,56")
    assert amounts(found) == [Decimal("1234.5")]
    assert found.codes() == ["import.amount_separators", "import.amount_not_a_number"]


def test_numbers_that_could_be_both_are_asked_for(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        ["Vendor;Date;Amount", "Acme;2026-01-31;1.234", "Birch;2026-01-31;2.500"],
    )
    seen = look([path])
    assert [q.code for q in questions(seen, propose(seen, "EUR"))] == ["number_style"]
    assert amounts(read_proposed(path, "number_style=1.234,56")) == [Decimal(1234), Decimal(2500)]


def test_rows_that_are_no_lines_are_set_aside_and_listed(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        ["Vendor,Invoice,Date,Cost Centre,Amount", "Cluster A,,,,", "Acme,1,2026-01-31,K1,100.00",
         "Total Gas Ltd,2,2026-01-31,K1,5.00", "Sub total,,,,105.00",
         "Vendor,Invoice,Date,Cost Centre,Amount", ",,,,", "Birch,3,2026-01-31,K1,7.00",
         "Grand Total,,,,112.00", "© Example Ltd", ",,,,99.00"],
    )  # fmt: skip
    found = read_proposed(path)
    assert amounts(found) == [Decimal(100), Decimal(5), Decimal(7)]
    assert [(one["row"], one["code"]) for one in found.skipped] == [
        (1, "import.note_row"), (4, "import.total_row"), (5, "import.header_row"),
        (6, "import.blank_rows"), (8, "import.total_row"), (9, "import.note_row"),
    ]  # fmt: skip
    assert [(one["row"], one["code"], one["raw"]) for one in found.rejected] == [
        (10, "import.date_missing", None)
    ]
    assert found.rows_read == 4
    assert found.reading.rows_skipped == 6


def test_treatment_in_words_of_ledgers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        ["Vendor,Date,Amount,Capital or Revenue", "Acme,2026-01-31,1.00,Capital",
         "Acme,2026-01-31,2.00,R"],
    )  # fmt: skip
    assert [line["treatment"] for line in read_proposed(path).lines] == ["capex", "opex"]


def test_a_header_in_row_seven_and_short_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        ["Payables report", "Entity: Example Ltd", "All amounts in GBP", "", "Run 2026-02-01", "",
         "Vendor,Date,Amount,Remark,Empty", "Acme,31/01/2026,100.00", "Birch,30/01/2026,7.00,ok,,,",
         *["Dale,28/01/2026,1.00"] * 5,
         'Cedar,29/01/2026,"1.00,bad'],
    )  # fmt: skip
    seen = look([path])
    assert (seen.header_row, len(seen.preamble)) == (7, 6)
    found = read_proposed(path, currency=None)
    assert amounts(found) == [Decimal(100), Decimal(7), *[Decimal(1)] * 5]
    assert {line["billing_currency"] for line in found.lines} == {"GBP"}
    assert found.codes() == ["import.torn_line"]


def test_one_profile_for_files_whose_columns_come_in_another_order(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", ["Vendor,Date,Amount", "Acme,2026-01-31,1.00"])
    second = write(tmp_path / "b.csv", ["amount,VENDOR,Date,More", "2.00,Birch,2026-02-28,x"])
    found = Read(open_reading([first, second], profile=proposed(first)))
    assert amounts(found) == [Decimal(1), Decimal(2)]
    assert [line["vendor"] for line in found.lines] == ["Acme", "Birch"]
    assert [line["source_row"] for line in found.lines] == [1, 2]
