"""Labour: months that close, groups that hide, rates from which no pay follows (LB1-LB9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from bursar.core.calc.labour import (
    Employment,
    Group,
    Paid,
    Rate,
    Share,
    Told,
    form_groups,
    may_publish,
    month_costs,
    shares_on,
    standard_rate,
    told_of,
)

F, D = Fraction, Decimal
JANUARY = date(2026, 1, 1)


def test_months_days_and_raises() -> None:
    """Rules LB2 and LB3."""
    rates = [Rate(date(2020, 1, 1), F(60_000)), Rate(date(2026, 2, 15), F(72_000))]
    served = Employment(date(2026, 1, 17), date(2026, 4, 10), F(1, 2))
    found = month_costs(served, rates, date(2026, 12, 31), digits=2)
    assert found == [
        ("2026-01", D("1209.68")),  # 15 of 31 days of 2,500
        ("2026-02", D("2750.00")),  # 14 days of 28 at 2,500, 14 at 3,000
        ("2026-03", D("3000.00")),
        ("2026-04", D("1000.00")),
    ]
    assert month_costs(served, [], date(2026, 3, 1), digits=2)[-1] == ("2026-03", D(0))


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 10**8), st.integers(1, 60), st.integers(1, 100), st.sampled_from([0, 2, 3]))
def test_a_position_is_charged_its_exact_cost_rounded_once(
    units: int, months: int, percent: int, digits: int
) -> None:
    """Rule LB3, by a second path."""
    yearly = F(units, 10**digits)
    served = Employment(JANUARY, None, F(percent, 100))
    last = date(2026 + (months - 1) // 12, (months - 1) % 12 + 1, 28)
    found = month_costs(served, [Rate(JANUARY, yearly)], last.replace(day=28), digits=digits)
    whole = sum((amount for _, amount in found[:-1]), D(0))
    exact = yearly * percent / 100 * (months - 1) / 12 * 10**digits
    assert int(whole.scaleb(digits)) == (2 * exact.numerator + exact.denominator) // (
        2 * exact.denominator
    )


def test_the_newest_day_of_assignments_holds_alone() -> None:
    """Rule LB4."""
    shares = [Share(JANUARY, "a", F(1)), Share(date(2026, 3, 1), "b", F(1, 4)),
              Share(date(2026, 3, 1), "b", F(1, 4))]  # fmt: skip
    assert shares_on(shares, date(2026, 2, 28)) == {"a": 1}
    assert shares_on(shares, date(2026, 3, 1)) == {"b": F(1, 2)}
    assert shares_on(shares, date(2025, 3, 1)) == {}


def paid(number: int, grade: str = "G1", role: str = "dev", yearly: int = 60_000) -> Paid:
    return Paid(f"P{number}", "main", "EUR", grade, role, F(yearly))


def test_groups_have_five_and_share_nobody() -> None:
    """Rules LB7 and LB8."""
    people = [paid(n) for n in range(5)]
    people += [paid(10 + n, "G2", "ops") for n in range(3)]
    people += [paid(20 + n, "G3", "ops") for n in range(2)]
    people += [paid(30 + n, f"X{n}", f"r{n}") for n in range(4)]
    groups, left = form_groups(people)
    assert [(group.kind, group.name, len(group.members)) for group in groups] == [
        ("grade", "G1", 5), ("role", "ops", 5),
    ]  # fmt: skip
    assert len(left) == 4
    groups, left = form_groups([*people, paid(40, "Y", "q")])
    assert ([group.kind for group in groups], left) == (["grade", "role", "all"], [])
    mixed = Group("main", "EUR", "grade", "G", tuple(paid(n, yearly=62_340) for n in range(5)))
    assert standard_rate(mixed) == 62_500
    large = Group("main", "EUR", "grade", "G", tuple(paid(n, yearly=104_000) for n in range(5)))
    assert standard_rate(large) == 105_000


def group_of(*people: str) -> Told:
    return frozenset(people)


def test_rates_that_would_tell_a_pay_are_not_issued() -> None:
    """Rule LB9."""
    five = group_of(*"abcde")
    assert may_publish(five, [])
    assert not may_publish(group_of(*"abcd"), [])
    assert not may_publish(group_of(*"abcdef"), [five])
    assert may_publish(group_of(*"fghij"), [five])
    # abcde + fghij - abcdefghi = j, although each pair of them differs in four or more.
    second, whole = group_of(*"fghijk"), group_of(*"abcdefghij")
    assert may_publish(second, [five])
    assert not may_publish(whole, [five, second])
    assert not may_publish(group_of(*"abcdefghijklmno"), [five, group_of(*"fghijklmn")])


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_for_everybody_there_is_another_pay_that_publishes_the_same(data: st.DataObject) -> None:
    """Rule LB9: the attack. Whatever is issued over a history of joining, leaving and raises,
    each pay can be another one by a thousand, with all others changed so that no rate moves."""
    people = {f"P{n}": data.draw(st.integers(30, 120)) * 1000 for n in range(8)}
    grades = {name: data.draw(st.sampled_from(["G1", "G2"])) for name in people}
    issued: list[Told] = []
    for step in range(data.draw(st.integers(1, 8))):
        for name in data.draw(st.lists(st.sampled_from(sorted(people)), max_size=5)):
            people[name] += 1000 * data.draw(st.integers(1, 9))
        for _ in range(data.draw(st.integers(0, 4))):
            name = f"N{step}-{len(people)}"
            people[name] = data.draw(st.integers(30, 120)) * 1000
            grades[name] = data.draw(st.sampled_from(["G1", "G2"]))
        if len(people) > 6 and data.draw(st.booleans()):
            people.pop(data.draw(st.sampled_from(sorted(people))))
        today = [
            Paid(name, "main", "EUR", grades[name], "dev", F(pay)) for name, pay in people.items()
        ]
        for group in form_groups(today)[0]:
            told = told_of(group)
            if told not in issued and may_publish(told, issued):
                issued.append(told)
    everybody = sorted(set().union(*issued))
    for person in everybody:
        other = another_world(issued, everybody, person)
        assert other is not None, (person, issued)
        assert other[person] == 1000
        assert all(sum(other[p] for p in told) == 0 for told in issued)


def another_world(issued: list[Told], people: list[str], person: str) -> dict[str, Fraction] | None:
    """Changes of pay, 1000 for one person, that leave every rate's sum alone; by elimination of
    dense rows, apart from the product's own check."""
    rest = [p for p in people if p != person]
    rows = [[F(p in told) for p in rest] + [F(-1000 * (person in told))] for told in issued]
    solved: dict[str, Fraction] = {p: F(0) for p in rest}
    pivots: list[tuple[int, int]] = []
    at = 0
    for column in range(len(rest)):
        pivot = next((r for r in range(at, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][column] for value in rows[at]]
        for other in range(len(rows)):
            if other != at and rows[other][column]:
                times = rows[other][column]
                rows[other] = [a - times * b for a, b in zip(rows[other], rows[at], strict=True)]
        pivots.append((at, column))
        at += 1
    if any(row[-1] and not any(row[:-1]) for row in rows):
        return None
    for row, column in pivots:
        solved[rest[column]] = rows[row][-1]
    return {**solved, person: F(1000)}
