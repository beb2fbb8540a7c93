"""How differences are told on pages: with sign, word and colour, never by colour alone."""

from __future__ import annotations

from decimal import Decimal

from bursar.report.wording import compact, signed_percent

DASH = "\N{EN DASH}"


def change_words(amount: Decimal, ratio: Decimal | None = None) -> tuple[str, str]:
    """The look and the words of a difference: more in orange, less in teal."""
    if not amount:
        return "soft", "no change"
    word, look = ("more", "over") if amount > 0 else ("less", "under")
    sign = "+" if amount > 0 else ""
    size = signed_percent(ratio) if ratio is not None else f"{sign}{compact(amount)}"
    return look, f"{size} {word}"
