"""Runs the program in forked processes: what every call imports is imported once.

A test suite calls the program a few hundred times, and most of each call would be imports. The
children are as separate as processes started anew: own environment, data folder and streams.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

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


def serve() -> None:
    """Carry out one request per input line; answer each with the exit code."""
    for name in SHARED:
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _run(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _run(request: dict[str, object]) -> None:
    code = 70
    try:
        os.environ.clear()
        os.environ.update(request["environment"])
        folder = Path(str(request["folder"]))
        for name, number, flags in (
            ("in", 0, os.O_RDONLY),
            ("out", 1, os.O_WRONLY | os.O_CREAT),
            ("err", 2, os.O_WRONLY | os.O_CREAT),
        ):
            stream = os.open(folder / name, flags, 0o600)
            os.dup2(stream, number)
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
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
