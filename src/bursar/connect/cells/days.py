"""Days and months in the spellings of real ledgers, in four languages; never guessed twice.

A date style says only how digits with signs between them are ordered. What is certain in itself
(2024-03-31, 31 März 2024, 20240331) reads the same in every style.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

ISO, DAY_FIRST, MONTH_FIRST, SERIAL = "y-m-d", "d/m/y", "m/d/y", "serial"
DATE_STYLES = (ISO, DAY_FIRST, MONTH_FIRST, SERIAL)
YEARS = range(1970, 2200)

_NAMES = (
    "jan january januar jänner januari enero ene janvier janv",
    "feb february februar feber febrero février fevrier févr fevr fév",
    "mar march märz maerz mär mrz marzo mars",
    "apr april abril abr avril avr",
    "may mai mayo",
    "jun june juni junio juin",
    "jul july juli julio juillet juil",
    "aug august agosto ago août aout",
    "sep sept september septiembre septembre set",
    "oct october oktober okt octubre octobre",
    "nov november noviembre novembre",
    "dec december dezember dez diciembre dic décembre decembre déc",
)
_MONTHS = {name: i for i, names in enumerate(_NAMES, 1) for name in names.split()}
_TIME = (
    r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AP]\.?M\.?)?"
    r"(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?"
)
_YMD = re.compile(rf"(\d{{4}})[-/. ](\d{{1,2}})[-/. ](\d{{1,2}}){_TIME}", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ORDERED = re.compile(rf"(\d{{1,2}})([-/. ])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE)
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,? +)?"
_D_NAME_Y = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|\.|er)?[-/. ]*(?:de )?([^\W\d_]{{3,10}})\.?[-/., ]*"
    rf"(?:de )?(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE,
)  # fmt: skip
_NAME_D_Y = re.compile(
    rf"{_WEEKDAY}([^\W\d_]{{3,10}})\.? +(\d{{1,2}})(?:st|nd|rd|th)?,? +(\d{{4}}){_TIME}",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_EPOCH = date(1899, 12, 30)


def day_of(text: str, style: str) -> date | None:
    """The day that a text names in a style, or nothing."""
    bare = text.strip()
    try:
        found = _certain(bare)
        if found is None and style == SERIAL and (match := _SERIAL.fullmatch(bare)):
            found = _EPOCH + timedelta(days=int(match[1]))
        if found is None and (match := _ORDERED.fullmatch(bare)):
            found = _ordered(match, style)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and found.year in YEARS else None


def _certain(bare: str) -> date | None:
    if match := _YMD.fullmatch(bare) or _COMPACT.fullmatch(bare):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _D_NAME_Y.fullmatch(bare):
        month = _MONTHS.get(match[2].lower())
        return date(_year(match[3]), month, int(match[1])) if month else None
    if match := _NAME_D_Y.fullmatch(bare):
        month = _MONTHS.get(match[1].lower())
        return date(_year(match[3]), month, int(match[2])) if month else None
    return None


def _ordered(match: re.Match[str], style: str) -> date | None:
    first, mark, second, year = int(match[1]), match[2], int(match[3]), _year(match[4])
    if mark == "." or style == DAY_FIRST:
        return date(year, second, first)
    return date(year, first, second) if style == MONTH_FIRST else None


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


@lru_cache(maxsize=100_000)
def date_styles_of(text: str) -> frozenset[str]:
    """The styles in which a text is a day; all of them when it is certain in itself."""
    return frozenset(style for style in DATE_STYLES if day_of(text, style) is not None)


_PERIODS = (
    (re.compile(r"(\d{4})[-/. ]?(0[1-9]|1[0-2])"), ("y", "m")),
    (re.compile(r"(0?[1-9]|1[0-2])[-/.](\d{4})"), ("m", "y")),
    (re.compile(r"([^\W\d_]{3,10})\.?[-/., ]*(?:de )?(\d{4}|\d{2})"), ("name", "y")),
    (re.compile(r"(\d{4})[-/. ]*([^\W\d_]{3,10})\.?"), ("y", "name")),
    (re.compile(r"(\d{4})[-/. ]*(?:P|M|PER|PERIOD|PERIODE)[-. ]?(\d{1,2})", re.I), ("fy", "p")),
    (re.compile(r"(?:P|M|PER|PERIOD|PERIODE)[-. ]?(\d{1,2})[-/. ]+(\d{4})", re.I), ("p", "fy")),
    (re.compile(r"(?:FY|GJ|EJ) ?(\d{4}|\d{2})[-/. ]*P?(\d{1,2})", re.I), ("fy", "p")),
    (re.compile(r"(\d{4})/(\d{2})[-/. ]*P(\d{1,2})", re.I), ("fy", "", "p")),
    (re.compile(r"Q([1-4])[-/. ]*(\d{4}|\d{2})", re.I), ("q", "y")),
    (re.compile(r"(\d{4})[-/. ]*Q([1-4])", re.I), ("y", "q")),
    (re.compile(r"(?:FY|GJ|EJ|CY) ?(\d{4}|\d{2})", re.I), ("fy",)),
    (re.compile(r"(\d{4})"), ("fy",)),
)


def period_of(text: str, fiscal_year_start: int = 1) -> tuple[date, date] | None:
    """First day and the day after the last of a month, fiscal period, quarter or year.

    A fiscal year is named by the calendar year in which it ends.
    """
    bare = text.strip()
    for pattern, parts in _PERIODS:
        match = pattern.fullmatch(bare)
        if match is None:
            continue
        said = {part: match[i] for i, part in enumerate(parts, 1) if part}
        span = _span(said, fiscal_year_start)
        if span is not None and span[0].year in YEARS:
            return span
    return None


def _span(said: dict[str, str], start: int) -> tuple[date, date] | None:
    if "name" in said:
        month = _MONTHS.get(said["name"].lower())
        return None if month is None else _months(_year(said["y"]), month, 1)
    if "m" in said:
        return _months(int(said["y"]), int(said["m"]), 1)
    if "q" in said:
        return _months(_year(said["y"]), int(said["q"]) * 3 - 2, 3)
    year = _year(said["fy"]) - (start > 1)
    if "p" not in said:
        return _months(year, start, 12)
    number = int(said["p"])
    return _months(year, start + number - 1, 1) if 1 <= number <= 12 else None


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    first, last = year * 12 + month - 1, year * 12 + month - 1 + count
    return date(first // 12, first % 12 + 1, 1), date(last // 12, last % 12 + 1, 1)
