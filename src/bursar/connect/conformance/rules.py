"""The rules of a version of FOCUS, as data: what each asks of which column, and when.

`rules-1.2.json` holds the facts of the official model 1.2 (identifiers, levels and logic, no
sentences). The official models of other versions run as they are when somebody names the file.
For versions without a model here, the rules of 1.2 that still speak of existing columns apply,
and beside them what the standard's column list says: presence, type and null. Those have
identifiers of our own: `<Column>-presence`, `-type`, `-null`, `-values`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bursar.connect.errors import BadRuleModel
from bursar.core.tables.focus_columns import ALLOWED, FOCUS, FocusColumn

Logic = Mapping[str, Any]
"""A check function with its arguments, as the official models write it."""

MODELLED = "1.2"
_HERE = Path(__file__).parent
_COLUMN_ARGUMENTS = ("ColumnName", "ColumnAName", "ColumnBName", "ResultColumnName")


@dataclass(frozen=True)
class Rule:
    """One rule: `need` must hold wherever `when` does (always, where it is empty)."""

    id: str
    level: str
    """MUST, MUST NOT, SHOULD, SHOULD NOT, RECOMMENDED or MAY."""
    kind: str
    """Presence, Type, Format, Nullability or Validation."""
    column: str
    is_checkable: bool
    """False where only the provider knows whether it holds."""
    criteria: tuple[str, ...]
    """What the provider must support for the rule to apply."""
    need: Logic
    when: Logic = field(default_factory=dict)

    @property
    def columns(self) -> set[str]:
        """Every column that the rule looks at."""
        return {self.column, *_columns(self.need), *_columns(self.when)}


@dataclass(frozen=True)
class RuleSet:
    """The rules that a file of one version is held to, by their identifiers."""

    version: str
    origin: str
    rules: Mapping[str, Rule]


def rule_set(version: str) -> RuleSet:
    """The rules that come with Bursar for a version of the standard."""
    modelled = _official(json.loads((_HERE / f"rules-{MODELLED}.json").read_text("utf-8")))
    if version == MODELLED:
        return RuleSet(version, f"official model {MODELLED}", modelled)
    names = {column.focus for column in FOCUS if column.in_version(version)}
    kept = {
        rule.id: rule
        for rule in modelled.values()
        if rule.kind != "Presence" and rule.columns <= names
    }
    ours = {rule.id: rule for rule in _from_columns(version, {r.column for r in kept.values()})}
    origin = f"column list {version}, and rules of model {MODELLED} on columns that it keeps"
    return RuleSet(version, origin, {**ours, **kept})


def read_model(path: Path) -> RuleSet:
    """An official rule model from a file, JSON or gzipped JSON. Refusals: focus.bad_model."""
    try:
        raw = path.read_bytes()
        content = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        found = content.get("ModelRules") or content.get("ConformanceRules")
        version = str(content["Details"].get("FOCUSVersion") or content["Details"]["ModelVersion"])
        rules = _official({key: compact(rule) for key, rule in found.items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as failure:
        raise BadRuleModel(
            f"{path.name}: this is no rule model of FOCUS ({failure}); give the JSON file that "
            "the FOCUS validator publishes, or leave --model out"
        ) from failure
    return RuleSet(version, f"official model {path.name}", rules)


def compact(official: Mapping[str, Any]) -> list[Any]:
    """One rule of an official model without its sentences, as `rules-1.2.json` keeps it."""
    criteria = official["ValidationCriteria"]
    return [
        criteria["Keyword"],
        official["Function"],
        official["Reference"],
        official["Type"] == "Static",
        list(official.get("ApplicabilityCriteria", ())),
        criteria.get("Requirement") or {},
        criteria.get("Condition") or {},
    ]


def _official(facts: Mapping[str, list[Any]]) -> dict[str, Rule]:
    """The rules of a model that are judged: parts of an alternative only together."""
    rules = {
        key: Rule(key, level, kind, column, is_checkable, tuple(criteria), _mended(need),
                  _mended(when))
        for key, (level, kind, column, is_checkable, criteria, need, when) in facts.items()
    }  # fmt: skip
    found, parts = {}, set()
    for rule in rules.values():
        chosen = _alternatives(rule, rules)
        parts |= {part.id for part in chosen}
        if chosen or rule.kind != "Composite":
            found[rule.id] = _either(rule, chosen) if chosen else rule
    return {key: rule for key, rule in found.items() if key not in parts}


def _alternatives(rule: Rule, rules: Mapping[str, Rule]) -> list[Rule]:
    """The rules of which a composite asks that one holds."""
    if rule.kind != "Composite" or rule.need.get("CheckFunction") != "OR":
        return []
    return [rules[item["ModelRuleId"]] for item in rule.need["Items"] if "ModelRuleId" in item]


def _either(rule: Rule, parts: list[Rule]) -> Rule:
    items = [{"When": part.when, "Need": part.need} for part in parts]
    return replace(
        rule,
        kind="Validation",
        is_checkable=all(part.is_checkable for part in parts),
        need={"CheckFunction": "EITHER", "Alternatives": items},
    )


def _mended(logic: Any) -> Any:
    """Model 1.2 twice calls the column `CheckCondition`, and twice leaves a function's name out."""
    if isinstance(logic, Mapping):
        if list(logic) == ["AND"]:
            parts = logic["AND"] if isinstance(logic["AND"], list) else [logic["AND"]]
            return {"CheckFunction": "AND", "Items": [_mended(part) for part in parts]}
        renamed = {"ColumnName" if k == "CheckCondition" else k: v for k, v in logic.items()}
        return {name: _mended(value) for name, value in renamed.items()}
    return [_mended(part) for part in logic] if isinstance(logic, list) else logic


def _columns(logic: Any) -> Iterator[str]:
    if isinstance(logic, Mapping):
        for name, value in logic.items():
            if name in _COLUMN_ARGUMENTS:
                yield value
            else:
                yield from _columns(value)
    elif isinstance(logic, list):
        for part in logic:
            yield from _columns(part)


_LEVELS = {"mandatory": "MUST", "recommended": "RECOMMENDED", "conditional": "MAY"}


def _from_columns(version: str, modelled: set[str]) -> Iterator[Rule]:
    """What the column list says; types and values only of columns that the model lacks."""
    for column in FOCUS:
        if not column.in_version(version):
            continue
        standing = column.standing_in(version)
        present = {"CheckFunction": "ColumnPresent", "ColumnName": column.focus}
        yield _ours(column, "presence", _LEVELS[standing.level], present)
        if column.focus in modelled:
            continue
        if not standing.nullable:
            need = {"CheckFunction": "CheckNotValue", "ColumnName": column.focus, "Value": None}
            yield _ours(column, "null", "MUST", need)
        yield from _types_and_values(column)


_TYPES = {
    "text": ("TypeString",),
    "json": ("FormatKeyValue",),
    "decimal": ("TypeDecimal", "FormatNumeric"),
    "moment": ("TypeDateTime", "FormatDateTime"),
}
_ARRAYS = frozenset({"AllocatedMethodDetails", "ContractApplied",
                     "CommitmentProgramEligibilityDetails"})  # fmt: skip
"""JSON objects that hold lists, so that they are no plain key-value columns."""


def _types_and_values(column: FocusColumn) -> Iterator[Rule]:
    checks = ("FormatObject",) if column.focus in _ARRAYS else _TYPES[column.kind]
    every = [{"CheckFunction": check, "ColumnName": column.focus} for check in checks]
    yield _ours(column, "type", "MUST", {"CheckFunction": "AND", "Items": every})
    if column.name in ALLOWED:
        allowed = [*ALLOWED[column.name], *([None] if column.standing.nullable else [])]
        items = [
            {"CheckFunction": "CheckValue", "ColumnName": column.focus, "Value": value}
            for value in allowed
        ]
        yield _ours(column, "values", "MUST", {"CheckFunction": "OR", "Items": items})


_KINDS = {"presence": "Presence", "null": "Nullability", "type": "Type", "values": "Validation"}


def _ours(column: FocusColumn, suffix: str, level: str, need: Logic) -> Rule:
    return Rule(
        f"{column.focus}-{suffix}", level, _KINDS[suffix], column.focus,
        is_checkable=True, criteria=(), need=need,
    )  # fmt: skip
