"""Runs the program in forked processes: what every call imports is imported once.

A test suite calls the program a few hundred times, and most of each call would be imports. The
children are as separate as processes started anew: own environment, data folder and streams.
What Django reads of one environment is read by a process between, which lives as long as the calls
are in that environment and its data folder is there.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

# Only what does not ask Django's settings while it is imported.
SHARED = (
    "django.core.management",
    "django.db.models",
    "django.forms",
    "django.template",
    "django.test",
    "pydantic_settings",
    "allauth",
    "pyarrow.parquet",
    "pyarrow.csv",
    "pyarrow.compute",
    "duckdb",
    "numpy",
    "yaml",
    "babel.numbers",
    "typer",
    "rich.console",
    "xlsxwriter",
    "typst",
    "altair",
    "vl_convert",
    "bursar.cli.main",
    "bursar.connect.reading",
    "bursar.lake.cost_lines",
)


# What most commands import once Django has its settings.
AFTERWARDS = (
    "bursar.allocate.actions.run_model",
    "bursar.flow.setup",
    "bursar.flow.verify",
    "bursar.record.actions.import_files",
    "bursar.report.overview",
)


def serve() -> None:
    """Carry out one request per input line; answer each with the exit code."""
    for name in SHARED:
        importlib.import_module(name)
    between: _Between | None = None
    for line in sys.stdin:
        request = json.loads(line)
        place = _place(request)
        if between is not None and between.place != place:
            between.end()
            between = None
        if place is not None:
            between = between or _Between(place)
            code = between.ask(line)
        else:
            code = _in_child(request)
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


def _place(request: dict[str, Any]) -> str | None:
    """The environment of a call, where its data folder was made and no option names another."""
    environment = request["environment"]
    made = Path(environment["BURSAR_HOME"], "bursar.sqlite3").exists()
    if "DATABASE_URL" in environment or "--home" in request["arguments"] or not made:
        return None
    return json.dumps(environment, sort_keys=True)


class _Between:
    """A process that has read one environment, and forks a child for each call in it."""

    def __init__(self, place: str) -> None:
        self.place = place
        asked, self._ask = os.pipe()
        self._answer, answered = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            os.close(self._ask)
            os.close(self._answer)
            _answer_all(json.loads(place), asked, answered)
        os.close(asked)
        os.close(answered)
        self._answers = os.fdopen(self._answer)

    def ask(self, line: str) -> int:
        os.write(self._ask, line.encode())
        return int(self._answers.readline())

    def end(self) -> None:
        os.close(self._ask)
        self._answers.close()
        os.waitpid(self._process, 0)


def _answer_all(environment: dict[str, str], asked: int, answered: int) -> NoReturn:
    os.environ.clear()
    os.environ.update(environment)
    from bursar.cli.session import configure

    configure()
    for name in AFTERWARDS:
        importlib.import_module(name)
    from django.db.migrations.loader import MigrationLoader

    MigrationLoader(None)  # imports every migration; without a database it asks none
    for line in os.fdopen(asked):
        os.write(answered, f"{_in_child(json.loads(line))}\n".encode())
    os._exit(0)


def _in_child(request: dict[str, Any]) -> int:
    child = os.fork()
    if child == 0:
        _run(request)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _run(request: dict[str, Any]) -> NoReturn:
    code = 70
    try:
        os.environ.clear()
        os.environ.update(request["environment"])
        folder = Path(str(request["folder"]))
        os.chdir(str(request["cwd"]))
        writing = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        for name, number, flags in (
            ("in", 0, os.O_RDONLY),
            ("out", 1, writing),
            ("out" if request["together"] else "err", 2, writing),
        ):
            stream = os.open(folder / name, flags, 0o600)
            os.dup2(stream, number)
        sys.stdin = os.fdopen(0)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w", buffering=1)
        sys.argv = ["bursar", *request["arguments"]]
        from bursar.cli.main import main

        main()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
    except BaseException:  # noqa: BLE001 - the parent only sees the code
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
