"""Matching and netting without any ledger: rules E2-E4, E6, E8-E12 on plain numbers."""

from __future__ import annotations

import random
import time
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bursar.core.calc.evidence.accounts import propose_accounts
from bursar.core.calc.evidence.matching import propose
from bursar.core.calc.evidence.names import likeness, words_of
from bursar.core.calc.evidence.netting import LevelCosts, net
from bursar.core.calc.evidence.units import LEVELS, MatchRuleTest, Proposal, Tolerance, Unit
from bursar.core.tables.cube import BASES

TOLERANCE = Tolerance()
MONTH = (date(2026, 1, 1), date(2026, 2, 1))


def unit(key: str, level: str, amount: str, **more: object) -> Unit:
    known = {
        "source": level, "entity": "main", "currency": "EUR", "start": MONTH[0], "end": MONTH[1],
        "period": "2026-01",
    }  # fmt: skip
    if level in ("ledger", "invoice"):
        known |= {"start": date(2026, 1, 31)}
    return Unit(key=key, level=level, amount=Decimal(amount), **{**known, **more})  # type: ignore[arg-type]


def keys(proposals: list[Proposal]) -> list[list[str]]:
    return [[u.key for u in p.units] for p in proposals]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Amazon Web Services EMEA SARL", "AWS", True),
        ("Amazon Web Services, Inc.", "AWS Marketplace", True),
        ("Google Cloud EMEA Limited", "Google Cloud Platform", True),
        ("Microsoft Ireland Operations Ltd", "Microsoft Azure", True),
        ("Orange S.A.", "orange", True),
        ("Müller Rechenzentrum GmbH", "MUELLER", False),
        ("Müller Rechenzentrum GmbH & Co. KG", "Muller Rechenzentrum", True),
        ("Cloud Services Ltd", "Acme Cloud", False),
        ("SAP SE", "SAS Institute", False),
        ("", "AWS", False),
    ],
)
def test_vendors_are_alike_by_their_words(one: str, other: str, alike: bool) -> None:
    """Rule E3."""
    assert (likeness(one, other) >= Decimal("0.5")) is alike
    assert likeness(one, other) == likeness(other, one)


def test_a_name_of_nothing_but_habits_keeps_its_words() -> None:
    assert words_of("Cloud Services Ltd") == {"cloud", "services"}


def test_one_summary_is_the_sum_of_a_months_parts() -> None:
    """Rule E4: one-to-many, with the number of parts said."""
    found = propose(
        [
            unit("i", "invoice", "600.00", vendor="Acme Cloud Inc"),
            unit("a", "detail", "100.00", vendor="Acme"),
            unit("b", "detail", "200.00", vendor="Acme"),
            unit("c", "detail", "300.00", vendor="Acme"),
        ],
        TOLERANCE,
    )
    assert keys(found) == [["i", "a", "b", "c"]]
    assert "the sum of 3 parts" in found[0].reasons[0]


def test_some_parts_of_a_month_make_up_the_amount() -> None:
    """Rule E4: two or three of the vendor's invoices, to the last digit."""
    found = propose(
        [
            unit("g", "ledger", "300.10", vendor="Acme"),
            *(
                unit(f"i{n}", "invoice", a, vendor="Acme Ltd")
                for n, a in enumerate(("100.10", "200.00", "911.00"))
            ),
        ],
        TOLERANCE,
    )
    assert keys(found) == [["g", "i0", "i1"]]


def test_two_equal_invoices_are_rivals_and_no_rule_decides() -> None:
    """Rules E6 and E7: what is ambiguous waits for a person."""
    rule = MatchRuleTest("acme", "invoice", "detail", "Acme", "Acme")
    units = [
        unit("i", "invoice", "50.00", vendor="Acme"),
        unit("a", "detail", "50.00", vendor="Acme"),
        unit("b", "detail", "50.00", vendor="Acme"),
    ]
    found = propose(units, TOLERANCE, [rule])
    assert keys(found) == [["i", "a"]]
    assert found[0].rule == ""
    assert "1 other match is nearly as good" in found[0].reasons
    assert propose(units[:2], TOLERANCE, [rule])[0].rule == "acme"


def test_currencies_entities_and_far_dates_do_not_meet() -> None:
    """Rule E2, and the window of E4."""
    invoice = unit("i", "invoice", "50.00", vendor="Acme")
    for other in (
        unit("a", "detail", "50.00", vendor="Acme", currency="USD"),
        unit("a", "detail", "50.00", vendor="Acme", entity="other"),
        unit("a", "detail", "50.00", vendor="Acme", start=date(2025, 6, 1), end=date(2025, 7, 1)),
        unit("a", "detail", "50.00", vendor="Acme", start=date(2026, 3, 1), end=date(2026, 4, 1)),
    ):
        assert propose([invoice, other], TOLERANCE) == []


def test_without_a_vendor_only_a_lone_equal_amount_is_proposed() -> None:
    """Rule E4: an amount that nothing else has."""
    ledger = unit("g", "ledger", "1234.56", text="transfer 99")
    assert keys(propose([ledger, unit("i", "invoice", "1234.56", vendor="Acme")], TOLERANCE)) == [
        ["g", "i"]
    ]
    two = [unit(k, "invoice", "1234.56", vendor=k) for k in ("Acme", "Zeta")]
    assert propose([ledger, *two], TOLERANCE) == []


def test_a_name_in_the_description_counts_as_a_vendor() -> None:
    """Rule E3: ledgers often have no vendor, only a text."""
    ledger = unit("g", "ledger", "99.50", text="Jan bill AWS EMEA")
    found = propose([ledger, unit("d", "detail", "99.00", vendor="AWS")], TOLERANCE)
    assert keys(found) == [["g", "d"]]


def test_a_learned_pair_of_names_is_alike_whatever_they_are() -> None:
    """Rule E7: a person said so."""
    units = [
        unit("i", "invoice", "100.00", vendor="Nordlicht 4711 AB"),
        unit("d", "detail", "99.00", vendor="Hetzner"),
    ]
    assert propose(units, TOLERANCE) == []
    rule = MatchRuleTest("n", "invoice", "detail", "Nordlicht 4711 AB", "Hetzner")
    assert propose(units, TOLERANCE, [rule])[0].rule == "n"


def test_order_of_units_does_not_matter() -> None:
    """Rule E6: equal input gives equal proposals."""
    chance = random.Random(7)
    units = [
        unit(f"{level}{n}", level, str(chance.choice((10, 20, 30))), vendor=f"V{n % 3}")
        for level in ("ledger", "invoice", "detail")
        for n in range(12)
    ]
    first = propose(units, TOLERANCE)
    for _ in range(5):
        chance.shuffle(units)
        assert propose(units, TOLERANCE) == first


def test_every_unit_is_in_one_proposal() -> None:
    """Rule E6."""
    units = [
        unit(f"{level}{n}", level, "10", vendor="Acme")
        for level in ("ledger", "invoice", "detail")
        for n in range(8)
    ]
    every = [key for group in keys(propose(units, TOLERANCE)) for key in group]
    assert len(every) == len(set(every)) == 24


def test_many_summaries_against_a_thousand_details_take_seconds() -> None:
    """Candidates are looked up, not tried pair by pair: 30,000 x 1,000 would be 30 million."""
    details = [
        unit(f"d{n}", "detail", f"{n * 7 + 100}.50", vendor=f"Vendor{n % 200}") for n in range(1000)
    ]
    invoices = [
        unit(
            f"i{n}", "invoice", f"{n * 7 + 100}.50", vendor=f"Vendor{n % 200} Inc",
            start=date(2026, 1, 1) + timedelta(days=n % 30),
        )
        for n in range(30_000)
    ]  # fmt: skip
    started = time.process_time()
    found = propose([*details, *invoices], TOLERANCE)
    assert len(found) == 1000
    assert time.process_time() - started < 60


def test_a_balance_is_detailed_by_the_same_account() -> None:
    """Rule E12: how much is explained and what stays, in one sentence."""
    balance = unit("b", "balance", "10000", account="6810", source="tb")
    parts = [
        unit("p", "invoice", "8000", account="06810", source="payables"),
        unit("q", "invoice", "1", account="9999", source="payables"),
    ]
    (found,) = propose_accounts([balance], parts)
    assert keys([found]) == [["b", "p"]]
    assert found.reasons == (
        "account 6810 in 2026-01: payables details EUR 8000 of 10000 (80.0 %); "
        "2000 stays as a residual",
    )
    rule = MatchRuleTest("r", "tb", "payables", account="6810")
    assert propose_accounts([balance], parts, [rule])[0].rule == "r"
    far = [unit("p", "invoice", "80000", account="6810", source="payables")]
    assert propose_accounts([balance], far, [rule])[0].rule == ""


AMOUNTS = st.decimals(min_value=-10_000, max_value=10_000, places=4) | st.just(Decimal(0))
COSTS = st.fixed_dictionaries({basis: st.none() | AMOUNTS for basis in BASES})
GROUPS = st.lists(
    st.tuples(st.sampled_from(LEVELS), st.lists(COSTS, min_size=1, max_size=4)),
    min_size=1, max_size=5, unique_by=lambda pair: pair[0],
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(GROUPS, st.sampled_from((0, 2, 3)))
def test_whatever_is_confirmed_counts_once(
    group: list[tuple[str, list[dict[str, Decimal | None]]]], digits: int
) -> None:
    """Rules E8-E11: lines, reversals and residuals add up to the least detailed evidence."""
    levels = [LevelCosts(level, tuple(lines)) for level, lines in group]
    netted = net(levels, digits)
    for basis in BASES:
        stating = sorted(
            (x for x in levels if x.total(basis) is not None), key=lambda x: LEVELS.index(x.level)
        )
        if not stating:
            continue
        counted = sum((Fraction(x.total(basis) or 0) for x in stating), Fraction(0))
        counted += sum((Fraction(n.reversal.get(basis, 0)) for n in netted), Fraction(0))
        residual = sum((Fraction(n.residual.get(basis, 0)) for n in netted), Fraction(0))
        finest = Fraction(stating[-1].total(basis) or 0)
        assert counted == finest  # every summary is reversed to the last digit
        if basis in ("billed", "booked") or not any(x.total("billed") is not None for x in levels):
            assert finest + residual == Fraction(stating[0].total(basis) or 0)


def test_a_prepayment_spread_over_time_is_no_missing_money() -> None:
    """Rule E10: 12,000 billed at once, 1,000 of it used: nothing of the invoice is unexplained."""
    invoice = LevelCosts("invoice", ({"billed": Decimal(12010), "effective": Decimal(12010)},))
    bill = LevelCosts("detail", ({"billed": Decimal(12000), "effective": Decimal(1000)},))
    (one,) = net([invoice, bill], 2)
    assert one.reversal == {"billed": Decimal(-12010), "effective": Decimal(-12010)}
    assert one.residual == {"billed": Decimal(10), "effective": Decimal(10)}


def test_a_residual_is_shared_in_proportion() -> None:
    """Rule E11."""
    ledger = LevelCosts("ledger", ({"billed": Decimal(6000)}, {"billed": Decimal(4000)}))
    bill = LevelCosts("detail", ({"billed": Decimal("9989.99")},))
    parts = [one.residual["billed"] for one in net([ledger, bill], 2)]
    assert parts == [Decimal("6.01"), Decimal("4.00")]
    zero = LevelCosts("ledger", ({"billed": Decimal(5)}, {"billed": Decimal(-5)}))
    netted = net([zero, LevelCosts("detail", ({"billed": Decimal(1)},))], 2)
    assert [one.residual for one in netted] == [{"billed": Decimal(-1)}, {}]
