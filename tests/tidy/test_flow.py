"""The flow is what it says: one writer for each table, and nothing flows back."""

from __future__ import annotations

import importlib
import pkgutil

import bursar.core.tables as tables
from bursar.core.tables.table import Table
from bursar.flow.steps import FLOW, OUTSIDE


def every_table() -> dict[str, Table]:
    """Every table that some module of core/tables declares."""
    found: dict[str, Table] = {}
    for module in pkgutil.iter_modules(tables.__path__, f"{tables.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Table):
                assert found.setdefault(value.name, value) is value, value.name
    return found


def test_every_table_has_exactly_one_writer_and_names_it() -> None:
    writers: dict[str, list[str]] = {}
    for step in FLOW:
        for table in step.writes:
            writers.setdefault(table.name, []).append(step.name)
    declared = {name: [table.writer] for name, table in every_table().items()}
    assert writers == declared


def test_no_step_reads_what_a_later_step_writes() -> None:
    written = set(OUTSIDE)
    for step in FLOW:
        assert set(step.reads) <= written, step.name
        written |= {table.name for table in step.writes}


def test_every_step_has_a_name_of_its_own_and_can_be_called() -> None:
    assert len({step.name for step in FLOW}) == len(FLOW)
    assert all(callable(step.run) for step in FLOW)


def test_every_column_says_what_it_means() -> None:
    for table in every_table().values():
        assert table.meaning.endswith("."), table.name
        names = [column.name for column in table.columns]
        assert len(names) == len(set(names)), table.name
        for column in table.columns:
            assert column.meaning.strip(), f"{table.name}.{column.name}"
