"""The derived lines of confirmed groups: reversals and residuals (rules E8-E11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bursar.core.calc.evidence.netting import LevelCosts, Netted, net
from bursar.core.calc.evidence.units import RANK, Conversion
from bursar.core.money.amount import exact_text
from bursar.core.money.currency import minor_digits
from bursar.core.tables.cost_line import COST_LINE
from bursar.core.tables.cube import BASES, COST_COLUMN
from bursar.core.tables.table import MOMENT
from bursar.lake.ledger import Ledger
from bursar.lake.lines import LINE_ID
from bursar.record.evidence.selectors import Selector, moment
from bursar.record.models import EvidenceGroup, EvidenceMember, GroupState

SOURCE = "matches"
"""The source that the derived lines of matches belong to."""

_TYPES = {column.name: column.type for column in COST_LINE.columns}
_MEMBER = "member of a group"
_NOT_CARRIED = frozenset(
    {"source", "dim_id", "source_file", "source_row", "batch_id", LINE_ID, _MEMBER,
     *COST_COLUMN.values(), "consumed_quantity", "pricing_quantity",
     "commitment_discount_quantity"}
)  # fmt: skip


@dataclass(frozen=True)
class GroupLines:
    """A confirmed group as it stands in the ledger now."""

    group: EvidenceGroup
    levels: tuple[LevelCosts, ...]
    lines: dict[str, list[dict[str, Any]]]
    """Whole lines of every level but the most detailed one."""


def confirmed_groups() -> list[EvidenceGroup]:
    rows = EvidenceGroup.objects.filter(state=GroupState.CONFIRMED).order_by("group_id")
    return list(rows.prefetch_related("members"))


def read_groups(ledger: Ledger, groups: Sequence[EvidenceGroup]) -> list[GroupLines]:
    """The lines in force of these groups' members, in the order of the groups."""
    whole: list[EvidenceMember] = []
    summed: list[EvidenceMember] = []
    for group in groups:
        members = list(group.members.all())
        finest = max((RANK[m.level] for m in members), default=0)
        for member in members:
            (summed if RANK[member.level] == finest else whole).append(member)
    lines = _lines_by_member(ledger, whole)
    sums = _sums_by_member(ledger, summed)
    return [_group_lines(group, lines, sums) for group in groups]


def _group_lines(
    group: EvidenceGroup,
    lines: dict[int, list[dict[str, Any]]],
    sums: dict[int, list[dict[str, Any]]],
) -> GroupLines:
    costs: dict[str, list[dict[str, Any]]] = {}
    rows: dict[str, list[dict[str, Any]]] = {}
    for member in group.members.all():
        if member.pk in lines:
            found = lines[member.pk]
            rows.setdefault(member.level, []).extend(found)
            costs.setdefault(member.level, []).extend(found)
        elif member.pk in sums:
            costs.setdefault(member.level, []).extend(sums[member.pk])
    rate = conversion_of(group)
    levels = tuple(
        LevelCosts(level, tuple(_costs(row, rate) for row in held)) for level, held in costs.items()
    )
    return GroupLines(group, levels, rows)


def conversion_of(group: EvidenceGroup) -> Conversion | None:
    """The rate that was stated when the group was proposed, where two currencies meet."""
    return Conversion.from_json(group.conversion) if group.conversion else None


def _costs(row: dict[str, Any], rate: Conversion | None) -> dict[str, Any]:
    costs = {basis: row[COST_COLUMN[basis]] for basis in BASES}
    if rate is None or row["billing_currency"] != rate.source:
        return costs
    return {b: None if a is None else rate.converted(a) for b, a in costs.items()}


def netted_lines(ledger: Ledger) -> pa.Table:
    """All reversals and residuals that confirmed groups ask for, as cost lines."""
    rows: list[dict[str, Any]] = []
    reversed_already: set[str] = set()
    for found in read_groups(ledger, confirmed_groups()):
        own = {line[LINE_ID] for lines in found.lines.values() for line in lines}
        if own & reversed_already:
            continue  # a restatement made two groups mean the same line; the first one counts
        reversed_already |= own
        rows += rows_of(found)
    return _as_table(rows)


def rows_of(found: GroupLines) -> list[dict[str, Any]]:
    """The derived lines of one group, each beside the summary line that it comes from."""
    rows: list[dict[str, Any]] = []
    for one in net(found.levels, minor_digits(found.group.currency)):
        line = found.lines[one.level][one.line]
        finer = _told(found, one)
        rows.append(_derived(line, found, one.reversal, f"Counted as {finer}: reversed"))
        if one.residual:
            rows.append(_derived(line, found, one.residual, f"Not explained by {finer}"))
    return rows


def _told(found: GroupLines, one: Netted) -> str:
    """The next finer evidence in words: which source replaces this line."""
    members = [m for m in found.group.members.all() if RANK[m.level] > RANK[one.level]]
    nearest = min((RANK[m.level] for m in members), default=0)
    rate = conversion_of(found.group)
    at = f" at {exact_text(rate.rate)} {rate.target} for 1 {rate.source}" if rate else ""
    labels = sorted({m.label for m in members if RANK[m.level] == nearest})
    sources = sorted({m.source for m in members if RANK[m.level] == nearest})
    told = f"{', '.join(sources)} ({labels[0]})" if len(labels) == 1 else ", ".join(sources)
    return told + at


def _derived(
    line: dict[str, Any], found: GroupLines, costs: dict[str, Any], text: str
) -> dict[str, Any]:
    row = {name: value for name, value in line.items() if name not in _NOT_CARRIED}
    row |= {COST_COLUMN[basis]: amount for basis, amount in costs.items()}
    said = line.get("charge_description")
    row["charge_description"] = f"{text}. {said}" if said else f"{text}."
    row["record_ref"] = line[LINE_ID]
    row["evidence_group"] = found.group.group_id
    return row


def _as_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    names = [c.name for c in COST_LINE.columns if c.name not in _NOT_CARRIED]
    names += list(COST_COLUMN.values())
    names += sorted({name for row in rows for name in row} - set(names))
    return pa.table(
        {
            name: pa.array([row.get(name) for row in rows], _TYPES.get(name, pa.string()))
            for name in names
        }
    )


def _lines_by_member(
    ledger: Ledger, members: Iterable[EvidenceMember]
) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for keys in _keys(members):
        for row in ledger.lines.chosen(keys, of=_MEMBER).to_pylist():
            found.setdefault(row[_MEMBER], []).append(row)
    return found


def _sums_by_member(
    ledger: Ledger, members: Iterable[EvidenceMember]
) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in divided_sums(ledger, members, ["billing_currency"]):
        found.setdefault(row[_MEMBER], []).append(row)
    return found


def finest_members(groups: Iterable[EvidenceGroup]) -> list[EvidenceMember]:
    """The most detailed evidence of each group: what stands when it counts once."""
    found = []
    for group in groups:
        members = list(group.members.all())
        finest = max((RANK[m.level] for m in members), default=0)
        found += [member for member in members if RANK[member.level] == finest]
    return found


def divided_sums(
    ledger: Ledger, members: Iterable[EvidenceMember], by: Sequence[str]
) -> list[dict[str, Any]]:
    """Sums of these members' lines by further columns of the lines."""
    return [
        row
        for keys in _keys(members)
        for row in ledger.lines.sums_of(keys, of=_MEMBER, by=by).to_pylist()
    ]


def _keys(members: Iterable[EvidenceMember]) -> Iterable[pa.Table]:
    """Selectors of the same columns become one table, so that few scans find all lines."""
    shapes: dict[tuple[str, ...], list[tuple[int, Selector]]] = {}
    for member in members:
        shape = tuple(sorted(member.selector))
        shapes.setdefault(shape, []).append((member.pk, member.selector))
    for shape, held in sorted(shapes.items()):
        yield pa.table(
            {
                _MEMBER: pa.array([pk for pk, _ in held], pa.int64()),
                **{name: _values(name, [s[name] for _, s in held]) for name in shape},
            }
        )


def _values(name: str, texts: Sequence[str | None]) -> pa.Array:
    if _TYPES.get(name) == MOMENT:
        return pa.array([None if t is None else moment(t) for t in texts], MOMENT)
    return pa.array(texts, pa.string())
