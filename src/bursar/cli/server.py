"""Running the web server with the job consumer beside it, and stopping both."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time

from bursar.cli.errors import PortTaken

_STOP_SECONDS = 10


def address(host: str, port: int) -> str:
    """The address to open in a browser."""
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host  # noqa: S104
    return f"http://{shown}:{port}/"


def run_server(host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; both processes are gone when this returns.

    Refuses: serve.port_taken.
    """
    _require_free(host, port)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ["BURSAR_SERVE"] = "1"
    consumer = _Consumer()
    server = Granian(
        "bursar.project.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
    )
    server.on_startup(consumer.start)
    try:
        server.serve()
    finally:
        consumer.stop()


class _Consumer:
    """The consumer's process; started again when it ends without being asked to."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._launch()
        threading.Thread(target=self._watch, daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)  # finishes the job in hand
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _launch(self) -> None:
        # A session of its own: Ctrl-C reaches the server, which then stops the consumer.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bursar.project.consumer"],
            env=dict(os.environ),
            start_new_session=True,
        )

    def _watch(self) -> None:
        while not self._stopping.is_set():
            if self._process is not None and self._process.poll() is not None:
                time.sleep(1)
                if not self._stopping.is_set():
                    self._launch()
            self._stopping.wait(1)


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise PortTaken(
                f"Port {port} of {host} cannot be used ({problem.strerror}): choose another with "
                "--port."
            ) from problem
