"""The percentages of MACRS, derived by its rule (rule DP17; IRS Publication 946, appendix A).

Each year is a percentage of the cost, rounded to the digits that are published, and taken from
what the rounded years before have left; so a column adds up to 100 by itself. Property of 3 to 10
years declines by 200 %, of 15 and 20 years by 150 %, and goes over to straight line in the first
year in which that gives at least as much.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from bursar.core.money.rounding import round_half_up

CLASSES = (3, 5, 7, 10, 15, 20)

_PRINTED = {(7, Fraction(15, 2)): Decimal("17.85")}
"""First years that the publication prints otherwise than its rule gives: table A-3 has 17.85 for
7-year property where 2/7 x 7.5/12 is 17.857, and gives the hundredth back in the last year."""


@lru_cache(maxsize=64)
def percentages(property_years: int, first_part: Fraction = Fraction(6)) -> tuple[Decimal, ...]:
    """Percent by year; `first_part` is the months that the first year counts.

    6 is half-year (table A-1); 10.5, 7.5, 4.5 and 1.5 are the four quarters (A-2 to A-5).
    """
    digits = 3 if property_years == 20 else 2
    rate = Fraction(
        2 if property_years <= 10 else 3, property_years * (1 if property_years <= 10 else 2)
    )
    left, years = Fraction(100), Fraction(property_years)
    part, found = first_part / 12, []
    while years > 0:
        declining = left * rate * part
        linear = left * part / years
        if years <= part:
            linear = left
        exact = declining if declining > linear else linear
        percent = round_half_up(exact, digits)
        found.append(percent)
        left -= Fraction(percent)
        years -= part
        part = min(Fraction(1), years)
    printed = _PRINTED.get((property_years, first_part))
    if printed is not None:
        found[-1] += found[0] - printed
        found[0] = printed
    return tuple(found)
