"""A company whose every figure can be worked out by hand, and the working out.

Three months of a cloud bill in EUR, one small bill in USD, a payroll ledger and a driver. Every
share divides exactly at the engine's scale, so expected figures are plain fractions. In February
the consumer Online moves from Retail to Digital.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

MONTHS = ("2025-12", "2026-01", "2026-02")
NEXT = {"2025-12": "2026-01", "2026-01": "2026-02", "2026-02": "2026-03"}

HEAD = (
    "BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,"
    "ChargePeriodEnd,ChargeCategory,ServiceProviderName,InvoiceIssuerName,ServiceCategory,"
    "ServiceName,SubAccountName,BilledCost,EffectiveCost,ListCost,ContractedCost,Tags"
)


@dataclass(frozen=True)
class Charge:
    """One line of the cloud bill, the same every month but for its amount."""

    day: str
    category: str
    service_category: str
    service: str
    account: str
    team: str
    amounts: tuple[str, str, str]
    pool: str | None
    tower: str | None


CLOUD = "Cloud Services / Cloud Service Provider"
LABOR = "Staffing / Internal Labor"
SAAS = "Software & SaaS / SaaS"
SERVERS, DISKS = "Compute / Servers", "Storage / Online Storage"
OPERATIONS = "Delivery / Operations Center"

CHARGES = (
    Charge("03", "Usage", "Compute", "Machines", "shop", "stores",
           ("1017.31", "1023.57", "1391.73"), CLOUD, SERVERS),
    Charge("05", "Usage", "Compute", "Machines", "web", "online",
           ("2011.113", "2027.771", "2203.979"), CLOUD, SERVERS),
    Charge("09", "Usage", "Storage", "Buckets", "shared", "",
           ("707.77", "719.17", "733.33"), CLOUD, DISKS),
    Charge("12", "Credit", "Compute", "Machines", "shop", "stores",
           ("-101.01", "-103.03", "-107.07"), CLOUD, SERVERS),
    Charge("15", "Usage", "Media", "Streams", "lab", "",
           ("61.7", "67.3", "71.9"), None, None),
)  # fmt: skip
PAYROLL = {"2025-12": "8000.24", "2026-01": "8100.48", "2026-02": "8200.96"}
DOLLARS = {"2025-12": "330.4", "2026-01": "340.8", "2026-02": "351.2"}
HOURS = {"Shop": 30, "Office": 10}

MODEL = """\
name: Hand-worked company
taxonomy: tbm-5.0
promote: [team]
consumers:
  - Group
  - {name: Retail, parent: Group}
  - {name: Digital, parent: Group}
  - {name: Wholesale, parent: Group}
  - {name: Stores, parent: Retail}
  - name: Online
    parent: [{name: Retail, until: 2026-02-01}, {name: Digital, from: 2026-02-01}]
solutions: [Shop, Office]
classify:
  - name: machines
    when: {service_category: Compute}
    set: {cost_pool: Cloud Services / Cloud Service Provider, tower: Compute / Servers}
  - name: disks
    when: {service_category: Storage}
    set: {cost_pool: Cloud Services / Cloud Service Provider, tower: Storage / Online Storage}
  - name: suite
    when: {service_name: Suite}
    set: {cost_pool: Software & SaaS / SaaS, tower: Delivery / Operations Center, solution: Office}
  - name: payroll
    when: {gl_account: "6100"}
    set: {cost_pool: Staffing / Internal Labor, tower: Delivery / Operations Center}
  - name: teams
    when: {service_category: Compute}
    set: {solution: Shop, consumer: {column: tag.team, map: {stores: Stores, online: Online}}}
steps:
  - name: people by hours
    to: solution
    rules:
      - {when: {cost_pool: Staffing}, method: weighted, driver: hours}
      - {when: {tower: Storage}, method: direct, target: Shop}
  - name: solutions to consumers
    to: consumer
    rules:
      - {when: {solution: Shop}, method: even, targets: [Stores, Online]}
      - when: {solution: Office}
        method: fixed
        shares: {Wholesale: 50, Stores: 25, Digital: 20}
        residual: retained
disclosure: {Cloud Services: total}
"""


def write_files(folder: Path) -> dict[str, Path]:
    """The company's files; keys are their names."""
    texts = {"model.yaml": MODEL, "payroll.csv": _payroll(), "hours.csv": _hours()}
    for number, month in enumerate(MONTHS):
        texts[f"cumulus-{month}.csv"] = _bill(month, number)
        texts[f"suite-{month}.csv"] = _suite(month)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: folder / name for name in texts}


def _row(month: str, currency: str, charge: Charge, provider: str, amount: str) -> str:
    start, end = f"{month}-01T00:00:00Z", f"{NEXT[month]}-01T00:00:00Z"
    day = f"{month}-{charge.day}T00:00:00Z"
    after = f"{month}-{int(charge.day) + 1:02d}T00:00:00Z"
    tags = f'"{{""team"": ""{charge.team}""}}"' if charge.team else "{}"
    money = ",".join([amount] * 4)
    return (
        f"{provider}-1,{currency},{start},{end},{day},{after},{charge.category},{provider},"
        f"{provider},{charge.service_category},{charge.service},{charge.account},{money},{tags}"
    )


def _bill(month: str, number: int) -> str:
    rows = [_row(month, "EUR", c, "Cumulus", c.amounts[number]) for c in CHARGES]
    return "\n".join([HEAD, *rows]) + "\n"


def _suite(month: str) -> str:
    charge = Charge("07", "Usage", "Business Applications", "Suite", "office", "", ("",) * 3, SAAS,
                    OPERATIONS)  # fmt: skip
    return "\n".join([HEAD, _row(month, "USD", charge, "Suitemaker", DOLLARS[month])]) + "\n"


def _payroll() -> str:
    rows = ["posting_date,amount,currency,gl_account,cost_center,vendor,description"]
    rows += [f"{m}-28,{a},EUR,6100,IT-7,,=1+1 Payroll" for m, a in PAYROLL.items()]
    return "\n".join(rows) + "\n"


def _hours() -> str:
    rows = ["driver,period,from,to,quantity,unit"]
    rows += [f"hours,{m},,{to},{n},hour" for m in MONTHS for to, n in HOURS.items()]
    return "\n".join(rows) + "\n"


@dataclass(frozen=True)
class Resting:
    """Where some money rests, as the hand-worked model says."""

    period: str
    currency: str
    cost_pool: str | None
    tower: str | None
    solution: str | None
    consumer: str | None
    outcome: str
    amount: Fraction


def expected() -> list[Resting]:
    """Every amount of every month, worked out from the raw figures with fractions."""
    found: list[Resting] = []
    for number, month in enumerate(MONTHS):
        for charge in CHARGES:
            amount = Fraction(charge.amounts[number])
            place = (month, "EUR", charge.pool, charge.tower)
            if charge.pool is None:
                found.append(Resting(*place, None, None, "unallocated", amount))
            elif charge.team:
                found.append(Resting(*place, "Shop", charge.team.capitalize(), "allocated", amount))
            else:
                found += _shop(place, amount)
        found += _people((month, "EUR", LABOR, OPERATIONS), Fraction(PAYROLL[month]))
        found += _office((month, "USD", SAAS, OPERATIONS), Fraction(DOLLARS[month]))
    return found


def _shop(place: tuple, amount: Fraction) -> list[Resting]:
    return [Resting(*place, "Shop", name, "allocated", amount / 2) for name in ("Stores", "Online")]


def _office(place: tuple, amount: Fraction) -> list[Resting]:
    shares = {"Wholesale": 50, "Stores": 25, "Digital": 20}
    paid = [
        Resting(*place, "Office", name, "allocated", amount * part / 100)
        for name, part in shares.items()
    ]
    return [*paid, Resting(*place, "Office", None, "retained", amount * 5 / 100)]


def _people(place: tuple, amount: Fraction) -> list[Resting]:
    hours = sum(HOURS.values())
    return _shop(place, amount * HOURS["Shop"] / hours) + _office(
        place, amount * HOURS["Office"] / hours
    )


def summed(*names: str, where: dict[str, object] | None = None) -> dict[tuple, Fraction]:
    """Expected sums by these attributes, of what has the given ones."""
    sums: dict[tuple, Fraction] = defaultdict(Fraction)
    for row in expected():
        if all(getattr(row, name) == value for name, value in (where or {}).items()):
            sums[tuple(getattr(row, name) for name in names)] += row.amount
    return {key: amount for key, amount in sums.items() if amount}
