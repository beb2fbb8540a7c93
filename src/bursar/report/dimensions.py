"""What cost can be grouped and filtered by, and how a value that is not set is printed."""

from __future__ import annotations

from collections.abc import Iterable

from bursar.core.tables.cube import BASES, DIMENSION_COLUMNS
from bursar.lake.engines.duckdb import quoted
from bursar.report.errors import UnknownBasis, UnknownDimension

UNCLASSIFIED = "Unclassified"
NO_TOWER = "No tower"
NO_SOLUTION = "No solution"
UNALLOCATED = "Unallocated"
RETAINED = "Retained"

LAYERS = (
    "pool", "cost_pool", "tower_group", "tower", "solution", "business_unit", "consumer",
)  # fmt: skip
"""Layers of the model; `pool` and `tower_group` are the parents of cost_pool and tower."""

RESTING = ("outcome", "reason")
"""How allocated money came to rest; only the allocated view knows."""

UNSET = {
    "pool": UNCLASSIFIED, "cost_pool": UNCLASSIFIED, "tower_group": NO_TOWER, "tower": NO_TOWER,
    "solution": NO_SOLUTION, "business_unit": UNALLOCATED, "consumer": UNALLOCATED,
    "outcome": "unallocated", "reason": "not run",
}  # fmt: skip
"""What stands in each layer where no run decided anything."""

COMMON = ("period", "legal_entity", "currency")
"""Known to both the ledger and the model."""

DAY = "day"
_ALIASES = {"posting_period": "period"}


def canonical(names: Iterable[str]) -> tuple[str, ...]:
    """Names as written here, each once; currency is left out, for every row has it anyway."""
    known = (_ALIASES.get(name.strip(), name.strip()) for name in names)
    return tuple(dict.fromkeys(name for name in known if name and name != "currency"))


def is_ledger(name: str) -> bool:
    """Whether only the ledger knows this dimension."""
    return name not in LAYERS + RESTING + COMMON


def require_basis(basis: str) -> str:
    if basis not in BASES:
        raise UnknownBasis(f"'{basis}' is no basis of cost. Choose one of {', '.join(BASES)}.")
    return basis


def require_dimension(name: str, ledger: Iterable[str]) -> str:
    """The name itself, if it is a dimension. Raises UnknownDimension, naming those there are."""
    if not is_ledger(name) or name == DAY or name in set(ledger) | set(DIMENSION_COLUMNS):
        return name
    choices = ", ".join([*LAYERS, *RESTING, *COMMON[:2], DAY, *DIMENSION_COLUMNS[1:]])
    raise UnknownDimension(
        f"There is no dimension '{name}' in the ledger. Choose from {choices}, a promoted tag as "
        "tag.<key>, or a promoted column as x_<name>; the model's `promote` list adds them."
    )


def allocated_sql(name: str) -> str:
    """The value of a layer or common dimension in the table of allocated lines (`a`)."""
    consumer = f"CASE a.outcome WHEN 'retained' THEN '{RETAINED}' ELSE '{UNALLOCATED}' END"
    expressions = {
        "outcome": "a.outcome",
        "reason": "coalesce(a.reason, '')",
        "period": "a.period",
        "consumer": f"coalesce(a.consumer, {consumer})",
        "business_unit": f"coalesce(p.unit, a.consumer, {consumer})",
    }
    return expressions.get(name) or _layer_sql(name, "a")


def classified_sql(name: str) -> str:
    """The value of a dimension where ledger cells (`c`) meet what the rules decided (`k`)."""
    expressions = {
        "period": "c.posting_period",
        "consumer": f"coalesce(k.consumer, '{UNALLOCATED}')",
        "business_unit": f"coalesce(p.unit, k.consumer, '{UNALLOCATED}')",
        "outcome": "'unallocated'",
        "reason": "'not run'",
        DAY: "CAST(c.day AS VARCHAR)",
    }
    if name in expressions:
        return expressions[name]
    return _layer_sql(name, "k") if name in LAYERS else f"c.{quoted(name)}"


def ledger_column(name: str) -> str:
    """The ledger's own name of a dimension."""
    return "posting_period" if name == "period" else name


def _layer_sql(name: str, table: str) -> str:
    unset = {
        "pool": ("cost_pool", UNCLASSIFIED),
        "cost_pool": ("cost_pool", UNCLASSIFIED),
        "tower_group": ("tower", NO_TOWER),
        "tower": ("tower", NO_TOWER),
        "solution": ("solution", NO_SOLUTION),
    }
    if name not in unset:
        return f"{table}.{quoted(name)}"
    column, printed = unset[name]
    value = f"{table}.{column}"
    if name in ("pool", "tower_group"):
        value = f"split_part({value}, ' / ', 1)"
    return f"coalesce({value}, '{printed}')"
