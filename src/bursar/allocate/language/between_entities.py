"""The `intercompany` part: which pools are passed through or borne by the shareholder."""

from __future__ import annotations

from yaml.nodes import Node

from bursar.allocate.language.members import Members
from bursar.allocate.language.nodes import fields, items, text
from bursar.allocate.language.problems import Problems
from bursar.core.calc.allocation.intercompany import Intercompany

KEYS = ("pass_through", "shareholder")


def read_intercompany(
    node: Node | None, members: Members, problems: Problems
) -> Intercompany | None:
    """None where the model has no such key: then no agreement changes what is charged."""
    if node is None:
        return None
    found = fields(node, "`intercompany`", KEYS, problems)
    pools: dict[str, tuple[str, ...]] = {}
    for key in KEYS:
        named: list[str] = []
        for entry in items(found.get(key), f"`{key}`", problems):
            told = text(entry, f"A pool under `{key}`", problems)
            pool = members.check("cost_pool", told, entry, problems) if told else None
            if pool in (*named, *(one for listed in pools.values() for one in listed)):
                problems.add(entry, "duplicate_member", f"'{pool}' stands twice. Keep one.")
            elif pool:
                named.append(pool)
        pools[key] = tuple(named)
    return Intercompany(**pools)
