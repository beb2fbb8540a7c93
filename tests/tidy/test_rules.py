"""The numbered rules of docs/spec: each is stated once, cited by its tests, and cited as it is."""

from __future__ import annotations

import re

from tests.tidy.reading import CHECKOUT, SOURCE, modules

_STATED = re.compile(r"^- \*\*([A-Z]{1,2}\d+)\b", re.MULTILINE)
# "rule A1", "rules M1-M4, M7 and M9 of docs/spec/money.md"
_CITING = re.compile(r"\brules? ([A-Z]{1,2}\d+(?:(?:-|, | and )[A-Z]{1,2}\d+)*)", re.IGNORECASE)
_SPAN = re.compile(r"([A-Z]{1,2})(\d+)(?:-[A-Z]{1,2}(\d+))?")


def stated() -> list[str]:
    pages = sorted((CHECKOUT / "docs" / "spec").glob("*.md"))
    return [rule for page in pages for rule in _STATED.findall(page.read_text(encoding="utf-8"))]


def cited(text: str) -> set[str]:
    plain = re.sub(r"\s+(?:# )?", " ", text)
    return {
        f"{letter}{number}"
        for citing in _CITING.findall(plain)
        for letter, first, last in _SPAN.findall(citing)
        for number in range(int(first), int(last or first) + 1)
    }


def texts(*folders: object) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in modules(*folders))


def test_a_number_is_given_once() -> None:
    rules = stated()
    assert len(rules) > 50
    assert sorted(rule for rule in set(rules) if rules.count(rule) > 1) == []


def test_every_rule_has_a_test_that_cites_it() -> None:
    assert set(stated()) - cited(texts(CHECKOUT / "tests")) == set()


def test_every_citation_is_of_a_rule() -> None:
    # A span such as I1-I51 may step over numbers that were never given.
    letters = {rule.rstrip("0123456789") for rule in stated()}
    named = cited(texts(SOURCE))
    known = {rule for rule in named if rule.rstrip("0123456789") in letters}
    assert known - set(stated()) == set()
