"""Files that commands read and write."""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

from bursar.cli.errors import NoSuchFile, NotWritten, OutNeeded, UnreadableFile
from bursar.cli.output import say


def read_text(file: Path) -> str:
    """A small text file. Refuses: cli.no_such_file, cli.unreadable_file."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as problem:
        raise NoSuchFile(f"There is no file {file}.") from problem
    except (OSError, UnicodeDecodeError) as problem:
        raise UnreadableFile(f"{file} cannot be read as UTF-8 text: {problem}.") from problem


def write_out(content: str | bytes, out: Path | None) -> None:
    """To the file named by --out, whole or not at all; else to the output stream.

    Refuses: cli.not_written; cli.out_needed for bytes that would go to a terminal.
    """
    data = content.encode() if isinstance(content, str) else content
    if out is not None:
        _replace(out, data)
        say(f"{out}: {len(data)} bytes")
        return
    if isinstance(content, bytes) and sys.stdout.isatty():
        raise OutNeeded("This format is not text: name a file with --out FILE.")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _replace(file: Path, data: bytes) -> None:
    making = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        making.write_bytes(data)
        os.replace(making, file)
    except OSError as problem:
        raise NotWritten(
            f"{file} cannot be written: {problem.strerror}. Choose a folder that exists, is "
            "writable and has room."
        ) from problem
    finally:
        with suppress(OSError):
            making.unlink(missing_ok=True)
