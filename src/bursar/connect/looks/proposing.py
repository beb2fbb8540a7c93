"""Proposes a profile from a look: by what the headers say and by what the cells hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from bursar.connect.cells.days import DATE_STYLES, ISO, period_of
from bursar.connect.cells.styled import NUMBER_STYLES, POINT, SYMBOLS
from bursar.connect.looking import Look, LookedColumn
from bursar.connect.looks.naming import (
    ACTUAL_WORDS,
    AMOUNT_WORDS,
    DATE_WORDS,
    PLAN_WORDS,
    TREATMENTS,
    WORDS,
    likeness,
    plain_words,
)
from bursar.connect.profile import ColumnUse, MatrixColumn, Profile
from bursar.core.money.currency import is_currency

_LEAST = 50
_PERIOD_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_ ]?(0[1-9]|1[0-2])(?!\d)")


def propose(look: Look, default_currency: str | None = None) -> Profile:
    """The likeliest profile; what it cannot know is asked by `questions`."""
    matrix = _matrix(look)
    taken = {column.header for column in matrix}
    uses = _amount_uses(look, taken) if not matrix else []
    taken |= {use.header for use in uses}
    uses += _date_uses(look, taken, needs_posting=not matrix)
    taken |= {use.header for use in uses}
    uses += _word_uses(look, taken, {use.target for use in uses})
    filled = {use.target for use in uses}
    constants: list[tuple[str, str]] = []
    if "currency" not in filled:
        currency = _currency(look, {use.header for use in uses}, default_currency)
        constants += [("currency", currency)] if currency else []
    payables = "vendor" in filled and not {"debit", "credit"} <= filled
    # An invoice counts in its month, on both bases, until somebody spreads it elsewhere.
    if "basis" not in filled and not payables:
        constants.append(("basis", "booked"))
    undated = not matrix and not filled & {"posting_date", "period"}
    return Profile(
        columns=tuple(uses),
        constants=tuple(constants),
        matrix=tuple(matrix),
        number_style=_number_style(look, {u.header for u in uses} | {m.header for m in matrix}),
        date_style=_date_style(look, uses),
        period_from_name=undated and name_says_period(look.files[0]),
        sheet=look.sheet if len(look.sheets) > 1 else None,
        header_rows=max(1, look.header_rows),
        signature=look.signature,
    )


def name_says_period(file: str) -> bool:
    """Whether the name of a file has a month in it."""
    return month_in_name(file) is not None


def month_in_name(file: str) -> str | None:
    """The month in the name of a file, as YYYY-MM."""
    if match := _PERIOD_IN_NAME.search(file):
        return f"{match[1]}-{match[2]}"
    for match in re.finditer(r"([^\W\d_]{3,10})[-_ .]*((?:20)?\d{2})(?!\d)", file):
        span = period_of(f"{match[1]} {match[2]}")
        if span is not None and len(match[1]) >= 3:
            return span[0].strftime("%Y-%m")
    return None


def _amount_uses(look: Look, taken: set[str]) -> list[ColumnUse]:
    """Which columns hold the money: by name, and by content where only one can."""
    columns = [c for c in look.columns if c.kind in ("amount", "empty") and c.name not in taken]
    chosen: dict[str, LookedColumn] = {}
    for target, words in AMOUNT_WORDS.items():
        ranked = sorted(
            ((_amount_score(column, target, words), -column.position, column)
             for column in columns if column not in chosen.values()), reverse=True,
            key=lambda item: item[:2],
        )  # fmt: skip
        for score, _, column in ranked[:1]:
            if score >= _LEAST and (
                column.kind == "amount" or target in ("vat", "credit", "debit")
            ):
                chosen[target] = column
    if not _sides_stand(chosen):
        chosen.pop("debit", None), chosen.pop("credit", None)
    if "amount" in chosen and ({"debit", "credit"} <= set(chosen) or "net" in chosen):
        del chosen["amount"]
    if not set(chosen) & {"amount", "net", "gross", "debit", "credit"}:
        left = [c for c in columns if c.kind == "amount" and c not in chosen.values()]
        money = [c for c in left if c.currency_sign or c.styles]
        if len(money) == 1:
            chosen["amount"] = money[0]
    return [ColumnUse(column.name, target) for target, column in chosen.items()]


def _sides_stand(chosen: Mapping[str, LookedColumn]) -> bool:
    """Debit and credit go together; one alone stands where no other column holds the money.

    A column of credits that were read as plain amounts would count them as cost.
    """
    sides = {"debit", "credit"} & set(chosen)
    if len(sides) == 1 and not set(chosen) & {"amount", "net", "gross"}:
        return chosen[sides.copy().pop()].kind == "amount"
    return len(sides) != 1


def _amount_score(column: LookedColumn, target: str, words: Iterable[str]) -> int:
    """The name's likeness; what is named vat or tax is not the net for having the word in it."""
    score = likeness(column.name, tuple(words))
    name = plain_words(column.name)
    without = re.search(r"net of|exc|without|excluding|ohne|sin iva|hors", name)
    if target == "vat" and (without or re.search(r"inc|with|mit|con|id\b|rate|code", name)):
        return 0
    if re.search(r"\b(rate|percent|quote|satz|tipo|taux|unit|units|count|qty)\b", name):
        return 0
    return score


def _date_uses(look: Look, taken: set[str], *, needs_posting: bool) -> list[ColumnUse]:
    dates = [c for c in look.columns if c.kind == "date" and c.name not in taken]
    periods = [c for c in look.columns if c.kind == "period" and c.name not in taken]
    uses: dict[str, LookedColumn] = {}
    for target in ("service_start", "service_end"):
        best = _best(dates, WORDS[target], uses.values())
        if best is not None:
            uses[target] = best
    if {"service_start", "service_end"} - set(uses):
        uses = {}
    for words in DATE_WORDS:
        best = _best(dates, words, uses.values())
        if best is not None and needs_posting:
            uses["posting_date"] = best
            break
    left = [column for column in dates if column not in uses.values()]
    if "posting_date" not in uses and left and needs_posting:
        uses["posting_date"] = left[0]
    period = _best(periods, WORDS["period"], ()) or (periods[0] if len(periods) == 1 else None)
    if period is not None and needs_posting and "posting_date" not in uses:
        uses["period"] = period
    return [
        ColumnUse(column.name, target, _own_style(column, look)) for target, column in uses.items()
    ]


def _own_style(column: LookedColumn, look: Look) -> str | None:
    """A date column keeps a style of its own where the file's columns differ."""
    styles = {c.style for c in look.columns if c.kind == "date" and c.style != ISO}
    return column.style if column.kind == "date" and len(styles) > 1 else None


def _best(
    columns: Iterable[LookedColumn], words: Iterable[str], used: Iterable[LookedColumn]
) -> LookedColumn | None:
    taken = {column.name for column in used}
    ranked = [
        (likeness(column.name, tuple(words)), -column.position, column)
        for column in columns
        if column.name not in taken
    ]
    best = max(ranked, key=lambda item: item[:2], default=None)
    return best[2] if best is not None and best[0] >= _LEAST else None


def _word_uses(look: Look, taken: set[str], filled: set[str]) -> list[ColumnUse]:
    """Texts and codes: every column to the target that it names best, each target once."""
    pairs = []
    for column in look.columns:
        if column.name in taken or column.kind in ("empty", "amount", "number", "date"):
            continue
        for target, words in WORDS.items():
            if target in filled or not _may_fill(column, target, look):
                continue
            score = likeness(column.name, words)
            if target == "currency" and column.kind == "currency":
                score += 60
            if score >= _LEAST:
                pairs.append((score, -column.position, column.name, target))
    uses: dict[str, str] = {}
    for _, _, name, target in sorted(pairs, reverse=True):
        if target not in uses.values() and name not in uses:
            uses[name] = target
    return [ColumnUse(name, target) for name, target in uses.items()]


def _may_fill(column: LookedColumn, target: str, look: Look) -> bool:
    """Whether the cells allow what the header says; texts may hold anything."""
    cells = {row[column.position].strip().lower() for row in look.rows
             if column.position < len(row)} - {""}  # fmt: skip
    if target in ("service_start", "service_end", "period"):
        return False
    if target == "currency":
        return column.kind == "currency"
    if target == "sign":
        return 0 < len(cells) <= 4 and all(len(cell) < 9 for cell in cells)
    allowed = _CLOSED.get(target)
    return allowed is None or (bool(cells) and cells <= allowed)


_CLOSED = {
    "treatment": frozenset(TREATMENTS),
    "intent": frozenset({"run", "grow", "transform"}),
    "basis": frozenset({"billed", "effective", "booked"}),
}


def _currency(look: Look, used: set[str], default: str | None) -> str | None:
    """From the headers' signs and codes, the cells' signs, the lines above; else the default."""
    money = [c for c in look.columns if c.kind == "amount"]
    ordered = [c for c in money if c.name in used] + [c for c in money if c.name not in used]
    for column in ordered:
        codes: list[str] = re.findall(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])", column.name)
        if found := [code for code in codes if is_currency(code)]:
            return found[0]
        for sign, currencies in SYMBOLS.items():
            if not sign.isalpha() and sign in column.name:
                return _of_sign(currencies, default)
    for column in ordered:
        if column.currency_sign:
            sign = column.currency_sign
            return sign if is_currency(sign) else _of_sign(SYMBOLS.get(sign, ()), default)
    said = " ".join(cell for row in look.preamble for cell in row)
    named = {w for w in re.findall(r"\b[A-Z]{3}\b", said) if is_currency(w)} - {"ALL", "TRY"}
    signs = {sign for sign in ("£", "€") if sign in said} | ({"€"} if "Euro" in said else set())
    if len(named) == 1:
        return str(named.pop())
    return SYMBOLS[signs.pop()][0] if len(signs) == 1 and not named else default


def _of_sign(currencies: Iterable[str], default: str | None) -> str | None:
    """The currency of a sign; one that several currencies share says it only with the default."""
    listed = tuple(currencies)
    if default in listed:
        return default
    return listed[0] if listed and listed[0] in ("GBP", "EUR", "INR", "PLN", "CZK") else None


def _number_style(look: Look, used: set[str]) -> str:
    columns = [c for c in look.columns if c.kind == "amount" and c.styles]
    for known in ([c for c in columns if c.name in used and c.certain],
                  [c for c in columns if c.certain], columns):  # fmt: skip
        for column in known:
            return str(column.style)
    return POINT if POINT in NUMBER_STYLES else NUMBER_STYLES[0]


def _date_style(look: Look, uses: Iterable[ColumnUse]) -> str:
    """Of the posting date; certain columns of the file speak for those that are not."""
    headers = [use.header for use in uses if use.target in ("posting_date", "service_start")]
    dates = [c for c in look.columns if c.kind == "date"]
    first = [c for c in dates if c.name in headers]
    for column in [c for c in first if c.certain] + [
        c for c in dates if c.certain and c.style != ISO
    ]:
        return str(column.style)
    return str(first[0].style) if first and first[0].style in DATE_STYLES else ISO


def _matrix(look: Look) -> list[MatrixColumn]:
    """Amount columns that each name a period: one row holds the amounts of several."""
    found = []
    for column in look.columns:
        if column.kind not in ("amount", "text", "empty"):
            continue
        period = period_in_header(column.name)
        if period is not None and (column.kind == "amount" or column.filled == 0):
            found.append(MatrixColumn(column.name, period, None, scenario_of(column.name)))
    money = [c for c in look.columns if c.kind == "amount"]
    named = {column.header for column in found}
    others = [c for c in money if c.name not in named and _says_amount(c.name)]
    several = len([c for c in money if c.name in named]) >= 2
    if not several or others:
        return []
    return [column for column in found if _is_amount(look, column.header)]


def _is_amount(look: Look, name: str) -> bool:
    column = look.column(name)
    return column is not None and column.kind == "amount"


def _says_amount(name: str) -> bool:
    return any(likeness(name, words) >= _LEAST for words in AMOUNT_WORDS.values())


_IN_HEADER = (
    re.compile(r"\b(?:FY|GJ|EJ|CY) ?(?:20)?\d{2}(?:[-/]\d{2})?\b", re.IGNORECASE),
    re.compile(r"\bQ[1-4][-/ ]*(?:20)?\d{2}\b", re.IGNORECASE),
    re.compile(r"\b20\d{2}[-/ ]*Q[1-4]\b", re.IGNORECASE),
    re.compile(r"\b(?:19|20)\d{2}[-/](?:0[1-9]|1[0-2])\b"),
    re.compile(r"\b[^\W\d_]{3,10}\.?[-/ ]*(?:20)\d{2}\b"),
    re.compile(r"\b(?:19|20)\d{2}\b"),
)


def period_in_header(name: str) -> str | None:
    """The period that a header names, as it is written there."""
    for pattern in _IN_HEADER:
        for match in pattern.finditer(name):
            text = re.sub(r"[-/]\d{2}$", "", match[0]) if match[0][:2].isalpha() else match[0]
            if period_of(text) is not None:
                return text
    return None


def scenario_of(name: str) -> str | None:
    """Whether a header speaks of what was spent or of what is planned."""
    words = set(plain_words(name).split())
    if words & PLAN_WORDS:
        return "plan"
    return "actual" if words & ACTUAL_WORDS else None


def with_style(profile: Profile, header: str, style: str) -> Profile:
    """The same profile with a style of its own for one column."""
    uses = tuple(
        replace(use, style=style) if use.header == header else use for use in profile.columns
    )
    return replace(profile, columns=uses)
