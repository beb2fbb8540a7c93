"""Reads YAML whose keys may stand once only: a second one would silently replace the first."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.events import AliasEvent
from yaml.nodes import MappingNode

from bursar.office.reference.errors import BadCrosswalk, DuplicateMember

_LONGEST = 400_000
"""Characters; the longest shipped text has a tenth of that."""


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses a key which stands twice, and names that stand for others."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(AliasEvent):
            raise ComposerError(
                None,
                None,
                "an alias (`*name`) is not read; write it out",
                None,
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise DuplicateMember(
                    f"{self.name}, line {line}: '{key.value}' stands twice. Keep one of them."
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


# 0.1 stays the text '0.1': a share is a fraction, never a binary float.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":float")]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_once(text: str, where: str) -> dict[str, Any]:
    """The map that a text states. Refuses reference.duplicate_member, reference.bad_crosswalk."""
    if len(text) > _LONGEST:
        raise BadCrosswalk(f"{where} has more than {_LONGEST:,} characters; send rows only.")
    try:
        loader = _Loader(text)
        loader.name = where
        content = loader.get_single_data()
    except (yaml.YAMLError, RecursionError) as trouble:
        told = " ".join(str(trouble).split())[:300]
        raise BadCrosswalk(f"{where} is not readable as YAML: {told}") from trouble
    if not isinstance(content, dict):
        raise BadCrosswalk(f"{where} is no map of keys; begin with `from:` and `to:`.")
    return content
