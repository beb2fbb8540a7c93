"""Nothing appears and nothing is lost: asserted twice, by different paths (rule S10)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

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
    inbound = trace.select(["to_node", "units"]).rename_columns(["node_id", "units"])
    outbound = trace.select(["from_node", "units"]).rename_columns(["node_id", "units"])
    direct = nodes.select(["node_id", "direct_units"]).rename_columns(["node_id", "units"])
    total = nodes.select(["node_id", "total_units"]).rename_columns(["node_id", "units"])
    rests = allocated.select(["node_id", "units"])
    _assert_equal_by_node("direct and inbound", [direct, inbound], total)
    _assert_equal_by_node("outbound and resting", [outbound, rests], total)
    for column in _OWNER:
        names = nodes[column]
        stays = pc.equal(names.take(trace["from_node"]), names.take(trace["to_node"]))
        if not pc.all(stays, min_count=0).as_py():
            raise InvariantBroken(f"an edge of the run leaves its {column}")


def _assert_equal_by_node(what: str, parts: list[pa.Table], total: pa.Table) -> None:
    negated = total.set_column(1, "units", pc.negate(total["units"]))
    balance = pa.concat_tables([*parts, negated], promote_options="permissive")
    left = balance.group_by("node_id").aggregate([("units", "sum")])
    wrong = left.filter(pc.not_equal(left["units_sum"], pa.scalar(0, left["units_sum"].type)))
    if wrong.num_rows:
        node, units = wrong["node_id"][0].as_py(), wrong["units_sum"][0].as_py()
        raise InvariantBroken(f"node {node}: {what} differ from its total by {units} units")


def _sums(table: pa.Table, keys: list[str], column: str) -> dict[tuple[str, ...], int]:
    grouped = table.group_by(keys).aggregate([(column, "sum")])
    names = zip(*(grouped[key].to_pylist() for key in keys), strict=True)
    return {
        name: int(value)
        for name, value in zip(names, grouped[f"{column}_sum"].to_pylist(), strict=True)
    }
