"""Nothing appears and nothing is lost: asserted twice, by different paths (rule S10)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from bursar.core.calc.allocation.split import Integers, as_integers
from bursar.core.calc.allocation.sums import sums_by_node
from bursar.core.money.units import integers_of
from bursar.core.refusal import InvariantBroken

_OWNER = ["legal_entity", "currency"]


def assert_conserved(nodes: pa.Table, trace: pa.Table, allocated: pa.Table) -> None:
    """Raise `InvariantBroken` unless what entered is what rests, in all and at every node."""
    assert_resting_equals_direct(nodes, allocated)
    assert_every_node_balances(nodes, trace, allocated)


def assert_resting_equals_direct(nodes: pa.Table, allocated: pa.Table) -> None:
    """First path: per legal entity and currency, the lines add up to the direct amounts."""
    entered = _sums(nodes, _OWNER, "direct_units")
    rests = _sums(allocated, _OWNER, "units")
    for owner in sorted(entered.keys() | rests.keys()):
        if entered.get(owner, 0) != rests.get(owner, 0):
            raise InvariantBroken(
                f"{owner[0]} {owner[1]}: {entered.get(owner, 0)} units entered the run, "
                f"{rests.get(owner, 0)} came to rest"
            )


def assert_every_node_balances(nodes: pa.Table, trace: pa.Table, allocated: pa.Table) -> None:
    """Second path: at each node, direct and inbound equal the total; so do outbound and resting."""
    count = nodes.num_rows
    # `as_integers` leaves room for one addition.
    direct = as_integers(integers_of(nodes["direct_units"]))
    total = integers_of(nodes["total_units"])
    inbound = _by_node(count, trace["to_node"], trace["units"])
    outbound = _by_node(count, trace["from_node"], trace["units"])
    rests = _by_node(count, allocated["node_id"], allocated["units"])
    _assert_equal("direct and inbound", direct + inbound, total)
    _assert_equal("outbound and resting", outbound + rests, total)
    for column in _OWNER:
        codes = nodes[column].combine_chunks().dictionary_encode().indices.to_numpy()
        if (codes[trace["from_node"].to_numpy()] != codes[trace["to_node"].to_numpy()]).any():
            raise InvariantBroken(f"an edge of the run leaves its {column}")


def _by_node(count: int, node_ids: pa.ChunkedArray, units: pa.ChunkedArray) -> Integers:
    return sums_by_node(count, node_ids.to_numpy(), integers_of(units))


def _assert_equal(what: str, found: Integers, total: Integers) -> None:
    wrong = np.flatnonzero(found != total)
    if len(wrong):
        node = int(wrong[0])
        left = int(found[node]) - int(total[node])
        raise InvariantBroken(f"node {node}: {what} differ from its total by {left} units")


def _sums(table: pa.Table, keys: list[str], column: str) -> dict[tuple[str, ...], int]:
    grouped = table.group_by(keys).aggregate([(column, "sum")])
    names = zip(*(grouped[key].to_pylist() for key in keys), strict=True)
    return {
        name: int(value)
        for name, value in zip(names, grouped[f"{column}_sum"].to_pylist(), strict=True)
    }
