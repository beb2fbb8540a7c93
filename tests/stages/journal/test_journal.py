"""The journal: chained, append-only, and broken visibly by whoever goes around it."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from bursar.core.refusal import InvariantBroken
from bursar.office.journal.chain import START
from bursar.office.journal.checking import check_chain
from bursar.office.journal.models import Entry, EntryQuerySet, Head
from bursar.office.journal.queries import entries, entry_json
from bursar.office.journal.writing import record_act


def write(act: str = "test.act", **detail: object) -> Entry:
    with transaction.atomic():
        return record_act(act=act, subject="thing", actor="anna", detail=detail)


def alter(statement: str, *values: object) -> None:
    """Change the table as somebody with the database's password would."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS journal_entry_no_update")
            cursor.execute("DROP TRIGGER IF EXISTS journal_entry_no_delete")
        else:
            cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER journal_entry_no_change")
        cursor.execute(statement, values)


@pytest.mark.django_db
def test_entries_are_chained_from_the_start() -> None:
    first, second = write(amount="1.10"), write(amount="2")
    assert (first.seq, first.previous_hash) == (1, START)
    assert (second.seq, second.previous_hash) == (2, first.hash)
    assert (Head.objects.get().seq, Head.objects.get().hash) == (2, second.hash)
    assert check_chain().ok
    assert check_chain().detail.startswith("2 entries")


@pytest.mark.django_db
def test_an_empty_journal_is_whole() -> None:
    assert check_chain().ok


@pytest.mark.django_db
def test_no_actor_is_the_system() -> None:
    with transaction.atomic():
        assert record_act(act="a.b", subject="s", actor=None, detail={}).actor == "system"


@pytest.mark.django_db(transaction=True)
def test_an_act_without_a_transaction_is_a_defect() -> None:
    with pytest.raises(InvariantBroken, match="outside a transaction"):
        record_act(act="a.b", subject="s", actor=None, detail={})


@pytest.mark.django_db
def test_an_entry_falls_with_its_transaction() -> None:
    write()
    with transaction.atomic():
        record_act(act="a.b", subject="s", actor=None, detail={})
        transaction.set_rollback(True)
    assert Entry.objects.count() == 1
    assert check_chain().ok


@pytest.mark.django_db
@pytest.mark.parametrize("detail", [{"a": 1.5}, {"a": [{"b": 0.1}]}])
def test_floats_are_refused(detail: dict[str, object]) -> None:
    with pytest.raises(InvariantBroken, match="float"):
        write(**detail)


@pytest.mark.django_db
def test_django_cannot_change_or_delete_entries() -> None:
    entry = write()
    entry.actor = "bob"
    for attempt in (entry.save, entry.delete, Entry.objects.all().delete):
        with pytest.raises(InvariantBroken, match="append-only"):
            attempt()
    with pytest.raises(InvariantBroken, match="append-only"):
        Entry.objects.update(actor="bob")


@pytest.mark.django_db
def test_the_database_itself_refuses_changes() -> None:
    write()
    with (
        pytest.raises((DatabaseError, IntegrityError), match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE journal_entry SET actor = 'bob'")
    assert EntryQuerySet(Entry).get().actor == "anna"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE journal_entry SET actor = 'bob' WHERE seq = 2", "Entry 2 (test.act"),
        ("UPDATE journal_entry SET detail = '{}' WHERE seq = 1", "Entry 1 (test.act"),
        ("DELETE FROM journal_entry WHERE seq = 2", "Entry 2 is missing"),
        ("DELETE FROM journal_entry WHERE seq = 3", "The head says 3 entries"),
        ("UPDATE journal_entry SET previous_hash = hash WHERE seq = 3", "not chained"),
    ],
)
def test_tampering_is_told_with_its_place(statement: str, told: str) -> None:
    for number in range(3):
        write(number=number)
    assert check_chain().ok
    alter(statement)
    check = check_chain()
    assert not check.ok
    assert told in check.detail


@pytest.mark.django_db(transaction=True)
def test_acts_at_the_same_time_queue_up() -> None:
    problems: list[BaseException] = []

    def act() -> None:
        with closing(connection):
            try:
                for _ in range(5):
                    write()
            except BaseException as problem:  # noqa: BLE001 - told by the assertion below
                problems.append(problem)

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert Entry.objects.count() == 20
    assert check_chain().ok


@pytest.mark.django_db
def test_entries_are_found_newest_first() -> None:
    write("allocate.run_model")
    write("record.import_files", file="a.csv")
    assert [entry.seq for entry in entries()] == [2, 1]
    assert [entry.seq for entry in entries(act="allocate")] == [1]
    assert [entry.seq for entry in entries(subject="nothing")] == []
    assert [entry.seq for entry in entries(text="IMPORT")] == [2]
    assert entry_json(entries()[0])["detail"] == {"file": "a.csv"}
