"""What says that a data folder holds the demo, and with which sign-ins: one file in it."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

VERSION = 7
"""Raised when the company's figures change; an older demo is then built anew in place."""

_FILE = "demo.json"


@dataclass(frozen=True)
class SignIn:
    """One account of the demo."""

    role: str
    username: str
    password: str
    sees: str


@dataclass(frozen=True)
class Stamp:
    """Which demo a folder holds, and whether its building came to an end."""

    version: int
    complete: bool
    password: str

    def is_current(self) -> bool:
        return self.complete and self.version == VERSION


def fresh() -> Stamp:
    """The stamp of a demo that is about to be built; every demo has a password of its own."""
    return Stamp(VERSION, complete=False, password=f"tammera-{secrets.token_hex(3)}")


def read(home: Path) -> Stamp | None:
    """The folder's stamp, if it is a demo's."""
    path = home / _FILE
    if not path.exists():
        return None
    return Stamp(**json.loads(path.read_text(encoding="utf-8")))


def write(home: Path, stamp: Stamp) -> None:
    """Set the stamp; only its owner may read it, for it holds the password."""
    making = home / f".{_FILE}.making"
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(asdict(stamp), handle, indent=2)
    making.replace(home / _FILE)
