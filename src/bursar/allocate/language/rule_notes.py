"""What a rule says of itself for people: description, who agreed to it and when, maturity."""

from __future__ import annotations

from collections.abc import Mapping

from yaml.nodes import Node

from bursar.allocate.language.nodes import day, one_of, text
from bursar.allocate.language.problems import Problems
from bursar.core.calc.rule_note import MATURITIES, RuleNote

NOTES = ("description", "agreed_by", "agreed_on", "maturity")


def read_note(found: Mapping[str, Node], problems: Problems) -> RuleNote | None:
    """The note of a rule with these keys; none where it has none of them."""
    if not any(key in found for key in NOTES):
        return None
    note = RuleNote(
        description=text(found.get("description"), "`description`", problems) or "",
        agreed_by=text(found.get("agreed_by"), "`agreed_by`", problems) or "",
        agreed_on=day(found["agreed_on"], "`agreed_on`", problems)
        if "agreed_on" in found
        else None,
        maturity=one_of(found.get("maturity"), "`maturity`", MATURITIES, problems) or "",
    )
    if "agreed_by" not in found and (note.agreed_on or note.maturity == "agreed"):
        key = "agreed_on" if "agreed_on" in found else "maturity"
        problems.add(
            found[key], "missing_key", "Say with whom this was agreed: `agreed_by: CFO and Retail`."
        )
    return note
