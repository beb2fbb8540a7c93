"""Files attached to documents: kept under their hash, checked, backed up and restored.

Rule D18 of docs/spec/documents.md.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.stages.record.installations import START, installation
from tests.stages.record.vouchers import enter

from bursar.core.refusal import Refused
from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User
from bursar.record.actions.attach_file import attach_file
from bursar.record.documents import attachments
from bursar.record.documents.attachments import attachment, path_of
from bursar.record.documents.settling import settle
from bursar.record.documents.verification import check_attachments, check_settled
from bursar.record.models import Attachment, DocumentLine


@pytest.mark.django_db
def test_a_file_is_kept_once_under_its_hash(home: Path) -> None:
    first, second = enter(), enter()
    made = attach_file(
        acting_user=None, number=first.number, name="../../Bill 7.pdf", content=b"pdf"
    )
    assert (made.name, made.media_type, made.bytes) == ("Bill 7.pdf", "application/pdf", 3)
    again = attach_file(acting_user=None, number=first.number, name="b.pdf", content=b"pdf")
    attach_file(acting_user=None, number=second.number, name="c", content=b"pdf")
    assert (again.pk, Attachment.objects.count()) == (made.pk, 2)
    kept = [p for p in (home / "attachments").rglob("*") if p.is_file()]
    assert kept == [path_of(made.sha256)]
    found, place = attachment(first.number, made.sha256)
    assert (found.pk, place.read_bytes()) == (made.pk, b"pdf")
    assert place.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_what_is_not_attached(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = enter()
    monkeypatch.setattr(attachments, "LARGEST", 4)
    for name, content, code in (
        ("a.pdf", b"", "record.attachment_empty"),
        ("/", b"x", "record.attachment_empty"),
        ("a.pdf", b"12345", "record.attachment_too_large"),
    ):
        with pytest.raises(Refused) as caught:
            attach_file(acting_user=None, number=made.number, name=name, content=content)
        assert caught.value.code == code
    with pytest.raises(Refused) as caught:
        attachment(made.number, "0" * 64)
    assert caught.value.code == "record.unknown_document"
    owner = User.objects.create(username="olga", email="o@example.org", role=Role.BUDGET_OWNER)
    with pytest.raises(NotAllowed):
        attach_file(acting_user=owner, number=made.number, name="a", content=b"1")
    assert not (home / "attachments").exists()


@pytest.mark.django_db
def test_verify_notices_what_is_missing_changed_or_not_in_the_batch(home: Path) -> None:
    made = enter("1.5", "2")
    file = attach_file(acting_user=None, number=made.number, name="a", content=b"1")
    settle(None)
    assert (check_settled().ok, check_attachments().ok) == (True, True)
    path_of(file.sha256).write_bytes(b"2")
    assert not check_attachments().ok
    path_of(file.sha256).unlink()
    assert not check_attachments().ok
    with pytest.raises(Refused, match="gone"):
        attachment(made.number, file.sha256)
    line = DocumentLine.objects.filter(document=made).first()
    DocumentLine.objects.filter(pk=line.pk).update(amount="1.6")
    assert not check_settled().ok
    DocumentLine.objects.filter(pk=line.pk).delete()
    assert not check_settled().ok


ATTACH = (
    START
    + """
from datetime import date
from decimal import Decimal
from bursar.record.actions.attach_file import attach_file
from bursar.record.actions.enter_document import enter_document
from bursar.record.documents.draft import Draft, DraftLine
from bursar.flow.backup import write_backup
made = enter_document(acting_user=None, draft=Draft(kind="cost", date=date(2025, 3, 5),
    currency="EUR", description="One", lines=(DraftLine(Decimal("7.5")),)))
attach_file(acting_user=None, number=made.number, name="proof.pdf", content=b"%PDF proof")
write_backup(Path(sys.argv[1]))
"""
)
RESTORE = (
    START
    + """
from bursar.flow.restore import restore_backup
restore_backup(Path(sys.argv[1]))
from bursar.record.documents.attachments import attachment
from bursar.record.documents.queries import document_json, documents
from bursar.record.ledger import open_ledger
from bursar.record.verification import checks
told = document_json(documents().get())
[file] = told["attachments"]
print(attachment(told["number"], file["sha256"])[1].read_bytes().decode())
print(open_ledger().sums()["amount"].to_pylist()[0].normalize(), all(c.ok for c in checks()))
"""
)


@pytest.mark.sqlite
def test_a_backup_brings_attachments_and_live_lines_back(tmp_path: Path) -> None:
    saved = tmp_path / "saved.tar.gz"
    with installation(tmp_path / "home") as place:
        for code, home in ((ATTACH, "home"), (RESTORE, "other")):
            done = subprocess.run(
                [sys.executable, "-c", code, str(saved)],
                env={**place.environment, "BURSAR_HOME": str(tmp_path / home)},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        assert done.stdout.split() == ["%PDF", "proof", "7.5", "True"]
