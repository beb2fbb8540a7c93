"""Text that goes into a spreadsheet's cell: never taken for a formula.

A name that begins with one of the signs by which spreadsheets recognize formulas gets an
apostrophe in front, as they show it themselves. Amounts are written by us and stay as they are.
"""

from __future__ import annotations

_STARTS = (
    *("=", "+", "-", "@", "\t", "\r", "\n"),
    *("\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}"),
    *("\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}"),
)


def safe(text: str | None) -> str:
    """The text, or nothing; with an apostrophe in front where it could be a formula."""
    if not text:
        return ""
    return f"'{text}" if text.startswith(_STARTS) else text
