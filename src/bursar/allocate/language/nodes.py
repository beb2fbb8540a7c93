"""Reading YAML nodes with their lines: every function says what it expected where it was not.

Scalars are taken as they were written: `0042` stays '0042' and `no` stays 'no', because account
numbers and names are text. Only null has a meaning of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from unicodedata import category

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bursar.allocate.language.problems import Problems, did_you_mean
from bursar.core.money.amount import AmountError, parse_amount
from bursar.core.money.currency import CURRENCIES

NULL = "tag:yaml.org,2002:null"
LONGEST = 1_000_000
"""Signs of a model's text; the largest models that people write have a tenth of it."""
MOST_NODES = 200_000
"""Nodes of a model when every alias is written out, so that no text grows while it is read."""


def compose(text: str, problems: Problems) -> MappingNode | None:
    """The text's top mapping; none where it is no YAML or no mapping, with the problem added."""
    if len(text) > LONGEST:
        problems.add(1, "too_large", f"The text has more than {LONGEST:,} signs. Shorten it.")
        return None
    root = _parsed(text, problems)
    if root is None:
        return None
    if not isinstance(root, MappingNode):
        problems.add(root, "yaml", "A model is a list of keys such as `name:` and `classify:`.")
        return None
    if _written_out(root) > MOST_NODES:
        problems.add(
            root,
            "too_large",
            f"With its aliases written out, the model has more than {MOST_NODES:,} values. "
            "Shorten it, or put long lists into drivers.",
        )
        return None
    return root


def _parsed(text: str, problems: Problems) -> Node | None:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        problems.add(1, "too_large", "The text is nested too deeply. A model needs few levels.")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "unreadable"
        problems.add(mark.line + 1 if mark else 1, "yaml", f"This is not valid YAML: {said}.")
    except yaml.YAMLError as error:
        place = text[: getattr(error, "position", 0)].count("\n") + 1
        problems.add(place, "yaml", "This is not valid YAML: a character that may not stand here.")
    else:
        if root is None:
            problems.add(1, "empty", "The model is empty. Start with `name:` and `classify:`.")
        return root
    return None


def _written_out(root: Node) -> int:
    """How many nodes there are when each alias is replaced by what it stands for.

    An alias is the node itself once more, so a node is counted once and its number used wherever
    it stands; one that holds itself has no end, and counts as too many.
    """
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, counted = waiting.pop()
        parts = _parts(node)
        if counted:
            open_nodes.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(part)] for part in parts)
        elif id(node) in open_nodes:
            return MOST_NODES + 1
        elif id(node) not in sizes:
            open_nodes.add(id(node))
            waiting.append((node, True))
            waiting += [(part, False) for part in parts if id(part) not in sizes]
    return sizes[id(root)]


def _parts(node: Node) -> list[Node]:
    if isinstance(node, SequenceNode):
        return list(node.value)
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return []


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
    value = str(node.value).strip()
    if any(category(sign) in ("Cc", "Cs") and sign not in "\t\n" for sign in value):
        problems.add(node, "expected_text", f"{what} holds a sign that cannot be printed.")
        return None
    return value


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


def currency(node: Node | None, what: str, problems: Problems) -> str | None:
    """A currency's ISO 4217 code, in capitals."""
    value = text(node, what, problems)
    if value is None or node is None or value.upper() in CURRENCIES:
        return value and value.upper()
    problems.add(
        node,
        "unknown_currency",
        f"'{value.upper()}' is no currency. Write its ISO 4217 code, such as EUR.",
    )
    return None


def boolean(node: Node, what: str, problems: Problems) -> bool | None:
    """true or false."""
    value = one_of(node, what, ("true", "false"), problems)
    return None if value is None else value == "true"
