"""What one run of the cost model leaves behind: nodes, the edges between them, and who pays.

A *node* is one combination of the layers reached so far. A step fills one missing layer of a
node and so moves its money, edge by edge, to nodes that have that layer. Amounts are integers
in units of 10^-scale of the node's currency, written as text-free decimals of scale 0, so that
an amount of any size stays exact; the run's `scale` says where the point is.
"""

from __future__ import annotations

import pyarrow as pa

from bursar.core.tables.table import Column, Table

UNITS = pa.decimal128(38, 0)
"""A whole number of units of 10^-scale of a currency."""

CLASSIFIED_DIMENSION = Table(
    name="classified_dimension",
    meaning="What the model's rules decided for each dimension, frozen with the run.",
    writer="allocate.run",
    columns=(
        Column("dim_id", pa.int64(), "The combination of ledger columns; one row each.", False),
        Column("cost_pool", pa.string(), "'Pool / Sub-pool'; null is unclassified."),
        Column("tower", pa.string(), "'Tower / Sub-tower'; null until a step sets it."),
        Column("solution", pa.string(), "Solution; null until a step sets it."),
        Column("consumer", pa.string(), "Directly owned consumer; null until a step sets it."),
        Column("rules", pa.string(), "Names of the rules that decided, joined by '; '."),
    ),
)
"""A layer is null too where rules that look at lines decided differently within one dimension.

With the cubes of the frozen batches, which never change, these rows say at which node every cell of
the ledger entered the model; so that is not stored once more, cell by cell.
"""

ALLOCATION_NODE = Table(
    name="allocation_node",
    meaning="Every combination of layers that money passed through in a run.",
    writer="allocate.run",
    columns=(
        Column("node_id", pa.int64(), "Number of the node within the run.", False),
        Column("legal_entity", pa.string(), "Who bears the cost by law.", False),
        Column("currency", pa.string(), "ISO 4217 code of the amounts.", False),
        Column("cost_pool", pa.string(), "Cost sub-pool, or null."),
        Column("tower", pa.string(), "Sub-tower, or null."),
        Column("solution", pa.string(), "Solution, or null."),
        Column("consumer", pa.string(), "Consumer, or null."),
        Column("direct_units", UNITS, "What entered here from the ledger itself.", False),
        Column("total_units", UNITS, "What passed through: direct plus every inbound edge.", False),
    ),
)

ALLOCATION_TRACE = Table(
    name="allocation_trace",
    meaning="Every movement of money between two nodes, with the rule that caused it.",
    writer="allocate.run",
    columns=(
        Column("step", pa.int32(), "Position of the step in the model, from 1.", False),
        Column("from_node", pa.int64(), "Node that gave.", False),
        Column("to_node", pa.int64(), "Node that took.", False),
        Column("units", UNITS, "Amount moved; signed.", False),
        Column("rule", pa.string(), "Name of the allocation rule.", False),
        Column("driver", pa.string(), "Driver that measured the split, where one did."),
    ),
)

ALLOCATION_EXCHANGE = Table(
    name="allocation_exchange",
    meaning="What the members of a layer charged each other before their cost left the circle.",
    writer="allocate.run",
    columns=(
        Column("step", pa.int32(), "Position of the step in the model, from 1.", False),
        Column("legal_entity", pa.string(), "Who bears the cost by law.", False),
        Column("currency", pa.string(), "ISO 4217 code of the amounts.", False),
        Column("giver", pa.string(), "Member that charged.", False),
        Column("taker", pa.string(), "Member that was charged; null is unallocated or retained."),
        Column("units", UNITS, "Charged in all, gross of what came back; rounded once.", False),
    ),
)
"""It explains the edges of a reciprocal step, which lead straight to where cost ends up."""

ALLOCATED_LINE = Table(
    name="allocated_line",
    meaning="Where the money of a run came to rest; the sum of a period is its cost.",
    writer="allocate.run",
    columns=(
        Column("period", pa.string(), "Posting period.", False),
        Column("scenario", pa.string(), "'actual', or the name of a what-if.", False),
        Column("basis", pa.string(), "billed, effective, contracted, list or booked.", False),
        Column("legal_entity", pa.string(), "Who bears the cost by law.", False),
        Column("currency", pa.string(), "ISO 4217 code.", False),
        Column("node_id", pa.int64(), "The node where the money rests.", False),
        Column(
            "outcome",
            pa.string(),
            "allocated, unallocated, retained, recovery_gap or markup.",
            False,
        ),
        Column("cost_pool", pa.string(), "Cost sub-pool; null is unclassified."),
        Column("tower", pa.string(), "Sub-tower, or null."),
        Column("solution", pa.string(), "Solution, or null."),
        Column("consumer", pa.string(), "Who pays; null unless allocated."),
        Column("amount", pa.decimal128(38, 24), "Amount in main units, exact.", False),
        Column("reason", pa.string(), "Why it rests there, where it is not allocated; else null."),
    ),
)
