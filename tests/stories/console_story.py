"""Runs the console blocks of a document as a reader would, and compares what is printed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.surfaces.cli.conftest import printed

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXCERPT = re.compile(r"^```(?:yaml|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROMPT = "$ "
_ANYTHING = "…"
_FOR_A_SHELL = re.compile(r"[|<>&;$*?~`\\\n]")


@dataclass(frozen=True)
class Step:
    """One command and the lines that the document shows after it."""

    command: str
    shown: tuple[str, ...]
    where: str


def steps(document: Path) -> Iterator[Step]:
    """Every command of the document, in order. A block's last line may end with a backslash."""
    text = document.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 2
        for part in re.split(r"^(?=\$ )", block.group(1), flags=re.MULTILINE):
            if part.startswith(_PROMPT):
                command, *shown = part[len(_PROMPT) :].rstrip("\n").split("\n")
                yield Step(command, tuple(shown), f"{document.name}, line {line}")
            line += part.count("\n")


def excerpts(document: Path) -> list[str]:
    """The lines of YAML and CSV that the document quotes from its files."""
    blocks = _EXCERPT.findall(document.read_text(encoding="utf-8"))
    return [line for block in blocks for line in block.splitlines() if line.strip(" …")]


def run(step: Step, *, folder: Path, home: Path) -> list[str]:
    """What the command prints, on both streams, in order."""
    environment = {
        **{k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "NO_COLOR")},
        "BURSAR_HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DJANGO_SETTINGS_MODULE": "bursar.project.settings",
        "COLUMNS": "100",
        "TERM": "dumb",
    }
    words = shlex.split(step.command)
    if words[0] == "bursar" and not _FOR_A_SHELL.search(step.command):
        told = printed(words[1:], environment, folder)
        return [line.rstrip() for line in told.rstrip("\n").split("\n")]
    done = subprocess.run(
        ["bash", "-c", step.command], cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120,
    )  # fmt: skip
    return [line.rstrip() for line in done.stdout.rstrip("\n").split("\n")]


def difference(step: Step, printed: list[str]) -> str | None:
    """None where the document shows what was printed.

    `…` stands for anything in a line; on a line of its own, for any lines.
    """
    pattern = "".join(_pattern(line) for line in step.shown)
    if not step.shown or re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)):
        return None
    shown, found = "\n".join(step.shown), "\n".join(printed)
    return f"{step.where}: $ {step.command}\nshown:\n{shown}\nprinted:\n{found}"


def _pattern(line: str) -> str:
    if line.strip() == _ANYTHING:
        return r"(?:.*\n)*"
    return ".*".join(re.escape(part) for part in line.rstrip().split(_ANYTHING)) + r"\n"
