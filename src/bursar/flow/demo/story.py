"""What happened at Tammera Home, as factors in thousandths: the story a visitor discovers.

- Personalisation trains ever larger models from January 2026: its compute grows by a fifth
  every month, and the Online unit's bill with it.
- Kelvin Cloud was ordered by several teams on their own; four lines in five carry no tag.
- Relata, the customer-relationship suite, raised its prices by 18 % at renewal in September 2025.
- ERP moved to the cloud between February and June 2025: consultants, double running, a credit.
- November and December are high season; the plants stand still in July.
"""

from __future__ import annotations

from datetime import date

from bursar.flow.demo.company import App, Month

SEASONS = {
    "retail": (880, 870, 930, 960, 980, 970, 940, 950, 990, 1050, 1330, 1260),
    "factory": (990, 1010, 1040, 1040, 1050, 1020, 640, 960, 1060, 1060, 1040, 870),
    "office": (1000, 1000, 1010, 1005, 1000, 985, 940, 950, 1010, 1020, 1020, 980),
}
"""Use by calendar month, January first."""

MODELS_GROW_FROM = date(2026, 1, 1)
PRICE_RISE_FROM = date(2025, 9, 1)
PRICE_RISE = 1180
MIGRATION = (date(2025, 2, 1), date(2025, 7, 1))
"""First day of the ERP migration, and the first day after it."""


def use_of(app: App, month: Month) -> int:
    """How much an application uses in a month, in thousandths of its first ordinary month."""
    use = 1000 + 7 * month.index
    use = use * SEASONS[app.season][month.start.month - 1] // 1000
    if app.name == "recommendations":
        use = use * model_growth(month) // 1000
    if app.solution == "ERP":
        use = use * erp_in_the_cloud(month) // 1000
    return use


def model_growth(month: Month) -> int:
    """A fifth more every month, once the larger models are trained."""
    grown = 1000
    months = (month.start.year - MODELS_GROW_FROM.year) * 12 + month.start.month
    for _ in range(max(0, months)):
        grown = grown * 6 // 5
    return grown


def erp_in_the_cloud(month: Month) -> int:
    """A small trial first, double running during the migration, then the whole of it."""
    if month.start < MIGRATION[0]:
        return 250
    return 1400 if month.start < MIGRATION[1] else 1100


def migrating(month: Month) -> bool:
    """Whether the ERP migration runs in this month."""
    return MIGRATION[0] <= month.start < MIGRATION[1]


def relata_price(month: Month) -> int:
    """Relata's price level in thousandths."""
    return PRICE_RISE if month.start >= PRICE_RISE_FROM else 1000


def pay_level(month: Month) -> int:
    """Pay in thousandths: three per cent more from each April."""
    return 1000 + 30 * sum(month.start >= date(year, 4, 1) for year in (2025, 2026))
