"""`bursar serve`: up in seconds, carries out jobs, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.surfaces.cli.conftest import CHECKOUT, Program

ASK = """
import django, sys, time
django.setup()
from bursar.flow import jobs
from bursar.office.people.models import User
finance = User.objects.get(username="fin")
job = jobs.ask_import(acting_user=finance, paths=[sys.argv[1]])
for _ in range(300):
    job.refresh_from_db()
    if job.finished_at:
        break
    time.sleep(0.1)
print(job.state)
"""


def environment(home: Path) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("BURSAR_", "DATABASE_URL"))}
    return clean | {
        "BURSAR_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "bursar.project.settings",
    }


class Server:
    """A running `bursar serve`."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = home.with_name("serve.log")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bursar.cli", "serve", "--port", str(self.port)],
                env=environment(home),
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
            )

    def get(self, path: str) -> int:
        """The status of a page, once the server is up."""
        deadline = time.monotonic() + 30
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as answer:
                return answer.code
            except OSError:
                assert time.monotonic() < deadline, self.log.read_text()
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.1)

    def children(self) -> list[int]:
        pid = self.process.pid
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]

    def stop(self, sign: signal.Signals) -> int:
        self.process.send_signal(sign)
        return self.process.wait(20)


@pytest.fixture
def server(fresh_home: Path) -> Iterator[Server]:
    running = Server(fresh_home)
    yield running
    if running.process.poll() is None:
        running.stop(signal.SIGTERM)


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be counted by its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_prints_the_way_in_and_stops_cleanly(
    server: Server, sign: signal.Signals
) -> None:
    assert server.get("/accounts/login/") == 200
    printed = server.log.read_text()
    assert f"http://localhost:{server.port}/" in printed
    link = next(word for word in printed.split() if "/set-up/" in word)
    assert server.get("/set-up/" + link.rsplit("/", 1)[-1]) == 200
    assert server.get("/set-up/wrong") >= 400
    children = server.children()
    assert len(children) >= 2, "the web server's worker and the job consumer"
    assert server.stop(sign) == 0
    assert not any(alive(pid) for pid in children)
    assert "Traceback" not in server.log.read_text()


def test_a_killed_server_leaves_nothing_running(server: Server) -> None:
    assert server.get("/accounts/login/") == 200
    children = server.children()
    server.stop(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in children):
        assert time.monotonic() < deadline, f"still running: {children}"
        time.sleep(0.2)


def test_it_carries_out_jobs(server: Server, bursar: Program, bill: Path, fresh_home: Path) -> None:
    bursar(
        "user", "add", "fin", "--email", "f@example.org", "--role", "it_finance",
        "--password-stdin", stdin="violet-anchor-52\n",
    ).done()  # fmt: skip
    server.get("/accounts/login/")
    asked = subprocess.run(
        [sys.executable, "-c", ASK, str(bill)],
        env=environment(fresh_home),
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == "done", server.log.read_text()
    entries = bursar("journal", "--act", "record", "--json").done().json["entries"]
    assert [entry["actor"] for entry in entries] == ["fin"]


def test_a_taken_port_is_refused(bursar: Program) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        bursar("serve", "--port", port).refused("serve.port_taken")
