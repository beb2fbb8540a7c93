"""The process beside the web server that carries out jobs: `python -m bursar.project.consumer`."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

import django


def main() -> None:
    """Carry out jobs until SIGINT or SIGTERM, or until the server that started it is gone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bursar.project.settings")
    django.setup()
    from bursar.flow.jobs import queue, refuse_interrupted  # noqa: PLC0415 - needs Django ready

    refuse_interrupted()
    server = os.getppid()
    threading.Thread(target=_leave_with, args=(server,), daemon=True).start()
    consumer = queue.create_consumer(workers=1, worker_type="thread", periodic=True, max_delay=1.0)
    consumer.run()


def _leave_with(server: int) -> None:
    # A server that was killed cannot stop us; a job half done leaves orphans for the sweeper.
    while os.getppid() == server:
        time.sleep(2)
    os._exit(0)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):  # asked to stop before it had begun
        main()
