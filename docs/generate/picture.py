"""Makes docs/images/overview.png from the running demo: python docs/generate/picture.py

Builds the demo in a folder of its own when it is not there yet, serves it, signs in as IT finance
and photographs the Overview. Needs a Chromium: CHROMIUM names it, or .ci/find-chromium finds one.
"""

# ruff: noqa: S603 - it starts this checkout's own programs

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

CHECKOUT = Path(__file__).resolve().parents[2]
HOME = CHECKOUT / "var" / "demo"
PICTURE = CHECKOUT / "docs" / "images" / "overview.png"
_PATIENCE = 60


def main() -> None:
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    with _served() as (address, password), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 1440, "height": 960}, color_scheme="light", device_scale_factor=1
        )
        page.goto(f"{address}accounts/login/")
        page.fill("input[name=login]", "finance")
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(address)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURE)
        browser.close()
    print(PICTURE.relative_to(CHECKOUT), PICTURE.stat().st_size, "bytes")


@contextmanager
def _served() -> Iterator[tuple[str, str]]:
    """The demo's address and its password."""
    program = [sys.executable, "-m", "bursar.cli"]
    demo = [*program, "demo", "--home", str(HOME), "--no-serve", "--json"]
    told = json.loads(subprocess.run(demo, capture_output=True, text=True, check=True).stdout)
    passwords = {account["username"]: account["password"] for account in told["sign_ins"]}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([*program, "serve", "--home", str(HOME), "--port", str(port)])
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/", passwords["finance"]
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)


def _wait_for(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("The demo did not serve in time.")


def _chromium() -> str:
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    done = subprocess.run(
        [CHECKOUT / ".ci" / "find-chromium"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
