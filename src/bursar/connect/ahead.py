"""Runs an iterator in a thread of its own, a few items ahead of whoever consumes it.

Decompressing, parsing and casting release the interpreter's lock, so a chain of stages keeps
two processor cores busy while only a bounded number of blocks is in memory.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")

_POLL_SECONDS = 0.2


class _End:
    """The last thing in the queue, with the failure that ended the iterator, if any."""

    def __init__(self, failure: BaseException | None) -> None:
        self.failure = failure


def ahead(items: Iterable[Item], *, depth: int = 2) -> Generator[Item, None, None]:
    """The same items in the same order, computed up to `depth` items early; failures pass on."""
    waiting: queue.Queue[Item | _End] = queue.Queue(maxsize=depth)
    abandoned = threading.Event()
    worker = threading.Thread(
        target=_fill, args=(iter(items), waiting, abandoned), name="read-ahead", daemon=True
    )
    worker.start()
    try:
        while True:
            item = waiting.get()
            if isinstance(item, _End):
                if item.failure is not None:
                    raise item.failure
                return
            yield item
    finally:
        abandoned.set()
        worker.join()


def _fill(items: Iterator[Item], waiting: queue.Queue[Any], abandoned: threading.Event) -> None:
    failure: BaseException | None = None
    try:
        for item in items:
            if not _put(waiting, item, abandoned):
                break
    except BaseException as raised:  # noqa: BLE001  it is raised again where the items are used
        failure = raised
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()
    _put(waiting, _End(failure), abandoned)


def _put(waiting: queue.Queue[Any], item: object, abandoned: threading.Event) -> bool:
    """Waits for room; false when nobody will ever make any."""
    while not abandoned.is_set():
        try:
            waiting.put(item, timeout=_POLL_SECONDS)
        except queue.Full:
            continue
        return True
    return False
