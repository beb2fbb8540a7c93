"""Every code of a refusal is unique, explained, in the reference, and seen in some test."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache

from tests.tidy.reading import CHECKOUT

import bursar
from bursar.core.refusal import Refused

# Bases of others: no refusal leaves with them.
ABSTRACT = {"refused", "import.refused"}


def below(kind: type[Refused]) -> Iterator[type[Refused]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from below(inner)


@cache
def refusals() -> tuple[type[Refused], ...]:
    for module in pkgutil.walk_packages(bursar.__path__, "bursar."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return tuple(
        kind
        for kind in below(Refused)
        if kind.__module__.startswith("bursar.") and "code" in vars(kind)
    )


def test_codes_are_dotted_and_belong_to_one_class() -> None:
    codes = [kind.code for kind in refusals()]
    assert [code for code in codes if not re.fullmatch(r"[a-z_]+\.[a-z_]+", code)] == []
    assert {code for code in codes if codes.count(code) > 1} == set()


def test_every_code_is_in_the_reference() -> None:
    page = (CHECKOUT / "docs" / "reference" / "error-codes.md").read_text(encoding="utf-8")
    missing = {kind.code for kind in refusals() if f"`{kind.code}`" not in page}
    assert missing == set(), "run `make docs`"


def test_every_code_is_explained() -> None:
    assert [kind.__name__ for kind in refusals() if not (kind.__doc__ or "").strip()] == []


def test_every_code_is_seen_in_a_test() -> None:
    texts = "\n".join(
        file.read_text(encoding="utf-8")
        for file in (CHECKOUT / "tests").rglob("*")
        if file.suffix in (".py", ".txt", ".md", ".json", ".yaml")
    )
    untested = {
        kind.code
        for kind in refusals()
        if kind.code not in texts and not re.search(rf"\b{kind.__name__}\b", texts)
    }
    assert untested - ABSTRACT == set()
