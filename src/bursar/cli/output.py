"""Printing: JSON for machines, aligned text for people, notes on the error stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from bursar.cli.session import SESSION

if TYPE_CHECKING:
    from collections.abc import Callable


def print_json(answer: Any) -> None:
    """One JSON document on the output stream, and nothing else."""
    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))


def say(text: str = "") -> None:
    """A sentence for a person; silent under --json."""
    if not SESSION.json:
        typer.echo(text)


def note(text: str) -> None:
    """A remark beside the answer."""
    typer.echo(text, err=True)


def print_table(
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, str],
    *,
    right: Sequence[str] = (),
    empty: str = "Nothing to show.",
) -> None:
    """Rows under the given headings (key → heading); nothing is cut off."""
    if not rows:
        typer.echo(empty)
        return
    cells = [[_cell(row.get(key)) for key in columns] for row in rows]
    heads = list(columns.values())
    widths = [
        max(len(head), *(len(line[place]) for line in cells)) for place, head in enumerate(heads)
    ]
    to_right = [key in right for key in columns]
    typer.echo(_line(heads, widths, to_right))
    typer.echo("  ".join("-" * width for width in widths))
    for line in cells:
        typer.echo(_line(line, widths, to_right))


def _line(cells: Sequence[str], widths: Sequence[int], to_right: Sequence[bool]) -> str:
    parts = [
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, to_right, strict=True)
    ]
    return "  ".join(parts).rstrip()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("\n", " ")


@contextmanager
def working(text: str) -> Iterator[Callable[..., None]]:
    """A spinner with changing text on a terminal; yields a function that takes the next text."""
    if not SESSION.progress:
        yield lambda *_args, **_kwargs: None
        return
    from rich.console import Console

    with Console(stderr=True).status(text) as status:

        def show(*parts: object, **_ignored: object) -> None:
            status.update(" ".join([text, *(str(part) for part in parts)]))

        yield show
