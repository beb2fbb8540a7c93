"""What a commit costs beyond the writing of the file."""

from __future__ import annotations

import shutil

from bench.measuring import FOLDER, Measured, in_own_process

_GOAL = 1.5


def measure_commit() -> list[Measured]:
    """A file of 50,000 lines, its manifest row and its journal entry, in one transaction."""
    home = FOLDER / "home-commit"
    shutil.rmtree(home, ignore_errors=True)
    found = in_own_process("bench.commit_once", home=home)
    shutil.rmtree(home)
    ratio = found["committed"] / found["plain"]
    durable = found["committed"] / found["durable"]
    return [
        Measured(
            f"commit ≤ {_GOAL}x a bare Parquet write",
            f"{ratio:.2f}x",
            ratio <= _GOAL,
            f"50,000 lines: {found['committed'] * 1000:.0f} ms with SHA-256, fsync, manifest and "
            f"journal; bare {found['plain'] * 1000:.0f} ms; {durable:.2f}x a bare write with fsync",
        )
    ]
