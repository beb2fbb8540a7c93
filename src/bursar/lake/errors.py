"""What the lake refuses, by code."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from bursar.core.refusal import Refused

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class DiskFull(Refused):
    """There is no room left to write; nothing of the act was kept."""

    code = "lake.disk_full"


class NotWritable(Refused):
    """The lake's folder cannot be written to, or the disk failed; nothing was kept."""

    code = "lake.not_writable"


class SumOverflow(Refused):
    """A sum has more than 14 digits before the point, more than the ledger can hold."""

    code = "import.sum_overflow"


class FileMissing(Refused):
    """A registered file of the lake cannot be read."""

    code = "lake.file_missing"


class FileDamaged(Refused):
    """A file of the lake is not as it was written, so nothing can be told from it."""

    code = "lake.file_damaged"


class UnknownEngine(Refused):
    """Sums were to be computed by an engine that is not built in."""

    code = "run.unknown_engine"


class EngineMissing(Refused):
    """An engine was chosen whose library or address this installation lacks."""

    code = "run.engine_missing"


class EngineFailed(Refused):
    """The engine ended, or could not be reached, before it had answered; nothing was published."""

    code = "run.engine_failed"


UNREADABLE = (
    OSError,
    UnicodeDecodeError,
    pa.ArrowException,
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.SerializationException,
)
"""What the readers say of a damaged Parquet file, besides what they do not notice."""


@contextmanager
def damage_refusals(what: str) -> Iterator[None]:
    """Turn what a reader says of a damaged file into a refusal that tells how to mend it."""
    try:
        yield
    except UNREADABLE as error:
        first = str(error).partition("\n")[0]
        raise FileDamaged(
            f"{what} cannot be read ({first}). `bursar verify` names every file that is missing "
            "or not as it was written; restore them from a backup."
        ) from error


@contextmanager
def overflow_refusal() -> Iterator[None]:
    """A sum that leaves the ledger's range is refused in words, not as an engine's error."""
    try:
        yield
    except (duckdb.OutOfRangeException, duckdb.ConversionException, pa.ArrowInvalid) as error:
        raise SumOverflow(
            "The amounts of one currency add up to more than 14 digits before the point, "
            "which is more than the ledger holds. Check the file's amounts and currency."
        ) from error


@contextmanager
def disk_refusals(folder: Path) -> Iterator[None]:
    """Turn what the operating system says about the disk into a refusal by name."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            raise DiskFull(
                f"The disk that holds {folder} is full ({reason}). "
                "Nothing was recorded. Free some space and try again."
            ) from error
        raise NotWritable(
            f"Cannot write into {folder} ({reason}). Nothing was recorded. "
            "Check that the folder exists, that the disk is mounted for writing, "
            "and that this user owns it."
        ) from error
