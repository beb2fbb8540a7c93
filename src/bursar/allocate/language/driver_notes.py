"""What a model says of its drivers for people: measured or estimated, and where they come from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from yaml.nodes import Node

from bursar.allocate.language.nodes import fields, one_of, pairs, text
from bursar.allocate.language.problems import Problems, did_you_mean

MEASURED, ESTIMATED = "measured", "estimated"
KINDS = (MEASURED, ESTIMATED)


@dataclass(frozen=True)
class DriverNote:
    """None of it changes an amount."""

    quality: str = ""
    """`measured`, `estimated`, or nothing where the model does not say."""
    description: str = ""


def read_driver_notes(
    node: Node | None, used: Collection[str], problems: Problems
) -> dict[str, DriverNote]:
    """Driver → its note. A driver that nothing in the model uses is a problem."""
    found: dict[str, DriverNote] = {}
    for key, value in pairs(node, "`drivers`", problems) if node is not None else ():
        if key.value not in used:
            hint = did_you_mean(key.value, used) or " Take it out, or name it in a rule."
            problems.add(
                key, "unknown_driver", f"Nothing in the model uses the driver '{key.value}'.{hint}"
            )
        told = fields(value, f"The driver '{key.value}'", ("quality", "description"), problems)
        found[key.value] = DriverNote(
            quality=one_of(told.get("quality"), "`quality`", KINDS, problems) or "",
            description=text(told.get("description"), "`description`", problems) or "",
        )
    return found
