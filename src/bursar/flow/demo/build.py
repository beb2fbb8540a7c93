"""Builds the demo through the acts that a user would take: model, users, imports, run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.actions.run_model import run_model
from bursar.flow.demo import stamp as stamps
from bursar.flow.demo.company import BUSINESS_UNITS, CURRENCY, MONTHS, NAME
from bursar.flow.demo.errors import HomeInUse
from bursar.flow.demo.files import MODEL_FILE, RESTATED, sources, write_preliminary, write_source
from bursar.flow.demo.month_end import (
    close_first_year,
    compare_with_books,
    enter_documents,
    give_statements,
    match_invoices,
    propose_a_model,
    split_cluster,
)
from bursar.flow.demo.payables import PROFILE, profile_of
from bursar.flow.demo.payables import SOURCE as PAYABLES
from bursar.flow.demo.rates import write_rates
from bursar.flow.demo.registers import keep_registers
from bursar.flow.demo.stamp import SignIn, Stamp
from bursar.office.people.actions.add_user import add_user
from bursar.office.people.models import Role
from bursar.office.people.queries import users
from bursar.office.reference.entities import default_entity
from bursar.record.actions.import_files import import_files
from bursar.record.actions.import_rates import import_rates
from bursar.record.actions.save_profile import save_profile
from bursar.record.actions.set_entity import EntityChange, set_entity
from bursar.record.queries import batches

Progress = Callable[..., None]


def build_demo(*, progress: Progress) -> dict[str, Any]:
    """The demo company in this data folder: found there, or built now.

    Refuses: demo.home_in_use.
    """
    home = Path(settings.BURSAR_HOME)
    started = time.monotonic()
    stamp = stamps.read(home) or _begin(home)
    built = not stamp.is_current()
    if built:
        _build(home, stamp, progress)
        stamp = replace(stamp, version=stamps.VERSION, complete=True)
        stamps.write(home, stamp)
    return {
        "company": NAME,
        "home": str(home),
        "built": built,
        "seconds": round(time.monotonic() - started, 1),
        "sign_ins": [asdict(account) for account in sign_ins(stamp)],
    }


def sign_ins(stamp: Stamp) -> list[SignIn]:
    """One account for each role, and a budget owner for each business unit."""
    everyone = [
        SignIn(Role.ADMINISTRATOR, "admin", stamp.password, "everything"),
        SignIn(Role.IT_FINANCE, "finance", stamp.password, "everything"),
        SignIn(Role.STAFF_FINANCE, "payroll", stamp.password, "everything, salaries too"),
        SignIn(Role.AUDITOR, "auditor", stamp.password, "everything"),
    ]
    owners = [
        SignIn(Role.BUDGET_OWNER, unit.lower(), stamp.password, unit) for unit in BUSINESS_UNITS
    ]
    return [*everyone, *owners]


def _begin(home: Path) -> Stamp:
    """Marks the folder as a demo's, so that a building that was broken off can go on."""
    _require_empty(home)
    stamp = stamps.fresh()
    stamps.write(home, stamp)
    return stamp


def _require_empty(home: Path) -> None:
    if users() or batches():
        raise HomeInUse(
            f"{home} holds a ledger of its own, and the demo would mix with it. "
            "Name another folder with --home, or with BURSAR_HOME."
        )


def _build(home: Path, stamp: Stamp, progress: Progress) -> None:
    progress("applying the cost model")
    apply_model(
        text=MODEL_FILE.read_text(encoding="utf-8"),
        acting_user=None,
        comment=f"How {NAME} shares its technology cost.",
    )
    set_entity(
        acting_user=None,
        code=default_entity().code,
        change=EntityChange(name=NAME, currency=CURRENCY),
    )
    import_rates(path=write_rates(_folder(home) / "rates.csv"), acting_user=None)
    known = {user.username for user in users()}
    for account in sign_ins(stamp):
        if account.username not in known:
            _add(account)
    preliminary = write_preliminary(_folder(home) / "preliminary")
    import_files(paths=preliminary, acting_user=None, source=RESTATED)
    for source in sources():
        progress(f"importing {source}")
        files = write_source(source, _folder(home))
        if source == PAYABLES:
            profile = profile_of(files[0])
            save_profile(name=PROFILE, profile=profile, source=source, acting_user=None)
        import_files(paths=files, acting_user=None, source=source)
    progress("keeping equipment, contracts and positions")
    keep_registers(_folder(home))
    progress("splitting the cluster")
    split_cluster(_folder(home))
    progress("matching invoices with bills")
    match_invoices()
    enter_documents()
    progress("running the model")
    run_model(periods=[month.code for month in MONTHS], acting_user=None)
    progress("comparing with the books, closing the first year")
    compare_with_books(_folder(home))
    close_first_year()
    progress("giving statements to their consumers")
    give_statements()
    propose_a_model()


def _folder(home: Path) -> Path:
    """Where the suppliers' files lie; they stay, so that a visitor can look at them."""
    folder = home / "demo-files"
    folder.mkdir(exist_ok=True)
    return folder


def _add(account: SignIn) -> None:
    add_user(
        acting_user=None,
        username=account.username,
        email=f"{account.username}@tammera.example",
        role=account.role,
        password=account.password,
        consumers=[account.sees] if account.role == Role.BUDGET_OWNER else [],
    )
