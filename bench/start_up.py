"""How soon something answers: the command line, and the first page of a fresh server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from bench.measuring import CHECKOUT, Measured, fastest

_PATIENCE = 60.0


def measure_start_up(home: Path) -> list[Measured]:
    """`bursar --version`, `bursar --help`, a command that reads, and the sign-in page."""
    environment = {**os.environ, "BURSAR_HOME": str(home)}

    def command(*words: str) -> float:
        def run() -> None:
            subprocess.run(
                [sys.executable, "-m", "bursar.cli", *words],
                cwd=CHECKOUT, env=environment, capture_output=True, check=True,
            )  # fmt: skip

        return fastest(run, times=5)[0]

    bare = fastest(lambda: subprocess.run([sys.executable, "-c", ""], check=True), times=5)[0]
    help_, listing = command("--help"), command("batches", "--json")
    begun, first, second = _pages(environment)
    return [
        Measured(
            "command line start-up (no goal)",
            f"{help_ * 1000:.0f} ms",
            None,
            f"--help; python alone {bare * 1000:.0f} ms; batches --json {listing * 1000:.0f} ms",
        ),
        Measured(
            "first page (no goal)",
            f"{first * 1000:.0f} ms",
            None,
            f"sign-in page of a server that accepts after {begun:.1f} s; again "
            f"{second * 1000:.0f} ms",
        ),
    ]


def _pages(environment: dict[str, str]) -> tuple[float, float, float]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    begin = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "bursar.cli", "serve", "--port", str(port)],
        cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port, begin)
        begun = time.perf_counter() - begin
        url = f"http://127.0.0.1:{port}/accounts/login/"
        first, _ = fastest(lambda: urllib.request.urlopen(url).read(), times=1)
        second, _ = fastest(lambda: urllib.request.urlopen(url).read(), times=5)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=_PATIENCE)
    return begun, first, second


def _wait_for(port: int, begin: float) -> None:
    while time.perf_counter() - begin < _PATIENCE:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("the server did not answer within a minute")
