"""Taking turns: acts that publish wait for one another, a bounded time, instead of failing.

PostgreSQL lets them wait at the manifest's row; SQLite lets one connection write at a time and
gives up on the others when its own patience ends. What such an act has read and written into the
lake is still good then, so only its short transaction is tried again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

Result = TypeVar("Result")

PATIENCE_SECONDS = 120.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_BUSY = ("locked", "busy", "deadlock", "could not serialize", "lock timeout")


def in_turn(publish: Callable[[], Result], *, patience: float = PATIENCE_SECONDS) -> Result:
    """Do what opens its own transaction; again while others keep the database busy.

    Raises the database's OperationalError when that lasts longer than the patience, or at once
    when it says anything else than busy, or when a transaction is open already.
    """
    ends, pause = time.monotonic() + patience, _FIRST_PAUSE
    while True:
        try:
            return publish()
        except OperationalError as error:
            said = str(error).lower()
            hopeless = connection.in_atomic_block or not any(word in said for word in _BUSY)
            if hopeless or time.monotonic() + pause > ends:
                raise
        # Chance keeps two that woke together from meeting again.
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - nothing secret
        pause = min(pause * 2, _LONGEST_PAUSE)
