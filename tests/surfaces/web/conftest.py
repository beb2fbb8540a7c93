"""A served installation of the small firm, and visitors who come with a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.surfaces.web.company import found_company, surroundings
from tests.surfaces.web.visitor import Visitor

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Served:
    """Where the installation answers, where its data lies and which files belong to it."""

    address: str
    home: Path
    files: dict[str, Path]


@dataclass(frozen=True)
class Founded:
    """The small firm as it is founded, which nobody serves; its copies are the tests' own."""

    home: Path
    files: dict[str, Path]


@pytest.fixture(scope="session")
def founded(built_once: Callable[..., Path]) -> Founded:
    """Founded once: what one test does in its copy, no other test meets."""

    def found(folder: Path) -> None:
        (folder / "files").mkdir()
        found_company(folder / "home", folder / "files")

    folder = built_once("firm", found)
    files = {path.name: path for path in (folder / "files").iterdir()}
    return Founded(folder / "home", files)


@pytest.fixture(scope="session")
def served(founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The installation that most tests share: real server, real headers, real jobs.

    Whatever a test waits for here must hold after any other test.
    """
    with serving(founded, tmp_path_factory.mktemp("shared")) as installation:
        yield installation


@pytest.fixture
def apart(founded: Founded, tmp_path: Path) -> Iterator[Served]:
    """A copy of the firm for one test, which may close its months."""
    with serving(founded, tmp_path) as installation:
        yield installation


@contextmanager
def serving(founded: Founded, folder: Path) -> Iterator[Served]:
    """The product as `bursar serve` runs it, on a copy of the firm's data folder."""
    home = folder / "home"
    shutil.copytree(founded.home, home)
    port = _free_port()
    log = (folder / "server.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "bursar.cli", "serve", "--port", str(port)],
        env=surroundings(home),
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/accounts/login/", server)
        yield Served(address, home, founded.files)
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert server.poll() is None, "the server stopped by itself"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise AssertionError(f"{address} did not answer within a minute")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, without a window; named by BURSAR_CHROMIUM or found on PATH."""
    from playwright.sync_api import expect, sync_playwright

    # Beside other tests a page may take its time; what never comes still fails.
    expect.set_options(timeout=20_000)
    program = os.environ.get("BURSAR_CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium: install one or name it by BURSAR_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, served: Served) -> Iterator[Callable[..., Visitor]]:
    """`visit("ada")` signs somebody in; what the browser complained about fails the test."""
    visitors: list[Visitor] = []

    def arrive(username: str | None = None, **looks: Any) -> Visitor:
        visitor = Visitor.arrive(browser, served.address, **looks)
        visitors.append(visitor)
        if username:
            visitor.sign_in(username)
        return visitor

    yield arrive
    complaints = [said for visitor in visitors for said in visitor.leave()]
    assert complaints == []
