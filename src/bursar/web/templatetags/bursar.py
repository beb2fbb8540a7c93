"""Tags of every page: money, shares, bars, sparklines, charts, explanations and trails."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bursar.core.money.amount import exact_text
from bursar.report import wording
from bursar.web.assets import asset_url
from bursar.web.explain import explanation
from bursar.web.figures import DASH, change_words

NOTHING = format_html('<span class="soft">{}</span>', DASH)

register = template.Library()
register.simple_tag(asset_url, name="asset")


@register.simple_tag
def money(amount: Decimal | str | None, currency: str = "", *, show_currency: bool = False) -> str:
    """An amount in its minor unit with separators; the exact amount is in the title."""
    if amount is None:
        return NOTHING
    value = Decimal(amount)
    unit = format_html(' <span class="currency">{}</span>', currency) if show_currency else ""
    return format_html(
        '<data class="money{}" value="{}" title="{} {}">{}</data>{}',
        "" if value else " zero",
        exact_text(value),
        exact_text(value),
        currency,
        wording.money(value, currency or "EUR"),
        unit,
    )


@register.simple_tag
def money_at(amounts: dict[str, Decimal], key: str, currency: str = "") -> str:
    """The amount under a key; nothing where there is none."""
    return money(amounts[key], currency) if key in amounts else ""


@register.simple_tag
def money_short(amount: Decimal | None, currency: str = "") -> str:
    """An amount as a headline has it: three figures that matter, the exact one in the title."""
    if amount is None:
        return NOTHING
    return format_html(
        '<data class="money" value="{}" title="{} {}">{}</data><span class="unit">{}</span>',
        exact_text(amount),
        exact_text(amount),
        currency,
        wording.compact(amount),
        currency,
    )


@register.filter
def count(number: int) -> str:
    """A count with separators."""
    return f"{number:,}"


@register.filter
def quantity(number: Decimal) -> str:
    """A measured quantity with separators and no idle zeros."""
    whole, point, places = exact_text(number).partition(".")
    sign, digits = ("\N{MINUS SIGN}", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{places}"


@register.filter
def share(ratio: Decimal | None) -> str:
    """A ratio as a percentage with one decimal."""
    return wording.percent(ratio) if ratio is not None else DASH


@register.simple_tag
def change(amount: Decimal | None, ratio: Decimal | None = None, currency: str = "") -> str:
    """A difference with sign, word and colour: more in orange, less in teal."""
    if amount is None:
        return NOTHING
    look, words = change_words(amount, ratio)
    return format_html(
        '<span class="{}" title="{} {}">{}</span>', look, exact_text(amount), currency, words
    )


@register.simple_tag
def points(difference: Decimal) -> str:
    """A difference of two ratios, in percentage points."""
    told = wording.signed_percent(difference).removesuffix(" %")
    if not told.strip("+-0.\N{MINUS SIGN}"):
        return format_html('<span class="soft">{}</span>', "no change")
    return format_html("{} points", told)


@register.simple_tag
def bar(part: Decimal | None, whole: Decimal | None = Decimal(1), look: str = "") -> str:
    """A bar of `part` within `whole`, for the eye only: the number stands beside it."""
    ratio = abs(part / whole) if part and whole else Decimal(0)
    width = f"{min(ratio, Decimal(1)) * 100:.2f}"
    look = look or ("minus" if part is not None and part < 0 else "")
    return format_html(
        '<svg class="bar" viewBox="0 0 100 9" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="9"/>'
        '<rect class="fill {}" width="{}" height="9"/></svg>',
        look,
        width,
    )


@register.simple_tag
def sparkline(past: tuple[tuple[str, Decimal], ...], label: str = "", width: int = 120) -> str:
    """The past as a line without axes; its first and last value are told in its title."""
    if len(past) < 2:
        return ""
    height = 26
    values = [value for _, value in past]
    low, high = min(values), max(values)
    span = (high - low) or Decimal(1)
    step = Decimal(width) / (len(values) - 1)
    dots = [(i * step, height - 2 - (v - low) / span * (height - 4)) for i, v in enumerate(values)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    ends = f"{wording.compact(values[0])} to {wording.compact(values[-1])}"
    title = f"{label} from {past[0][0]} to {past[-1][0]}: {ends}"
    return format_html(
        '<svg class="spark" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" '
        'aria-label="{title}"><polyline points="{points}"/><circle cx="{x}" cy="{y}" r="2"/></svg>',
        w=width,
        h=height,
        title=title,
        points=points,
        x=f"{dots[-1][0]:.1f}",
        y=f"{dots[-1][1]:.1f}",
    )


@register.inclusion_tag("parts/explain.html")
def explain(key: str) -> dict[str, Any]:
    """The fold-out "explain this number", with the words of `web/explain.py`."""
    title, paragraphs = explanation(key)
    return {"title": title, "paragraphs": paragraphs}


@register.inclusion_tag("parts/crumbs.html")
def crumbs(trail: list[tuple[str, str]]) -> dict[str, Any]:
    """Where the page lies: (words, address) from the top; the page itself has no address."""
    return {"trail": trail}


@register.simple_tag
def hidden_fields(pairs: list[tuple[str, str]]) -> SafeString:
    """Form fields that carry the rest of the address's state."""
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)
