"""Checking a file against the rules of FOCUS, block by block, and the score that comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import yaml

from bursar.connect.conformance.checks import Block, Logic, is_known
from bursar.connect.conformance.rules import Rule, RuleSet, read_model, rule_set
from bursar.connect.errors import BadWaivers, UnknownFocusVersion
from bursar.connect.focus import focus_version
from bursar.connect.raw import RawBlock
from bursar.connect.reading import raw_reading
from bursar.core.tables.focus_columns import VERSIONS

LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "RECOMMENDED", "MAY")
_OPTIONAL = {"MAY"}
_DISTINCT = "CheckDistinctCount"
_SHOWN = 120


@dataclass(frozen=True)
class Failure:
    """A rule that some rows break, or the file as a whole (`rows` is then 0)."""

    rule: str
    level: str
    column: str
    rows: int
    example: dict[str, Any]
    reason: str = ""
    """Why it is waived; empty where it is not."""

    def to_json(self) -> dict[str, Any]:
        told = {"rule": self.rule, "level": self.level, "column": self.column}
        return {**told, "rows": self.rows, "example": self.example} | (
            {"reason": self.reason} if self.reason else {}
        )


@dataclass(frozen=True)
class LevelScore:
    """How many rules of one level hold, fail, are waived, do not apply or cannot be checked."""

    passed: int = 0
    failed: int = 0
    waived: int = 0
    not_applicable: int = 0
    not_checkable: int = 0

    @property
    def ratio(self) -> str | None:
        """Passed of those that passed or failed, cut to four digits; nothing where none did."""
        judged = self.passed + self.failed
        return f"{self.passed * 10_000 // judged / 10_000:.4f}" if judged else None

    def to_json(self) -> dict[str, Any]:
        return {**self.__dict__, "ratio": self.ratio}


@dataclass(frozen=True)
class Conformance:
    """What a check found."""

    files: list[str]
    version: str
    origin: str
    rows: int
    score: dict[str, LevelScore]
    failures: list[Failure]
    waived: list[Failure]

    @property
    def is_conformant(self) -> bool:
        """Whether no rule fails that a file must follow."""
        return not any(self.score[level].failed for level in ("MUST", "MUST NOT"))

    def to_json(self) -> dict[str, Any]:
        return {
            "files": self.files,
            "version": self.version,
            "rules": self.origin,
            "rows": self.rows,
            "conformant": self.is_conformant,
            "score": {level: score.to_json() for level, score in self.score.items()},
            "failures": [failure.to_json() for failure in self.failures],
            "waived": [failure.to_json() for failure in self.waived],
        }


@dataclass
class _Tally:
    """One rule over all blocks."""

    rule: Rule
    judged: int = 0
    failed: int = 0
    example: dict[str, Any] = field(default_factory=dict)
    partners: dict[str, set[str]] = field(default_factory=dict)


def check(
    paths: Sequence[Path],
    *,
    version: str | None = None,
    model: Path | None = None,
    waivers: Path | None = None,
    supports: Sequence[str] = (),
) -> Conformance:
    """Hold files to the rules of their version (told from the columns), or of `version`.

    `model` is an official rule model in place of the rules that come with Bursar; `supports`
    names criteria that the provider fulfils, so that columns which depend on them must be there.
    Refusals: focus.unknown_version, focus.bad_model, focus.bad_waivers, and those of a file.
    """
    if version is not None and version not in VERSIONS:
        raise UnknownFocusVersion(
            f"there is no version {version} of FOCUS here; choose one of {', '.join(VERSIONS)}"
        )
    raw = raw_reading(paths)
    rules = read_model(model) if model else rule_set(version or focus_version(raw.headers))
    excused = {**read_waivers(_WAIVERS), **(read_waivers(waivers) if waivers else {})}
    tallies = [_Tally(rule) for rule in rules.rules.values()]
    rows = 0
    for block in raw.blocks():
        rows += block.rows_seen
        _count(tallies, block)
    if not rows:
        _count(tallies, _no_rows(raw.names))
    present = set(raw.names)
    fulfilled = set(supports) | _implied(rules, present)
    return _result(raw.files, (rules, rows), _judged(tallies, present, fulfilled), excused)


def _implied(rules: RuleSet, present: set[str]) -> set[str]:
    """What a provider supports who fills a column that depends on it."""
    found = [r for r in rules.rules.values() if r.kind == "Presence"]
    return {c for r in found if r.need["ColumnName"] in present for c in r.criteria}


_WAIVERS = Path(__file__).with_name("waivers.yaml")


def read_waivers(path: Path) -> dict[str, str]:
    """Rule → reason, from a YAML list of rule, reason, reference. Refusals: focus.bad_waivers."""
    try:
        entries = yaml.safe_load(path.read_text("utf-8")) or []
        return {
            str(entry["rule"]): f"{entry['reason']} ({entry.get('reference', 'no reference')})"
            for entry in entries
        }
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as failure:
        raise BadWaivers(
            f"{path.name}: this is no list of waivers ({failure}); write entries of rule, reason "
            "and reference"
        ) from failure


def _no_rows(names: Sequence[str]) -> RawBlock:
    table = pa.table({name: pa.nulls(0, pa.string()) for name in names})
    return RawBlock(table, pa.array([], pa.int64()), [])


def _count(tallies: Sequence[_Tally], raw: RawBlock) -> None:
    columns = {name.strip(): _one(raw.table[name]) for name in raw.table.column_names}
    block = Block(columns, raw.table.num_rows)
    for tally in tallies:
        if _is_judged(tally.rule, block):
            _judge(tally, block, raw)


def _is_judged(rule: Rule, block: Block) -> bool:
    return rule.is_checkable and rule.kind != "Presence" and block.has(rule.column)


def _judge(tally: _Tally, block: Block, raw: RawBlock) -> None:
    need = tally.rule.need
    applies = block.answer(tally.rule.when) if tally.rule.when else block.all(True)
    if _is_distinct(tally.rule):
        _gather(tally, need, block, applies)
        return
    if not is_known(need):
        return
    holds = block.answer(need)
    judged = pc.and_(pc.fill_null(applies, False), pc.is_valid(holds))
    broken = pc.and_(judged, pc.invert(pc.fill_null(holds, True)))
    tally.judged += pc.sum(judged).as_py() or 0
    failed = pc.sum(broken).as_py() or 0
    if failed and not tally.example:
        place = pc.index(broken, True).as_py()
        value = block.text(tally.rule.column)[place].as_py()
        shown = None if value is None else str(value)[:_SHOWN]
        tally.example = {
            "row": raw.rows[place].as_py(), "column": tally.rule.column, "value": shown,
        }  # fmt: skip
    tally.failed += failed


def _gather(tally: _Tally, need: Logic, block: Block, applies: pa.Array) -> None:
    """Which values of B stand beside each value of A, over the whole file."""
    pairs = pa.table(
        {"a": block.text(need["ColumnAName"]), "b": block.text(need["ColumnBName"])}
    ).filter(pc.fill_null(applies, False))
    for row in pairs.group_by(["a", "b"]).aggregate([]).to_pylist():
        if row["a"] is not None and row["b"] is not None:
            tally.partners.setdefault(row["a"], set()).add(row["b"])


def _judged(
    tallies: Sequence[_Tally], present: set[str], supports: set[str]
) -> Iterator[tuple[_Tally, str]]:
    """Each rule with its standing: passed, failed, not_applicable or not_checkable."""
    for tally in tallies:
        rule = tally.rule
        if not rule.is_checkable or not (is_known(rule.need) or _is_distinct(rule)):
            yield tally, "not_checkable"
        elif rule.kind == "Presence":
            yield tally, _presence(tally, present, supports)
        elif not set(rule.criteria) <= supports:
            yield tally, "not_applicable"
        elif _is_distinct(rule):
            yield tally, _distinct(tally)
        elif not tally.judged:
            yield tally, "not_applicable"
        else:
            yield tally, "failed" if tally.failed else "passed"


def _is_distinct(rule: Rule) -> bool:
    return rule.need.get("CheckFunction") == _DISTINCT


def _presence(tally: _Tally, present: set[str], supports: set[str]) -> str:
    """A column that depends on what the provider supports may be missing where nobody says so."""
    rule = tally.rule
    if rule.need["ColumnName"] in present:
        return "passed"
    if rule.level in _OPTIONAL or (rule.criteria and not set(rule.criteria) <= supports):
        return "not_applicable"
    tally.example = {"row": None, "column": rule.need["ColumnName"], "value": "no such column"}
    return "failed"


def _distinct(tally: _Tally) -> str:
    wanted = tally.rule.need["ExpectedCount"]
    broken = {a: b for a, b in tally.partners.items() if len(b) != wanted}
    if not tally.partners:
        return "not_applicable"
    if not broken:
        return "passed"
    first = min(broken)
    tally.failed = len(broken)
    shown = f"{first} → {', '.join(sorted(broken[first]))}"[:_SHOWN]
    tally.example = {"row": None, "column": tally.rule.need["ColumnAName"], "value": shown}
    return "failed"


def _result(
    files: list[str],
    known: tuple[RuleSet, int],
    judged: Iterator[tuple[_Tally, str]],
    excused: Mapping[str, str],
) -> Conformance:
    rules, rows = known
    counts: dict[str, Counter[str]] = {level: Counter() for level in LEVELS}
    failures: list[Failure] = []
    waived: list[Failure] = []
    for tally, standing in judged:
        rule = tally.rule
        counted = standing
        if standing == "failed" and rule.level in _OPTIONAL:
            counted = "passed"
        elif standing == "failed":
            reason = excused.get(rule.id, "")
            found = Failure(rule.id, rule.level, rule.column, tally.failed, tally.example, reason)
            (waived if reason else failures).append(found)
            counted = "waived" if reason else standing
        counts[rule.level][counted] += 1
    failures.sort(key=lambda f: (LEVELS.index(f.level), -f.rows, f.rule))
    return Conformance(
        files=files,
        version=rules.version,
        origin=rules.origin,
        rows=rows,
        score={level: LevelScore(**counts[level]) for level in LEVELS if counts[level]},
        failures=failures,
        waived=waived,
    )


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
