"""Rates coming into force: versions, contradictions and what is no rate (rules V5-V9)."""

from __future__ import annotations

import zipfile
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from bursar.connect.errors import Damaged, EmptyFile, MissingColumns, NoRows, NotATable
from bursar.core.money.conversion import MissingRate, StaleRate
from bursar.core.money.currency import UnknownCurrency
from bursar.office.journal.models import Entry
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.office.reference.errors import BadRate, RateOverlap, UnknownRateType
from bursar.office.reference.models import ExchangeRate
from bursar.office.reference.rates import reporting_currency, table_of, way
from bursar.record.actions.import_rates import RatesOutcome, import_rates
from bursar.record.actions.set_rate import set_rate
from bursar.record.actions.set_reporting_currency import set_reporting_currency
from bursar.record.errors import BadSourceName

pytestmark = pytest.mark.django_db
ECB = """Date,USD,HRK,GBP,XXY,
2026-03-06,1.10,N/A,0.80,1,
2026-03-05,1.20,N/A,0,2,
2026-03-04,1.30,7.5,-0.80,3,
"""


def take(
    folder: Path, text: str, name: str = "rates.csv", source: str | None = None
) -> RatesOutcome:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return import_rates(path=path, acting_user=None, source=source)


def codes(outcome: RatesOutcome) -> list[tuple[int, str | None, str]]:
    return [(r["row"], r["column"], r["code"]) for r in outcome.rejected]


def rate(kind: str, source: str, target: str, day: date) -> Fraction:
    return way(kind, source, target, start=day, end=date.fromordinal(day.toordinal() + 1)).rate


def test_the_banks_file_has_gaps_and_what_is_no_rate_is_rejected(tmp_path: Path) -> None:
    """Rules V5 and V9: a rate of zero is no rate."""
    outcome = take(tmp_path, ECB, "eurofxref-hist.csv")
    assert (outcome.format, outcome.source, outcome.rows_read) == ("ecb", "ECB", 3)
    assert (outcome.added, outcome.gaps) == (5, 2)
    assert codes(outcome) == [
        (1, "XXY", "rate.currency_unknown"),
        (2, "GBP", "rate.not_positive"),
        (2, "XXY", "rate.currency_unknown"),
        (3, "GBP", "rate.not_positive"),
        (3, "XXY", "rate.currency_unknown"),
    ]
    assert rate("closing", "EUR", "HRK", date(2026, 3, 9)) == Fraction("7.5")
    with pytest.raises(StaleRate):
        rate("closing", "EUR", "HRK", date(2026, 3, 10))
    with pytest.raises(MissingRate):
        rate("closing", "EUR", "GBP", date(2026, 3, 5))


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    take(tmp_path, ECB, "eurofxref-hist.csv")
    entries = Entry.objects.count()
    again = take(tmp_path, ECB, "eurofxref-hist.csv")
    assert (again.added, again.changed, again.same) == (0, 0, 5)
    assert Entry.objects.count() == entries


def test_a_changed_rate_keeps_the_old_row(tmp_path: Path) -> None:
    """Rule V9."""
    take(tmp_path, ECB, "eurofxref-hist.csv")
    assert rate("closing", "EUR", "USD", date(2026, 3, 6)) == Fraction("1.1")
    mended = take(tmp_path, ECB.replace("06,1.10", "06,1.15"), "eurofxref-hist.csv")
    assert (mended.added, mended.changed) == (0, 1)
    assert rate("closing", "EUR", "USD", date(2026, 3, 6)) == Fraction("1.15")
    rows = ExchangeRate.objects.filter(target="USD", valid_from=date(2026, 3, 6)).order_by("pk")
    assert [(r.rate, r.superseded_at is None) for r in rows] == [("1.1", False), ("1.15", True)]
    assert rows[0].superseded_at == rows[1].known_at


def test_overlapping_rates_are_rejected_rows(tmp_path: Path) -> None:
    """Rule V9: exact duplicates are passed over, also turned round; another rate is rejected."""
    outcome = take(
        tmp_path,
        "date,from,to,rate,type\n"
        "2026-03-06,EUR,USD,1.25,closing\n"
        "2026-03-06,EUR,USD,1.25,closing\n"
        "2026-03-06,USD,EUR,0.8,closing\n"
        "2026-03-06,EUR,USD,1.26,closing\n"
        "2026-03-06,USD,EUR,0.81,closing\n"
        "2026-01-01,EUR,USD,1.2,plan\n"
        "2026-07-01,EUR,USD,1.3,plan\n",
    )
    assert (outcome.added, outcome.same) == (2, 2)
    assert codes(outcome) == [(row, "rate", "rate.overlap") for row in (4, 5, 7)]
    assert "contradicts EUR to USD at 1.25" in outcome.rejected[0]["message"]
    other = take(tmp_path, "date,from,to,rate\n2026-03-06,EUR,USD,1.27\n", "other.csv")
    assert codes(other) == [(1, "rate", "rate.overlap")]
    assert rate("closing", "EUR", "USD", date(2026, 3, 6)) == Fraction("1.25")


def test_rows_that_are_no_rates(tmp_path: Path) -> None:
    outcome = take(
        tmp_path,
        "date;from;to;rate;type;until\n"
        "2026-03-06;EUR;USD;1,25;;\n"
        "2026-03-06;EUR;EUR;1;;\n"
        "2026-03-06;EUR;ZZZ;1;;\n"
        "2026-03-06;EUR;USD;1.2;spot;\n"
        "06.03.2026;EUR;USD;1.2;;\n"
        "2026-03-06;EUR;USD;1.2;plan;2026-03-01\n"
        "2026-03-06;EUR;USD\n",
    )
    assert [code for _, _, code in codes(outcome)] == [
        "rate.not_a_number", "rate.same_currency", "rate.currency_unknown", "rate.type_unknown",
        "import.date_invalid", "import.date_invalid", "import.torn_line",
    ]  # fmt: skip
    assert ExchangeRate.objects.count() == 0


def test_an_average_is_given_or_the_mean_of_the_month(tmp_path: Path) -> None:
    """Rule V6: a given average goes before the mean of the published days."""
    take(tmp_path, ECB, "eurofxref-hist.csv")
    march = {"start": date(2026, 3, 1), "end": date(2026, 4, 1)}
    found = way("average", "USD", "GBP", **march)
    assert found.rate == Fraction("0.8") / Fraction("1.2")
    assert [leg.quote.days for leg in found.legs] == [3, 1]
    take(tmp_path, "date,from,to,rate,type\n2026-03,EUR,USD,1.5,average\n", "avg.csv")
    assert way("average", "USD", "EUR", **march).rate == Fraction(2, 3)
    with pytest.raises(MissingRate, match="no average rate from USD to EUR for 2026-04-01"):
        way("average", "USD", "EUR", start=date(2026, 4, 1), end=date(2026, 5, 1))


def test_a_plan_holds_for_its_fiscal_year() -> None:
    """Rule V7."""
    set_rate(acting_user=None, kind="plan", source="USD", target="EUR", rate=Decimal("0.9"),
             day=date(2026, 1, 1))  # fmt: skip
    assert rate("plan", "EUR", "USD", date(2026, 12, 31)) == Fraction(10, 9)
    with pytest.raises(StaleRate):
        rate("plan", "EUR", "USD", date(2027, 1, 1))
    with pytest.raises(RateOverlap) as refusal:
        set_rate(acting_user=None, kind="plan", source="USD", target="EUR", rate=Decimal("0.8"),
                 day=date(2026, 6, 1))  # fmt: skip
    assert refusal.value.code == "fx.overlap"
    set_rate(acting_user=None, kind="plan", source="USD", target="EUR", rate=Decimal("0.8"),
             day=date(2026, 1, 1))  # fmt: skip
    assert rate("plan", "USD", "EUR", date(2026, 6, 1)) == Fraction("0.8")
    assert ExchangeRate.objects.filter(superseded_at__isnull=False).count() == 1


def test_a_table_of_another_base(tmp_path: Path) -> None:
    """Rule V3: what stands in all pairs of the first file joins the others."""
    take(tmp_path, "date,from,to,rate\n2026-03-06,USD,JPY,150\n2026-03-06,CHF,USD,1.25\n")
    assert table_of("closing").base == "USD"
    assert rate("closing", "CHF", "JPY", date(2026, 3, 6)) == Fraction("187.5")


@pytest.mark.parametrize(
    ("source", "target", "value", "code"),
    [("EUR", "EUR", "1", "fx.bad_rate"), ("EUR", "USD", "0", "fx.bad_rate"),
     ("EUR", "USD", "-1", "fx.bad_rate"), ("EUR", "XXX", "1", "currency.unknown")],
)  # fmt: skip
def test_what_cannot_be_set(source: str, target: str, value: str, code: str) -> None:
    with pytest.raises((BadRate, UnknownCurrency)) as refusal:
        set_rate(acting_user=None, kind="closing", source=source, target=target,
                 rate=Decimal(value), day=date(2026, 3, 6))  # fmt: skip
    assert refusal.value.code == code


def test_an_unknown_type_and_days_that_run_backwards() -> None:
    with pytest.raises(UnknownRateType) as refusal:
        rate("spot", "EUR", "USD", date(2026, 3, 6))
    assert refusal.value.code == "fx.unknown_type"
    with pytest.raises(BadRate):
        set_rate(acting_user=None, kind="plan", source="EUR", target="USD", rate=Decimal(1),
                 day=date(2026, 3, 6), until=date(2026, 3, 5))  # fmt: skip


def test_files_that_are_no_rates(tmp_path: Path) -> None:
    for text, refusal in (
        ("", EmptyFile),
        ("date,from,to,rate\n", NoRows),
        ("a,b\n1,2\n", MissingColumns),
        ("date\x00,from,to,rate\n", NotATable),
        ("PK\x03\x04 torn", Damaged),
    ):
        with pytest.raises(refusal):
            take(tmp_path, text)
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", ECB)
        archive.writestr("b.csv", ECB)
    with pytest.raises(NotATable, match="exactly one CSV"):
        import_rates(path=tmp_path / "two.zip", acting_user=None)
    with pytest.raises(BadSourceName):
        take(tmp_path, ECB, source=" ")


def test_the_reporting_currency_is_that_of_the_default_entity_until_set() -> None:
    """Rule V12."""
    assert reporting_currency() == "EUR"
    set_reporting_currency(acting_user=None, currency="CHF")
    assert reporting_currency() == "CHF"
    with pytest.raises(UnknownCurrency):
        set_reporting_currency(acting_user=None, currency="chf")


def test_an_auditor_reads_and_changes_nothing(tmp_path: Path) -> None:
    auditor = User.objects.create_user("ada", role=Role.AUDITOR)
    with pytest.raises(NotAllowed):
        import_rates(path=tmp_path, acting_user=auditor)
    with pytest.raises(NotAllowed):
        set_rate(acting_user=auditor, kind="plan", source="EUR", target="USD", rate=Decimal(1),
                 day=date(2026, 3, 6))  # fmt: skip
    with pytest.raises(NotAllowed):
        set_reporting_currency(acting_user=auditor, currency="CHF")
