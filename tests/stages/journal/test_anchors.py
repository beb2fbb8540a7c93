"""The journal's head kept outside, and what shows against it: files, mail and a webhook."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from tests.stages.journal.test_journal import alter, write

from bursar.connect.errors import BadAddress, MessageNotSent
from bursar.connect.messages import send, shown
from bursar.flow.actions.anchor_journal import anchor_journal
from bursar.flow.anchoring import check_files
from bursar.flow.errors import AnchorInside, AnchorNotWritten, NoAnchor, NothingToAnchor
from bursar.flow.jobs import anchor_nightly
from bursar.office.journal.anchors import (
    ACT,
    changed_since_anchored,
    last_anchored,
    read_anchors,
)
from bursar.office.journal.chain import link_hash
from bursar.office.journal.checking import check_chain
from bursar.office.journal.models import Entry, Head
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User

pytestmark = pytest.mark.django_db


def rewrite(seq: int, act: str) -> None:
    """Changes an entry and computes every later hash again, as a skilled administrator could."""
    alter("UPDATE journal_entry SET act = %s WHERE seq = %s", act, seq)
    previous = Entry.objects.get(seq=seq).previous_hash
    for entry in Entry.objects.filter(seq__gte=seq).order_by("seq"):
        link = link_hash(
            seq=entry.seq,
            at=entry.at,
            who=(entry.actor, entry.act, entry.subject),
            detail=entry.detail,
            previous=previous,
        )
        alter(
            "UPDATE journal_entry SET previous_hash = %s, hash = %s WHERE seq = %s",
            previous,
            link,
            entry.seq,
        )
        previous = link
    Head.objects.update(hash=previous)


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list[bytes]]]:
    """A server that keeps what is posted to it."""
    taken: list[bytes] = []

    class Keeping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Keeping) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_port}/kept", taken
        server.shutdown()


@contextmanager
def mail_server() -> Iterator[tuple[str, list[bytes]]]:
    """A mail server that takes every message."""
    taken: list[bytes] = []

    class Keeping:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            taken.append(envelope.original_content)
            return "250 kept"

    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Keeping(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"mailto://127.0.0.1:{port}?from=bursar@example.com&to=audit@example.com", taken
    finally:
        controller.stop()


def test_a_file_of_anchors_holds_and_is_told_in_the_journal(tmp_path: Path) -> None:
    write(amount="1")
    second = write(amount="2")
    file = tmp_path / "anchors"
    anchor = anchor_journal(to=str(file), acting_user=None)
    assert (anchor.seq, anchor.hash) == (2, second.hash)
    assert json.loads(file.read_text()) == anchor.to_json()
    last = last_anchored()
    assert last is not None
    assert (last.seq, last.act, last.subject) == (3, ACT, str(file))
    assert last.detail == {"seq": 2, "hash": second.hash}
    assert changed_since_anchored() == 0
    write(amount="3")
    assert changed_since_anchored() == 1
    anchor_journal(to=str(file), acting_user=None)
    assert len(file.read_text().splitlines()) == 2
    found = check_files([file])
    assert found.ok
    assert found.detail.startswith("2 anchors hold; the last is of entry 4 at ")
    assert found.detail.endswith(", 1 came after it.")


def test_a_chain_that_was_computed_again_no_longer_fits(tmp_path: Path) -> None:
    for number in range(4):
        write(amount=str(number))
    file = tmp_path / "anchors"
    anchor_journal(to=str(file), acting_user=None)
    assert check_files([file]).ok
    rewrite(2, "test.other")
    assert check_chain().ok  # the chain alone shows nothing
    found = check_files([file])
    assert not found.ok
    assert found.detail.startswith("Entry 4 is not the one that was there at ")


def test_a_journal_that_was_cut_off_no_longer_fits(tmp_path: Path) -> None:
    for number in range(3):
        write(amount=str(number))
    file = tmp_path / "anchors"
    anchor_journal(to=str(file), acting_user=None)
    alter("DELETE FROM journal_entry WHERE seq > 2")
    Head.objects.update(seq=2, hash=Entry.objects.get(seq=2).hash)
    assert check_chain().ok
    found = check_files([file])
    assert not found.ok
    assert found.detail.startswith("Entry 3, which was there at ")


def test_a_broken_chain_is_said_before_any_anchor(tmp_path: Path) -> None:
    write(amount="1")
    file = tmp_path / "anchors"
    anchor_journal(to=str(file), acting_user=None)
    alter("UPDATE journal_entry SET act = 'test.other' WHERE seq = 1")
    found = check_files([file])
    assert not found.ok
    assert "was altered after the act" in found.detail


def test_a_webhook_keeps_it_and_what_it_kept_can_be_checked(tmp_path: Path) -> None:
    write(amount="1")
    with webhook() as (address, taken):
        anchor = anchor_journal(to=address, acting_user=None)
    (content,) = taken
    assert read_anchors(content) == (anchor,)
    (tmp_path / "kept.json").write_bytes(content)
    assert check_files([tmp_path / "kept.json"]).ok


def test_a_mail_keeps_it_and_the_saved_mail_can_be_checked(tmp_path: Path) -> None:
    write(amount="1")
    with mail_server() as (address, taken):
        anchor = anchor_journal(to=address, acting_user=None)
    (content,) = taken
    assert read_anchors(content) == (anchor,)
    (tmp_path / "mail.eml").write_bytes(content)
    assert check_files([tmp_path / "mail.eml"]).ok


def test_a_service_that_does_not_take_it_leaves_no_entry() -> None:
    write(amount="1")
    with webhook(status=500) as (address, _), pytest.raises(MessageNotSent) as said:
        anchor_journal(to=address, acting_user=None)
    assert said.value.code == "message.not_sent"
    assert Entry.objects.count() == 1
    with pytest.raises(BadAddress) as bad:
        anchor_journal(to="carrier-pigeon://roof", acting_user=None)
    assert bad.value.code == "message.bad_address"


def test_no_password_of_an_address_is_told_on() -> None:
    told = shown("mailtos://user:secret-word@example.com?to=a@example.com")
    assert "secret-word" not in told
    with pytest.raises(MessageNotSent) as said:
        send("json://user:secret-word@127.0.0.1:9/x", title="a", body="b")
    assert "secret-word" not in said.value.message


def test_places_that_prove_nothing_are_refused(tmp_path: Path, settings: Any) -> None:
    with pytest.raises(NothingToAnchor) as empty:
        anchor_journal(to=str(tmp_path / "anchors"), acting_user=None)
    assert empty.value.code == "journal.nothing_to_anchor"
    write(amount="1")
    settings.BURSAR_HOME = tmp_path / "home"
    with pytest.raises(AnchorInside) as inside:
        anchor_journal(to=str(tmp_path / "home" / "anchors"), acting_user=None)
    assert inside.value.code == "journal.anchor_inside"
    with pytest.raises(AnchorNotWritten) as unwritten:
        anchor_journal(to=str(tmp_path / "nowhere" / "anchors"), acting_user=None)
    assert unwritten.value.code == "journal.anchor_not_written"
    (tmp_path / "text").write_text('no anchor\n{"seq": 1}\n{broken}\n[1]\n')
    for file in (tmp_path / "text", tmp_path / "missing"):
        with pytest.raises(NoAnchor) as none:
            check_files([file])
        assert none.value.code == "journal.no_anchor"
    owner = User.objects.create(username="olga", role=Role.BUDGET_OWNER)
    with pytest.raises(NotAllowed):
        anchor_journal(to=str(tmp_path / "anchors"), acting_user=owner)
    assert Entry.objects.count() == 1


def test_every_night_it_is_kept_where_something_was_recorded(tmp_path: Path, settings: Any) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    settings.ANCHORS = [str(tmp_path / "nowhere" / "x"), str(first), str(second)]
    anchor_nightly.call_local()
    assert not first.exists()
    write(amount="1")
    anchor_nightly.call_local()
    anchor_nightly.call_local()
    assert [len(file.read_text().splitlines()) for file in (first, second)] == [1, 1]
    assert check_files([first, second]).ok
