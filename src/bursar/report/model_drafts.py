"""Drafts of the cost model as people read them: whom they make pay more or less, and in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.allocate.drafts import UNDER_WAY, draft_json, draft_numbered, drafts, subject_of
from bursar.allocate.model_queries import Difference, differences
from bursar.allocate.models import ModelDraft
from bursar.allocate.versions import version_in_force
from bursar.core.money.amount import EXACT, exact_sum
from bursar.core.money.currency import minor_digits
from bursar.core.money.rounding import largest_remainder
from bursar.office.journal.queries import entries
from bursar.office.people.scope import Scope
from bursar.report.balance import require_everything
from bursar.report.wording import money, period_name

_MOST_NAMES = 4
_PLACES = {
    "retained": "what IT keeps",
    "unallocated": "what is unallocated",
    "recovery_gap": "what rates leave open",
    "rounding": "what is below the unit",
    "markup": "markups",
}


@dataclass(frozen=True)
class DraftView:
    """One draft with everything that its reviewer looks at."""

    row: ModelDraft
    sentences: tuple[str, ...]
    difference: Difference
    history: tuple[dict[str, Any], ...]
    behind: bool
    """Whether another version was put in force since the draft was compared."""

    @property
    def under_way(self) -> bool:
        return self.row.standing in UNDER_WAY

    def to_json(self) -> dict[str, Any]:
        return {
            **draft_json(self.row),
            "text": self.row.text,
            "sentences": list(self.sentences),
            "changes": list(self.difference.changes),
            "diff": list(self.difference.diff),
            "history": list(self.history),
            "behind": self.behind,
        }


def draft_list(scope: Scope, *, under_way: bool = False) -> list[ModelDraft]:
    """Every draft, newest first. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "Drafts of the cost model")
    return drafts(under_way=under_way)


def draft_view(scope: Scope, number: int) -> DraftView:
    """One draft. Raises BeyondScope for a restricted scope; refuses `model.no_draft`."""
    require_everything(scope, "Drafts of the cost model")
    row = draft_numbered(number)
    current = version_in_force()
    done = reversed(entries(subject=subject_of(number)))
    return DraftView(
        row=row,
        sentences=tuple(moved_words(row.money.get("rows", ()), row.money.get("periods", ()))),
        difference=differences(row.text, row.against),
        history=tuple(
            {
                "at": entry.at.isoformat(),
                "by": entry.actor,
                "act": entry.act.removeprefix("allocate.").removesuffix("_draft"),
                "outcome": entry.detail.get("outcome", ""),
                "text": entry.detail.get("text") or entry.detail.get("comment", ""),
            }
            for entry in done
        ),
        behind=row.standing in UNDER_WAY and row.against_id != (current.pk if current else None),
    )


def moved_words(
    rows: Iterable[Mapping[str, Any]], periods: Iterable[str], what: str = "this text"
) -> list[str]:
    """A sentence per period and currency: who pays less, and who pays it now (rule MD6)."""
    found: dict[tuple[str, str], dict[str, list[Decimal]]] = {}
    for row in rows:
        name = row["consumer"] or _PLACES[row["outcome"]]
        who = found.setdefault((row["period"], row["currency"]), defaultdict(list))
        who[name].append(Decimal(row["difference"]))
    if not found:
        listed = ", ".join(period_name(period) for period in periods)
        return [f"In {listed} nobody pays more or less."] if listed else []
    return [_sentence(what, *key, who) for key, who in sorted(found.items())]


def _sentence(what: str, period: str, currency: str, who: Mapping[str, list[Decimal]]) -> str:
    sums = {name: exact_sum(amounts) for name, amounts in who.items()}
    less = _printed({name: -amount for name, amount in sums.items() if amount < 0}, currency)
    more = _printed({name: amount for name, amount in sums.items() if amount > 0}, currency)
    gone, come = exact_sum(a for a, _ in less), exact_sum(a for a, _ in more)
    begin = f"In {period_name(period)} {what} "
    moved, over = min(gone, come), EXACT.subtract(come, gone)
    if not moved:
        side, word = (more, "adds") if come else (less, "takes")
        way = "to" if come else "off"
        total = f"{money(max(gone, come), currency)} {currency}"
        return f"{begin}{word} {total} {way} {_names(side, currency)}."
    said = f"{begin}moves {money(moved, currency)} {currency} from {_names(less, currency)} to "
    said += _names(more, currency)
    if over:
        word = "more" if over > 0 else "less"
        said += f"; in all {money(abs(over), currency)} {currency} {word} is charged or kept"
    return said + "."


def _printed(amounts: Mapping[str, Decimal], currency: str) -> list[tuple[Decimal, str]]:
    """In the minor unit, so that what is printed adds up (rule M8); the largest first."""
    names, digits = list(amounts), minor_digits(currency)
    rounded = largest_remainder(list(amounts.values()), keys=names, digits=digits)
    return sorted(zip(rounded, names, strict=True), key=lambda each: (-each[0], each[1]))


def _names(side: list[tuple[Decimal, str]], currency: str) -> str:
    """'Retail', or each with its amount; the largest alone where there are many."""
    if len(side) == 1:
        return side[0][1]
    shown = [f"{name} ({money(amount, currency)})" for amount, name in side[:_MOST_NAMES]]
    if rest := side[_MOST_NAMES:]:
        others = money(exact_sum(amount for amount, _ in rest), currency)
        shown.append(f"{len(rest)} more ({others})")
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
