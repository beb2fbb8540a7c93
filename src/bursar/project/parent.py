"""Ending with the process that started us, so that a killed server leaves nothing running."""

from __future__ import annotations

import os
import threading
import time

_LOOK_SECONDS = 2


def end_with_parent() -> None:
    """Leave at once when the parent is gone; work half done leaves orphans for the sweeper."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, name="parent", daemon=True).start()
