"""What clusters cost, by namespace, label, node or part, with idle and platform cost visible."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from bursar.core.calc.clusters.weights import PARTS
from bursar.core.money.amount import EXACT, exact_sum, exact_text
from bursar.lake.day_sums import batch_sums
from bursar.office.people.scope import Scope
from bursar.record.clusters.queries import split_batches
from bursar.record.ledger import open_ledger
from bursar.record.models import Cluster
from bursar.report.balance import require_everything
from bursar.report.dimensions import require_basis
from bursar.report.errors import UnknownDimension

BY = ("namespace", "part", "node", "label")
_COLUMNS = {
    "namespace": "x_namespace",
    "part": "x_cluster_part",
    "node": "resource_id",
    "label": "allocated_tags",
}
_REVERSAL = "reversal"
_FIELDS = (
    "name", "state", "extent", "sub_account", "tag_key", "tag_value", "driver", "idle",
    "platform", "label_keys", "version", "problem",
)  # fmt: skip


@dataclass(frozen=True)
class ClusterRow:
    """Cost of one key in one part of a cluster; `key` is None where the part has none."""

    cluster: str
    period: str
    part: str
    key: str | None
    currency: str
    amount: Decimal
    lines: int

    def to_json(self, by: str) -> dict[str, Any]:
        return {
            "cluster": self.cluster,
            "period": self.period,
            "part": self.part,
            by: self.key,
            "currency": self.currency,
            "amount": exact_text(self.amount),
            "lines": self.lines,
        }


@dataclass(frozen=True)
class ClusterCosts:
    """Rows, and per currency what was taken out of bills: both sums are always equal."""

    basis: str
    by: str
    rows: tuple[ClusterRow, ...]
    taken: dict[str, Decimal]

    @property
    def totals(self) -> dict[str, Decimal]:
        return sums_by_currency(self.rows)

    def to_json(self) -> dict[str, Any]:
        """`{"basis", "by", "rows", "totals", "taken", "holds"}`; amounts are exact."""
        return {
            "basis": self.basis,
            "by": self.by,
            "rows": [row.to_json(self.by.partition(":")[0]) for row in self.rows],
            "totals": amounts_json(self.totals),
            "taken": amounts_json(self.taken),
            "holds": self.totals == self.taken,
        }


def clusters(scope: Scope) -> list[dict[str, Any]]:
    """Every cluster with its settings. Raises BeyondScope for a restricted scope."""
    require_everything(scope, "The list of clusters")
    rows = Cluster.objects.select_related("bill")
    return [
        {field: getattr(row, field) for field in _FIELDS}
        | {"bill": row.bill.name if row.bill else None, "cpu_share": exact_text(row.cpu_share)}
        for row in rows
    ]


def cluster_costs(
    scope: Scope,
    *,
    cluster: str | None = None,
    by: str = "namespace",
    periods: Sequence[str] | None = None,
    basis: str = "effective",
) -> ClusterCosts:
    """Split cost by namespace, part, node or label (`label:app` for one key), largest first.

    Raises BeyondScope for a restricted scope, UnknownBasis, UnknownDimension.
    """
    require_everything(scope, "The cost of clusters")
    kind, _, label = by.partition(":")
    if kind not in BY or (label and kind != "label"):
        raise UnknownDimension(
            f"Cost of clusters does not come by '{by}'. Choose {', '.join(BY)} or label:KEY."
        )
    columns = list(dict.fromkeys(["x_cluster", "x_cluster_part", _COLUMNS[kind]]))
    found = batch_sums(
        open_ledger().lines, split_batches(cluster), columns, require_basis(basis)
    ).to_pylist()
    if periods is not None:
        found = [row for row in found if row["posting_period"] in periods]
    rows = _merged(
        ClusterRow(
            cluster=row["x_cluster"],
            period=row["posting_period"],
            part=row["x_cluster_part"],
            key=_key(row[_COLUMNS[kind]], label),
            currency=row["currency"],
            amount=row["amount"],
            lines=row["lines"],
        )
        for row in found
    )
    taken = [row for row in rows if row.part == _REVERSAL]
    kept = [row for row in rows if row.part != _REVERSAL]
    kept.sort(key=lambda r: (r.cluster, r.period, r.currency, -r.amount, r.part, r.key or ""))
    return ClusterCosts(
        basis=basis,
        by=by,
        rows=tuple(kept),
        taken={c: EXACT.minus(a) for c, a in sums_by_currency(taken).items()},
    )


def part_rank(part: str) -> int:
    """Parts in the order in which people read them."""
    return PARTS.index(part) if part in PARTS else len(PARTS)


def sums_by_currency(rows: Iterable[Any]) -> dict[str, Decimal]:
    """Exact sums of rows that have `currency` and `amount`."""
    amounts: dict[str, list[Decimal]] = {}
    for row in rows:
        amounts.setdefault(row.currency, []).append(row.amount)
    return {currency: exact_sum(found) for currency, found in sorted(amounts.items())}


def amounts_json(sums: dict[str, Decimal]) -> list[dict[str, str]]:
    return [{"currency": c, "amount": exact_text(a)} for c, a in sums.items()]


def _key(value: str | None, label: str) -> str | None:
    if not label or not value:
        return value
    found = json.loads(value).get(label)
    return None if found is None else str(found)


def _merged(rows: Iterable[ClusterRow]) -> list[ClusterRow]:
    """One row per key: several sets of labels may have the same value of one label."""
    found: dict[tuple[Any, ...], ClusterRow] = {}
    for row in rows:
        key = (row.cluster, row.period, row.part, row.key, row.currency)
        known = found.get(key)
        if known is not None:
            amount = EXACT.add(known.amount, row.amount)
            found[key] = replace(row, amount=amount, lines=known.lines + row.lines)
        else:
            found[key] = row
    return list(found.values())
