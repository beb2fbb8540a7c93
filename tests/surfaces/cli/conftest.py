"""The real program in a process of its own, on a data folder of its own."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
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


class _Forking:
    """The process that forks one child per call; started with the first call."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def run(
        self,
        arguments: list[str],
        environment: dict[str, str],
        stdin: str = "",
        *,
        cwd: Path = CHECKOUT,
        together: bool = False,
    ) -> Answer:
        """`together` writes errors where they come among what is printed."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("forking.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=CHECKOUT,
            )
            atexit.register(self._process.kill)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "in").write_text(stdin)
            request = {"arguments": arguments, "environment": environment, "folder": folder,
                       "cwd": str(cwd), "together": together}  # fmt: skip
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            written = ("out",) if together else ("out", "err")
            out, err = [*(Path(folder, name).read_text() for name in written), ""][:2]
        return Answer(code, out, err)


_FORKING = _Forking()


def printed(arguments: list[str], environment: dict[str, str], cwd: Path) -> str:
    """What one call prints on both streams, in order, in this environment and folder."""
    return _FORKING.run(arguments, environment, cwd=cwd, together=True).out


def call(*arguments: object, home: Path, stdin: str = "", **environment: str) -> Answer:
    """One call of the program in a process of its own."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BURSAR_", "DATABASE_URL", "DJANGO_"))
    }
    return _FORKING.run(
        [str(argument) for argument in arguments],
        clean | {"BURSAR_HOME": str(home)} | environment,
        stdin,
    )


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


def program(home: Path) -> Program:
    """`bursar("import", file, "--json")` on a folder, unless another home is named."""

    def run(*arguments: object, stdin: str = "", **environment: object) -> Answer:
        chosen = Path(str(environment.pop("home", home)))
        texts = {name: str(value) for name, value in environment.items()}
        return call(*arguments, home=chosen, stdin=stdin, **texts)

    return run


@pytest.fixture
def bursar(fresh_home: Path) -> Program:
    """The program on an initialised, empty folder."""
    return program(fresh_home)


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


def write_bill(folder: Path) -> Path:
    """Three lines of one month: 10.10 for web-shop, 20.20 for stores, 0.03 without a tag."""
    file = folder / "acme-2026-01.csv"
    file.write_text(
        FOCUS_HEAD
        + focus_line("10.10", tags='{"team": "web-shop"}')
        + focus_line("20.20", service="Storage", tags='{"team": "stores"}')
        + focus_line("0.03")
    )
    return file


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    return write_bill(tmp_path)


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


def write_model(folder: Path) -> Path:
    """Web-shop: Online 60, Corporate 40; stores: Stores; the rest stays unallocated."""
    file = folder / "model.yaml"
    file.write_text(MODEL)
    return file


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path)


@pytest.fixture(scope="session")
def prepared_firm(prepared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Modelled, imported and run; with a budget owner of Retail and an auditor."""
    folder = tmp_path_factory.mktemp("firm")
    home = folder / "home"
    shutil.copytree(prepared_home, home)
    bursar = program(home)
    bursar("model", "apply", write_model(folder)).done()
    bursar("import", write_bill(folder)).done()
    bursar("reindex").done()
    bursar("run").done()
    for name, role, more in (
        ("bob", "budget_owner", ["--consumer", "Retail"]),
        ("ann", "auditor", []),
    ):
        words = ["user", "add", name, "--email", f"{name}@example.org", "--role", role, *more]
        bursar(*words, "--password-stdin", stdin="violet-anchor-52\n").done()
    return home


@pytest.fixture
def firm(prepared_firm: Path, tmp_path: Path) -> Program:
    """The program on a copy of the prepared firm."""
    home = tmp_path / "firm-home"
    shutil.copytree(prepared_firm, home)
    return program(home)
