"""Reading YAML nodes with their lines: every function says what it expected where it was not.

Scalars are taken as they were written: `0042` stays '0042' and `no` stays 'no', because account
numbers and names are text. Only null has a meaning of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bursar.allocate.language.problems import Problems, did_you_mean
from bursar.core.money.amount import AmountError, parse_amount

NULL = "tag:yaml.org,2002:null"


def compose(text: str, problems: Problems) -> MappingNode | None:
    """The text's top mapping; none where it is no YAML or no mapping, with the problem added."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "unreadable"
        problems.add(mark.line + 1 if mark else 1, "yaml", f"This is not valid YAML: {said}.")
        return None
    except yaml.YAMLError as error:
        place = text[: getattr(error, "position", 0)].count("\n") + 1
        problems.add(place, "yaml", "This is not valid YAML: a character that may not stand here.")
        return None
    if root is None:
        problems.add(1, "empty", "The model is empty. Start with `name:` and `classify:`.")
        return None
    if not isinstance(root, MappingNode):
        problems.add(root, "yaml", "A model is a list of keys such as `name:` and `classify:`.")
        return None
    return root


def is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag == NULL


def pairs(node: Node, what: str, problems: Problems) -> Iterator[tuple[ScalarNode, Node]]:
    """Keys and values of a mapping; a key that comes twice is a problem."""
    if is_null(node):
        return
    if not isinstance(node, MappingNode):
        problems.add(node, "expected_map", f"{what} must be `key: value` pairs.")
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            problems.add(key, "expected_text", f"A key of {what} must be plain text.")
            continue
        if key.value in seen:
            problems.add(
                key,
                "duplicate_key",
                f"'{key.value}' stands twice in {what} (first on line {seen[key.value]}). "
                "Keep one.",
            )
            continue
        seen[key.value] = key.start_mark.line + 1
        yield key, value


def fields(node: Node, what: str, known: Collection[str], problems: Problems) -> dict[str, Node]:
    """The known keys of a mapping; any other key is a problem."""
    found: dict[str, Node] = {}
    for key, value in pairs(node, what, problems):
        if key.value in known:
            found[key.value] = value
        else:
            hint = did_you_mean(key.value, known) or f" Known keys: {', '.join(known)}."
            problems.add(key, "unknown_key", f"{what} has no key '{key.value}'.{hint}")
    return found


def items(node: Node | None, what: str, problems: Problems) -> list[Node]:
    """The entries of a list; nothing where the key is absent or null."""
    if node is None or is_null(node):
        return []
    if not isinstance(node, SequenceNode):
        problems.add(node, "expected_list", f"{what} must be a list (lines that begin with `-`).")
        return []
    return list(node.value)


def text(node: Node | None, what: str, problems: Problems) -> str | None:
    """A scalar as it was written, without blanks around it."""
    if node is None:
        return None
    if not isinstance(node, ScalarNode) or is_null(node) or not node.value.strip():
        problems.add(node, "expected_text", f"{what} must be a text.")
        return None
    return str(node.value).strip()


def one_of(
    node: Node | None, what: str, allowed: Collection[str], problems: Problems
) -> str | None:
    """A text out of a closed list."""
    value = text(node, what, problems)
    if value is None or node is None or value in allowed:
        return value
    hint = did_you_mean(value, allowed) or f" Choose from: {', '.join(allowed)}."
    problems.add(node, "unknown_value", f"{what} cannot be '{value}'.{hint}")
    return None


def amount(node: Node, what: str, problems: Problems) -> Decimal | None:
    """An exact number."""
    value = text(node, what, problems)
    if value is None:
        return None
    try:
        return parse_amount(value)
    except AmountError as error:
        problems.add(node, "bad_number", f"{what} is '{value}': {error.message}")
        return None


def day(node: Node, what: str, problems: Problems) -> date | None:
    """A date as YYYY-MM-DD."""
    value = text(node, what, problems)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        problems.add(
            node, "bad_date", f"{what} is '{value}', which is no date. Write it as 2026-01-31."
        )
        return None


def boolean(node: Node, what: str, problems: Problems) -> bool | None:
    """true or false."""
    value = one_of(node, what, ("true", "false"), problems)
    return None if value is None else value == "true"
