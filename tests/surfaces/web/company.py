"""A firm small enough to check by hand: two months, a cloud bill, a ledger, drivers and a model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PASSWORD = "apple-tree-41-harbour"

USERS = (
    ("ada", "administrator", "Ada Lind", ()),
    ("finn", "it_finance", "Finn Okafor", ()),
    ("olga", "budget_owner", "Olga Ruiz", ("Retail",)),
    ("audra", "auditor", "Audra Weiss", ()),
)

FOCUS_HEAD = (
    "BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ChargeDescription,ProviderName,"
    "ServiceCategory,ServiceName,SubAccountId,SubAccountName,BilledCost,EffectiveCost,ListCost,"
    "ContractedCost,Tags"
)
# (day, category, description, service category, service, account, cost, team)
CHARGES = (
    (3, "Usage", "Virtual machines", "Compute", "Servers", "shop", "1200.125", "web"),
    (9, "Usage", "Object storage", "Storage", "Buckets", "shop", "310.5000001", "web"),
    (12, "Usage", "Managed database", "Databases", "SQL", "erp", "845.33", "finance"),
    (17, "Usage", "Traffic", "Networking", "Transfer", "shop", "77.77", "web"),
    (21, "Credit", "Service credit", "Compute", "Servers", "shop", "-50.00", "web"),
    (25, "Usage", "Sandbox", "Compute", "Servers", "lab", "42.42", ""),
)
# Of the year after, so that they are looked at and cost nothing in the months of other tests.
ASSET = {
    "number": "SRV-1", "name": "Database server", "purchase_date": "2027-01-04",
    "purchase_cost": "7200.00", "currency": "EUR", "useful_life_months": "48",
    "location": "Bonn", "cost_center": "IT-20", "warranty_end": "2030-01-03",
    "changes": [{"date": "2028-03-01", "kind": "transfer", "cost_center": "IT-30"}],
}  # fmt: skip
CONTRACT = {
    "number": "SUITE-1", "name": "Design suite", "kind": "licence", "vendor": "Nordsoft",
    "start": "2027-01-01", "end": "2029-12-31", "unit_price": "120.00", "quantity": "100",
    "currency": "EUR", "renewal": "automatic", "notice_months": "3",
    "steps": [{"date": "2028-01-01", "unit_price": "150.00"}],
}  # fmt: skip
LEDGER_HEAD = "posting_date,amount,currency,gl_account,cost_center,vendor,description"
LEDGER = (
    ("6100", "IT-10", "", "Salaries operations", "9000.00"),
    ("6300", "IT-20", "Nordsoft", "ERP licences", "2400.00"),
    ("6400", "IT-30", "Hallbau", "Server room lease", "1100.00"),
)
MONTHS = ("2026-01", "2026-02")

MODEL = """
name: Small firm
taxonomy: tbm-5.0
promote: [team]
consumers:
  - Retail
  - {name: Stores, parent: Retail}
  - {name: Online, parent: Retail}
  - Corporate
solutions: [Webshop, ERP]
classify:
  - name: cloud compute
    when: {service_category: Compute}
    set: {cost_pool: Cloud Services / Cloud Service Provider, tower: Compute / Servers}
  - name: cloud storage and data
    when: {service_category: [Storage, Databases]}
    set: {cost_pool: Cloud Services / Cloud Service Provider, tower: Storage / Online Storage}
  - name: web team
    when: {tag.team: web}
    set: {solution: Webshop}
  - name: finance team
    when: {tag.team: finance}
    set: {solution: ERP}
  - name: salaries
    when: {gl_account: "6100"}
    set: {cost_pool: Staffing / Internal Labor}
  - name: licences
    when: {gl_account: "6300"}
    set: {cost_pool: Software & SaaS / Licensing, solution: ERP}
  - name: lease
    when: {gl_account: "6400"}
    set: {cost_pool: Data Center Facilities / Lease}
steps:
  - name: towers to solutions
    to: solution
    rules:
      - {when: {cost_pool: Staffing}, method: weighted, driver: staff_hours}
      - {method: even, targets: [Webshop, ERP]}
  - name: solutions to consumers
    to: consumer
    rules:
      - when: {solution: ERP}
        method: fixed
        shares: {Stores: 60, Corporate: 30}
        residual: unallocated
      - {when: {solution: Webshop}, method: even, targets: [Stores, Online]}
      - {method: residual, target: unallocated}
"""


def focus_text(month: str) -> str:
    """The cloud bill of a month; February costs a little more."""
    more = "1" if month == MONTHS[-1] else ""
    rows = [FOCUS_HEAD]
    start, end = f"{month}-01T00:00:00Z", f"2026-{int(month[-2:]) + 1:02d}-01T00:00:00Z"
    for day, category, text, kind, service, account, cost, team in CHARGES:
        amount = f"{cost}{more}" if "." in cost else cost
        tags = f'"{{""team"": ""{team}""}}"' if team else '"{}"'
        rows.append(
            f"4711,Small firm,EUR,{start},{end},{month}-{day:02d}T00:00:00Z,"
            f"{month}-{day + 1:02d}T00:00:00Z,{category},{text},Cumulus,{kind},{service},"
            f"{account},{account},{amount},{amount},{amount},{amount},{tags}"
        )
    return "\n".join(rows) + "\n"


def ledger_text(month: str) -> str:
    """The general ledger of a month."""
    rows = [LEDGER_HEAD]
    rows += [
        f"{month}-28,{amount},EUR,{account},{center},{vendor},{text}"
        for account, center, vendor, text, amount in LEDGER
    ]
    return "\n".join(rows) + "\n"


def driver_text() -> str:
    """Hours of staff per solution."""
    rows = ["driver,period,from,to,quantity,unit"]
    for month in MONTHS:
        rows += [f"staff_hours,{month},,Webshop,120,hour", f"staff_hours,{month},,ERP,40,hour"]
    return "\n".join(rows) + "\n"


def write_files(folder: Path) -> dict[str, Path]:
    """The firm's files, as a person would have them on disk."""
    texts = {
        "cumulus-2026-01.csv": focus_text("2026-01"),
        "cumulus-2026-02.csv": focus_text("2026-02"),
        "ledger-2026-01.csv": ledger_text("2026-01"),
        "ledger-2026-02.csv": ledger_text("2026-02"),
        "drivers.csv": driver_text(),
        "model.yaml": MODEL.lstrip(),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: folder / name for name in texts}


def surroundings(home: Path) -> dict[str, str]:
    """The environment of a program that is not under test settings."""
    kept = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    return {**kept, "BURSAR_HOME": str(home), "DATABASE_URL": ""}


def bursar(home: Path, *arguments: str, typed: str = "") -> str:
    """One command of the program, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bursar.cli", *arguments],
        env=surroundings(home),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"bursar {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def found_company(home: Path, folder: Path) -> dict[str, Path]:
    """An installation with the firm's users, its model and January; February is left to import."""
    files = write_files(folder)
    bursar(home, "init")
    bursar(home, "model", "apply", str(files["model.yaml"]))
    for name in ("drivers.csv", "ledger-2026-01.csv", "cumulus-2026-01.csv"):
        bursar(home, "import", str(files[name]))
    bursar(home, "run")
    for username, role, name, consumers in USERS:
        granted = [part for consumer in consumers for part in ("--consumer", consumer)]
        given = ["--role", role, "--name", name, "--email", f"{username}@example.org"]
        bursar(home, "user", "add", username, *given, *granted, "--password-stdin", typed=PASSWORD)
    bursar(home, "register", "enter", "assets", "--file", "-", typed=json.dumps([ASSET]))
    bursar(home, "register", "enter", "contracts", "--file", "-", typed=json.dumps([CONTRACT]))
    return files
