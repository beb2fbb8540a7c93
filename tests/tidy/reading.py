"""What the tidy tests look at: the source as files and as syntax trees."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCE = CHECKOUT / "src" / "bursar"


def modules(*folders: Path) -> list[Path]:
    """Every Python file that people write, migrations left out."""
    found = [
        file
        for folder in folders or (SOURCE,)
        for file in sorted(folder.rglob("*.py"))
        if "migrations" not in file.parts
    ]
    assert found, "nothing to look at"
    return found


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def name(file: Path) -> str:
    return str(file.relative_to(CHECKOUT))
