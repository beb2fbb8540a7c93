"""Act: keep the journal's head outside of the installation, in a file or by a message."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.db import transaction

from bursar.connect.messages import send, shown
from bursar.flow.errors import AnchorInside, AnchorNotWritten, NothingToAnchor
from bursar.office.journal.anchors import ACT, Anchor, head_now
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require


def anchor_journal(*, to: str, acting_user: User | None) -> Anchor:
    """Appends the head to a file, or sends it to an address such as mailto:// or jsons://.

    The journal is told afterwards, so it never names an anchor that nobody has. Refuses:
    people.not_allowed, journal.nothing_to_anchor, journal.anchor_inside,
    journal.anchor_not_written, message.bad_address, message.not_sent.
    """
    require(acting_user, "read.journal")
    anchor = head_now()
    if anchor is None:
        raise NothingToAnchor("The journal is empty: nothing was recorded yet.")
    if "://" in to:
        place = shown(to)
        title = f"Bursar: journal to entry {anchor.seq}"
        send(to, title=title, body=f"{anchor.line}\n\n{_MEANING}")
    else:
        place = str(_appended(Path(to), anchor))
    with transaction.atomic():
        detail = {"seq": anchor.seq, "hash": anchor.hash}
        record_act(act=ACT, subject=place, actor=acting_user, detail=detail)
    return anchor


_MEANING = (
    "Keep this message. Save it as a file and `bursar check-anchors FILE` says whether the "
    "journal up to this entry is still the one of this day."
)


def _appended(path: Path, anchor: Anchor) -> Path:
    whole = path.expanduser().resolve()
    if whole.is_relative_to(Path(settings.BURSAR_HOME).resolve()):
        raise AnchorInside(
            f"{whole} lies in the data folder: who could rewrite the journal could rewrite it too. "
            "Name a file on another machine's share or on a medium that only takes writes once."
        )
    try:
        with whole.open("a", encoding="utf-8") as handle:
            handle.write(anchor.line + "\n")
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        raise AnchorNotWritten(
            f"{whole} was not written: {error.strerror or error}. Name a file in a folder that is "
            "there and may be written."
        ) from error
    return whole
