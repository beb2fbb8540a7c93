"""Tammera Home: who it is, what it runs, and the months that the demo covers.

A maker and seller of furniture with two plants, stores in three regions and a webshop. It is
invented; so are its figures and two of its suppliers. Prices of real suppliers are not theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

NAME = "Tammera Home"
CURRENCY = "EUR"

BUSINESS_UNITS = ("Stores", "Online", "Manufacturing", "Corporate")

DEPARTMENTS = {
    "Stores": ("Stores Finland", "Stores Benelux", "Stores Iberia", "Store Planning"),
    "Online": ("Online Sales", "Marketing", "Personalisation"),
    "Manufacturing": ("Plant Turku", "Plant Porto", "Product Design", "Supply Chain"),
    "Corporate": ("Finance", "People and Culture", "Legal", "Procurement", "Facilities"),
}
MOVED_DEPARTMENT = "Customer Care"
"""Belonged to Stores, and to Online since the reorganization."""
REORGANIZED_ON = date(2025, 11, 1)

HEADCOUNT = {
    "Stores Finland": 410, "Stores Benelux": 365, "Stores Iberia": 290, "Store Planning": 38,
    "Customer Care": 120, "Online Sales": 64, "Marketing": 46, "Personalisation": 19,
    "Plant Turku": 540, "Plant Porto": 430, "Product Design": 58, "Supply Chain": 132,
    "Finance": 72, "People and Culture": 41, "Legal": 14, "Procurement": 27, "Facilities": 33,
}  # fmt: skip


@dataclass(frozen=True)
class App:
    """One application as cloud tags know it."""

    name: str
    team: str
    solution: str
    cost_center: str
    season: str
    """Which yearly rhythm it follows: retail, factory or office."""


APPS = (
    App("webshop-frontend", "web-shop", "Webshop", "7110", "retail"),
    App("webshop-search", "web-shop", "Webshop", "7110", "retail"),
    App("checkout", "web-shop", "Webshop", "7110", "retail"),
    App("recommendations", "personalisation", "Webshop", "7140", "retail"),
    App("mobile-api", "mobile", "Mobile App", "7120", "retail"),
    App("pos-backend", "stores-it", "Point of Sale", "7210", "retail"),
    App("loyalty", "stores-it", "Customer Relationship", "7220", "retail"),
    App("crm-sync", "customer", "Customer Relationship", "7220", "office"),
    App("erp-core", "erp", "ERP", "7310", "office"),
    App("erp-interfaces", "erp", "ERP", "7310", "office"),
    App("mes", "factory", "Manufacturing Execution", "7410", "factory"),
    App("machine-telemetry", "factory", "Manufacturing Execution", "7410", "factory"),
    App("wms", "logistics", "Warehouse Management", "7420", "retail"),
    App("cad-vault", "design", "Product Design Studio", "7430", "office"),
    App("data-lake", "data", "Data Platform", "7510", "office"),
    App("reporting", "data", "Data Platform", "7510", "office"),
    App("intranet", "workplace", "Digital Workplace", "7610", "office"),
    App("virtual-desktop", "workplace", "Digital Workplace", "7610", "office"),
    App("hr-portal", "people", "People Suite", "7620", "office"),
    App("siem", "security", "Security Services", "7710", "office"),
    App("identity", "security", "Security Services", "7710", "office"),
)
APP_BY_NAME = {app.name: app for app in APPS}
SOLUTIONS = tuple(dict.fromkeys(app.solution for app in APPS))


@dataclass(frozen=True)
class Month:
    """One calendar month of the demo; `index` counts from its first month, 0."""

    index: int
    start: date
    end: date
    """First day that is not covered."""

    @property
    def code(self) -> str:
        return f"{self.start:%Y-%m}"

    @property
    def days(self) -> int:
        return (self.end - self.start).days


def _month(index: int) -> Month:
    first = 2024 * 12 + 10 + index  # months since year 0; November 2024 is the first

    def at(number: int) -> date:
        return date(number // 12, number % 12 + 1, 1)

    return Month(index, at(first), at(first + 1))


MONTHS = tuple(_month(index) for index in range(24))
"""November 2024 to October 2026."""


def departments() -> list[str]:
    """Every department, in the order of the business units."""
    named = [name for unit in BUSINESS_UNITS for name in DEPARTMENTS[unit]]
    return [*named, MOVED_DEPARTMENT]
