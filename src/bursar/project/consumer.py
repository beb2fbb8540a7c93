"""The process beside the web server that carries out jobs: `python -m bursar.project.consumer`."""

from __future__ import annotations

import os
from contextlib import suppress

import django

from bursar.project.parent import end_with_parent


def main() -> None:
    """Carry out jobs until SIGINT or SIGTERM, or until the server that started it is gone."""
    end_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bursar.project.settings")
    django.setup()
    from bursar.flow.jobs import queue, refuse_interrupted  # noqa: PLC0415 - needs Django ready

    refuse_interrupted()
    consumer = queue.create_consumer(workers=1, worker_type="thread", periodic=True, max_delay=1.0)
    consumer.run()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):  # asked to stop before it had begun
        main()
