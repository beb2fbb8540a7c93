"""The real program in a process of its own, on a data folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Answer:
    """What one call of the program left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as JSON; fails when anything else was printed beside it."""
        return json.loads(self.out)

    def done(self) -> Answer:
        assert self.code == 0, f"exit code {self.code}\n{self.out}\n{self.err}"
        return self

    def refused(self, code: str) -> Answer:
        """Exit code 2, and one line `code: message` on the error stream."""
        assert self.code == 2, f"exit code {self.code}\n{self.out}\n{self.err}"
        assert f"{code}: " in self.err, self.err
        assert "Traceback" not in self.err
        return self


Program = Callable[..., Answer]


def call(*arguments: object, home: Path, stdin: str = "", **environment: str) -> Answer:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BURSAR_", "DATABASE_URL", "DJANGO_"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "bursar.cli", *map(str, arguments)],
        env=clean | {"BURSAR_HOME": str(home)} | environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised folder, made once and copied for each test."""
    home = tmp_path_factory.mktemp("prepared") / "home"
    call("init", home=home).done()
    return home


@pytest.fixture
def fresh_home(prepared_home: Path, tmp_path: Path) -> Path:
    """An initialised, empty data folder."""
    home = tmp_path / "bursar-home"
    shutil.copytree(prepared_home, home)
    return home


@pytest.fixture
def bursar(fresh_home: Path) -> Program:
    """`bursar("import", file, "--json")` on an initialised folder."""

    def run(*arguments: object, stdin: str = "", **environment: str) -> Answer:
        home = Path(environment.pop("home", str(fresh_home)))
        return call(*arguments, home=home, stdin=stdin, **environment)

    return run


FOCUS_HEAD = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,"
    "ServiceCategory,ProviderName,PublisherName,InvoiceIssuerName,BillingAccountId,Tags\n"
)


def focus_line(
    amount: str, *, month: str = "2026-01", service: str = "Compute", tags: str = "{}"
) -> str:
    """One line of a FOCUS 1.0 file."""
    quoted = '"' + tags.replace('"', '""') + '"'
    year, number = month.split("-")
    after = f"{int(year) + int(number) // 12}-{int(number) % 12 + 1:02d}"
    return (
        f"{amount},{amount},{amount},{amount},EUR,{month}-01T00:00:00Z,{after}-01T00:00:00Z,"
        f"{month}-05T00:00:00Z,{month}-06T00:00:00Z,Usage,{service},{service},Acme Cloud,"
        f"Acme Cloud,Acme Cloud,account-1,{quoted}\n"
    )


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """Three lines of one month: 10.10 for web-shop, 20.20 for stores, 0.03 without a tag."""
    file = tmp_path / "acme-2026-01.csv"
    file.write_text(
        FOCUS_HEAD
        + focus_line("10.10", tags='{"team": "web-shop"}')
        + focus_line("20.20", service="Storage", tags='{"team": "stores"}')
        + focus_line("0.03")
    )
    return file


MODEL = """\
name: Small firm
taxonomy: tbm-5.0
promote: [team]
consumers:
  - Retail
  - {name: Online, parent: Retail}
  - {name: Stores, parent: Retail}
  - Corporate
solutions:
  - Webshop
  - Tills
classify:
  - name: compute
    when: {service_category: Compute}
    set: {cost_pool: Cloud Services / Cloud Service Provider, tower: Compute / Servers}
  - name: storage
    when: {service_category: Storage}
    set: {cost_pool: Cloud Services / Cloud Service Provider}
  - name: web shop
    when: {tag.team: web-shop}
    set: {solution: Webshop}
  - name: tills
    when: {tag.team: stores}
    set: {solution: Tills, consumer: Stores}
steps:
  - name: solutions to consumers
    to: consumer
    rules:
      - {when: {solution: Webshop}, method: fixed, shares: {Online: 60, Corporate: 40}}
      - {method: residual, target: unallocated}
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Web-shop: Online 60, Corporate 40; stores: Stores; the rest stays unallocated."""
    file = tmp_path / "model.yaml"
    file.write_text(MODEL)
    return file
