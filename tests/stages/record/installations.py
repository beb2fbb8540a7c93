"""A real installation of its own, driven by processes of their own."""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.migrated import (
    MIGRATED,
    copied_database,
    environment_of,
    migrated_home,
    migrated_server,
)

START = "import django, json, sys; django.setup(); from pathlib import Path\n"
IMPORT = (
    START
    + """
from bursar.core.refusal import Refused
from bursar.record.actions.import_files import import_files
options = json.loads(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
try:
    outcome = import_files(paths=[Path(sys.argv[1])], acting_user=None, **options)
    print(json.dumps(outcome.to_json()))
except Refused as refusal:
    print(json.dumps({"refused": refusal.code, "message": str(refusal)}))
"""
)
STATE = (
    START
    + """
from bursar.record.verification import checks
from bursar.office.journal.checking import check_chain
from bursar.record.queries import batches
found = [c.to_json() for c in [*checks(), check_chain()]]
print(json.dumps({"checks": found, "batches": batches()}))
"""
)
WRITE = (
    START
    + """
from bursar.record.actions.import_files import import_files
print("ready", flush=True)
sys.stdin.readline()
for name in json.loads(sys.argv[1]):
    import_files(paths=[Path(name)], acting_user=None, source=sys.argv[2])
print(json.dumps({"source": sys.argv[2]}))
"""
)
READ = (
    START
    + """
import time
from bursar.office.people.scope import Scope
from bursar.report.costs import costs
from bursar.report.overview import overview
print("ready", flush=True)
sys.stdin.readline()
seen = []
while not seen or not Path(sys.argv[1]).exists():
    rows = costs(Scope.all(), by=["source"], periods=None).rows
    seen.append({row.dimensions["source"]: str(row.amount) for row in rows})
    overview(Scope.all())
    time.sleep(0.05)
print(json.dumps(seen))
"""
)
SWEEP = (
    START
    + """
from bursar.record.actions.sweep_lake import sweep_lake
removed, left = sweep_lake(acting_user=None, grace_seconds=0)
print(json.dumps({"removed": len(removed), "left": len(left)}))
"""
)


@dataclass(frozen=True)
class Installation:
    """A data folder and a database; every call is a process of its own."""

    environment: dict[str, str]

    def start(self, path: Path, **options: object) -> subprocess.Popen[str]:
        """A process that has loaded everything and waits to import."""
        return self.wait_with(IMPORT, str(path), json.dumps(options))

    def wait_with(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        """A process that has loaded everything and waits for `release`."""
        process = subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def load(self, path: Path, **options: object) -> dict:
        return finish(release(self.start(path, **options)))

    def state(self) -> dict:
        return self._run("-c", STATE)

    def sweep(self) -> dict:
        return self._run("-c", SWEEP)

    def _run(self, *arguments: str) -> dict:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def release(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return process


def finish(process: subprocess.Popen[str]) -> dict:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return json.loads(output)


@contextmanager
def installation(home: Path) -> Iterator[Installation]:
    """On PostgreSQL where DATABASE_URL names one, else on SQLite in the data folder."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        shutil.copytree(_migrated_home(), home, dirs_exist_ok=True)
        yield Installation(environment_of(home, ""))
        return
    name = f"bursar_{secrets.token_hex(6)}"
    with copied_database(server, name, template=_migrated_database(server)) as url:
        yield Installation(environment_of(home, url))


@lru_cache
def _migrated_home() -> Path:
    """Made once; every installation is a copy."""
    if built := os.environ.get(MIGRATED):
        return Path(built)
    home = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    migrated_home(home)
    return home


@lru_cache
def _migrated_database(server: str) -> str:
    """Made once; every installation is a copy."""
    if built := os.environ.get(MIGRATED):
        return (Path(built) / "name").read_text()
    home = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    migrated_server(home, server)
    return (home / "name").read_text()
