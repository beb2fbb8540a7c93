"""What a page shows, as its address says it: period, currency, basis, entity and filters.

The address is the only place where this state lives, so a page can be sent to a colleague, put
in a bookmark or gone back to. `Selection.link` makes the address of a neighbouring state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from bursar.office.people.scope import Scope, scope_of
from bursar.office.reference.models import RateType
from bursar.office.reference.rates import reporting_currency
from bursar.report.choices import Choices, choices
from bursar.report.conversion import FUNCTIONAL, REPORTING, TRANSACTION, CurrencyView

STATE = ("period", "currency", "basis", "legal_entity")
CONVERTED = (*STATE, "view", "rate", "at")
"""The state of pages that show figures in any currency."""
EVERY_PERIOD = "all"
BASIS_WORDS = {
    "billed": "Billed",
    "effective": "Effective",
    "contracted": "Contracted",
    "list": "List price",
    "booked": "Booked",
}


@dataclass(frozen=True)
class Selection:
    """The state of one page's address, checked against what there is to choose in scope."""

    scope: Scope
    choices: Choices
    period: str = ""
    currency: str = ""
    basis: str = "effective"
    legal_entity: str = ""
    view: str = ""
    rate: str = RateType.AVERAGE.value
    at: str = ""
    filters: tuple[tuple[str, str], ...] = ()

    @cached_property
    def periods(self) -> tuple[str, ...]:
        """The periods meant, oldest first: one, those of a year, or all."""
        known = tuple(sorted(self.choices.periods))
        if self.period in known:
            return (self.period,)
        return tuple(p for p in known if year_of(p) == self.period) or known

    @property
    def last_period(self) -> str | None:
        """The newest period meant: what pages about one period show."""
        return self.periods[-1] if self.periods else None

    @property
    def all_filters(self) -> tuple[tuple[str, str], ...]:
        """The filters and the entity, as reports take them."""
        entity = (("legal_entity", self.legal_entity),) if self.legal_entity else ()
        return (*self.filters, *entity)

    @cached_property
    def shown(self) -> CurrencyView:
        """What figures are converted into, and by which rates."""
        return CurrencyView(self.view or TRANSACTION, self.rate, self.at or None)

    def pairs(self) -> list[tuple[str, str]]:
        """The state as the address spells it; what is the default anyway is left out."""
        plain = [(name, getattr(self, name)) for name in CONVERTED]
        kept = [(name, value) for name, value in plain if value and value != _DEFAULTS.get(name)]
        return [*kept, *self.filters]

    def link(self, address: str = "", extra: Iterable[tuple[str, str]] = (), **state: str) -> str:
        """An address with this state, some of it changed: `link(url, period='2026-01')`."""
        query = urlencode([*replace(self, **state).pairs(), *extra])  # type: ignore[arg-type]
        return f"{address}?{query}" if query else address or "?"

    def with_filters(self, *more: tuple[str, str]) -> Selection:
        """This selection and further filters; a value that is already there is kept once."""
        return replace(self, filters=(*self.filters, *(m for m in more if m not in self.filters)))

    def without(self, dropped: tuple[str, str]) -> Selection:
        """This selection and one filter less."""
        return replace(self, filters=tuple(f for f in self.filters if f != dropped))


_DEFAULTS = {"basis": "effective", "rate": RateType.AVERAGE.value}
_DEFAULT_BASES = ("effective", "billed", "booked")


def year_of(period: str) -> str:
    """The year a period's code begins with: '2026' of '2026-03', 'FY2026' of 'FY2026-P03'."""
    return period.split("-", 1)[0]


def select(request: HttpRequest, *, period: str = "last") -> Selection:
    """The selection of a request; the default period is the newest that was run or, with
    'all', every one.

    Values that are not among the choices are dropped rather than refused, so that an old link
    still opens; what an address asks beyond the scope never reaches a report's answer.
    """
    scope = scope_of(request.user)  # type: ignore[arg-type]
    known = choices(scope)
    asked: QueryDict = request.GET
    run_first = [p for p in known.periods if p in known.run_periods] or list(known.periods)
    newest = run_first[0] if run_first else ""
    default = newest if period == "last" else EVERY_PERIOD
    dimensions = set(known.dimensions) - set(CONVERTED)
    return Selection(
        scope=scope,
        choices=known,
        period=_one_of(asked.get("period"), _period_values(known), default),
        currency=_one_of(asked.get("currency"), known.currencies, _first(known.currencies)),
        basis=_one_of(asked.get("basis"), known.bases, _basis_with_money(known.bases)),
        legal_entity=_one_of(asked.get("legal_entity"), known.legal_entities, ""),
        view=_one_of(asked.get("view"), [v for v, _ in _view_options(known)], ""),
        rate=_one_of(asked.get("rate"), RateType.values, RateType.AVERAGE.value),
        at=_one_of(asked.get("at"), known.periods, ""),
        filters=tuple((n, v) for n in asked if n in dimensions for v in asked.getlist(n)),
    )


def _basis_with_money(bases: tuple[str, ...]) -> str:
    """Effective, unless nothing states it: books that hold postings only begin with these."""
    return next((b for b in _DEFAULT_BASES if b in bases), _DEFAULT_BASES[0])


def state_line(
    selection: Selection, *, fields: tuple[str, ...] = STATE, carried: Iterable[Any] = ()
) -> Mapping[str, Any]:
    """What the header line of a page says, with the fields that this page lets one change."""
    known = selection.choices
    offers: dict[str, tuple[str, list[tuple[str, str]]]] = {
        "period": ("Period", _period_options(known)),
        "currency": ("Currency", [(c, c) for c in known.currencies]),
        "basis": ("Basis", [(b, BASIS_WORDS.get(b, b)) for b in known.bases]),
        "legal_entity": ("Entity", [("", "All"), *((e, e) for e in known.legal_entities)]),
        "view": ("Shown in", _view_options(known)),
        "rate": ("Rates", [(r.value, r.label) for r in RateType]),
        "at": ("Held at", [("", "Each period"), *((p, p) for p in known.periods)]),
    }
    shown = [
        {
            "name": name,
            "label": offers[name][0],
            "choices": [
                {"value": value, "label": label, "chosen": value == getattr(selection, name)}
                for value, label in offers[name][1]
            ],
        }
        for name in fields
        if offers[name][1] and name not in _idle(selection)
    ]
    return {
        "scope_label": scope_words(selection.scope),
        "limited": not selection.scope.everything,
        "fields": shown,
        "carried": [*selection.filters, *carried],
        "data_as_of": datetime.fromisoformat(known.data_as_of) if known.data_as_of else None,
    }


def _idle(selection: Selection) -> tuple[str, ...]:
    """Fields that have no say: the rates as billed, the one currency where all is converted."""
    if not selection.shown.converts:
        return ("rate", "at")
    return ("currency",) if selection.shown.currency else ()


def _view_options(known: Choices) -> list[tuple[str, str]]:
    """As billed, the two views, and any currency that bills are in."""
    reporting = reporting_currency()
    others = [(c, c) for c in known.currencies if c != reporting]
    return [
        ("", "As billed"),
        (REPORTING, f"Reporting ({reporting})"),
        (FUNCTIONAL, "Functional"),
        *others,
    ]


def scope_words(scope: Scope) -> str:
    """The scope in words, for headers and exports."""
    if scope.everything:
        return "All consumers"
    return ", ".join(sorted(scope.roots)) or "Nothing granted yet"


def span(periods: tuple[str, ...]) -> str:
    """'2026-01 to 2026-03' of all of them in between."""
    ends = sorted({*periods[:1], *periods[-1:]})
    return " to ".join(ends)


def _period_options(known: Choices) -> list[tuple[str, str]]:
    years = list(dict.fromkeys(year_of(p) for p in known.periods))
    whole = [(year, f"{year} (all of it)") for year in years]
    every = [(EVERY_PERIOD, "All periods")] if known.periods else []
    return [*((p, p) for p in known.periods), *whole, *every]


def _period_values(known: Choices) -> list[str]:
    return [value for value, _ in _period_options(known)]


def _one_of(asked: str | None, known: Iterable[str], default: str) -> str:
    return asked if asked is not None and asked in known else default


def _first(known: tuple[str, ...]) -> str:
    return known[0] if known else ""
