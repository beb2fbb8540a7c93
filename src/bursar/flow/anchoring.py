"""Checking the journal against anchors that were kept outside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bursar.flow.errors import NoAnchor
from bursar.office.journal.anchors import Anchor, check_anchors, read_anchors
from bursar.office.journal.check import Check


def check_files(files: Sequence[Path]) -> Check:
    """Every anchor in these files. Refuses `journal.no_anchor`, also for a file that is not
    there: a check of nothing would look like a good one."""
    anchors: list[Anchor] = []
    for file in files:
        try:
            found = read_anchors(file.read_bytes())
        except OSError as error:
            raise NoAnchor(f"{file} cannot be read: {error.strerror or error}.") from error
        if not found:
            raise NoAnchor(
                f"{file} holds no anchor. Name the file that `bursar anchor --to` wrote, or a "
                "message that it sent, saved as it came."
            )
        anchors += found
    return check_anchors(anchors)
