"""What is wrong with a model's text: where, by which code, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import ClassVar

from yaml.nodes import Node


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend before the model can be applied."""

    line: int
    code: str
    message: str

    @property
    def where(self) -> str:
        return f"line {self.line}"

    def to_json(self) -> dict[str, str]:
        return {"where": self.where, "code": self.code, "message": self.message}


class TooManyProblems(Exception):
    """So many problems were found that looking for more would only cost time."""


@dataclass
class Problems:
    """Collects the problems of a text, so that its author mends them all in one go.

    Finding a hint for a wrong name takes a while, so a text that is wrong all over is not read to
    its end: `add` raises TooManyProblems after `MOST`.
    """

    MOST: ClassVar[int] = 200
    found: list[Problem] = field(default_factory=list)

    def add(self, node: Node | int, code: str, message: str) -> None:
        line = node if isinstance(node, int) else node.start_mark.line + 1
        problem = Problem(line, f"model.{code}", message)
        if problem not in self.found:
            self.found.append(problem)
        if len(self.found) >= self.MOST:
            raise TooManyProblems

    def in_order(self) -> tuple[Problem, ...]:
        return tuple(sorted(self.found))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for a name that is close to a known one; empty where none is."""
    folded = {k.casefold(): k for k in known}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    if not close:
        tails = {k.rsplit(" / ", 1)[-1].casefold(): k for k in sorted(folded.values())}
        close = get_close_matches(name.casefold(), tails, n=1, cutoff=0.8)
        folded = tails
    return f" Did you mean '{folded[close[0]]}'?" if close else ""
