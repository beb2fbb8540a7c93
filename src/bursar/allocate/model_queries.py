"""Looking at the cost model: its problems, its text, and what differs between two texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from bursar.allocate.errors import NoModel
from bursar.allocate.language.canonical import canonical_text, freeze
from bursar.allocate.language.model import CostModel
from bursar.allocate.model_text import parse_model
from bursar.allocate.models import ModelVersion
from bursar.allocate.versions import version_in_force, version_numbered


@dataclass(frozen=True)
class Difference:
    """What differs between two texts: line by line, and in words of the model."""

    version: int | None
    diff: tuple[str, ...]
    changes: tuple[dict[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "problems": [],
            "diff": list(self.diff),
            "changes": list(self.changes),
        }


def check_model(text: str) -> dict[str, Any]:
    """Problems of a text, and the version that is in force beside it (null where none is)."""
    current = version_in_force()
    return {
        "version": current.number if current else None,
        "problems": [problem.to_json() for problem in parse_model(text).problems],
    }


def show_model(number: int | None = None) -> ModelVersion:
    """A version by its number, or the latest; refuses `model.none`, `model.no_such_version`."""
    if number is not None:
        return version_numbered(number)
    current = version_in_force()
    if current is None:
        raise NoModel("There is no cost model yet. Write one and apply it: model apply FILE.")
    return current


def model_json(version: ModelVersion) -> dict[str, Any]:
    """A version as the command line and the API print it."""
    return {
        "version": version.number,
        "name": version.name,
        "in_force_from": version.in_force_from or None,
        "applied_at": version.applied_at.isoformat(),
        "applied_by": version.applied_by,
        "comment": version.comment,
        "sha256": version.sha256,
        "text": version.text,
        "problems": [],
    }


def diff_model(text: str, *, against: int | None = None) -> Difference:
    """How a text differs from a version (the latest one where none is named)."""
    return differences(text, show_model(against) if against is not None else version_in_force())


def differences(text: str, version: ModelVersion | None) -> Difference:
    """How a text differs from a version, or from having no model."""
    before = version.text if version else ""
    lines = unified_diff(
        before.splitlines(),
        text.splitlines(),
        fromfile=f"version {version.number}" if version else "no model",
        tofile="this text",
        lineterm="",
    )
    old, new = parse_model(before).model, parse_model(text).model
    changes = tuple(_changes(old or CostModel(), new)) if new else ()
    return Difference(version.number if version else None, tuple(lines), changes)


def _changes(old: CostModel, new: CostModel) -> Iterator[dict[str, str]]:
    """Rules, steps and members that came, went or changed, in the order of the new text."""
    for what, before, after in _parts(old, new):
        for name, content in after.items():
            if name not in before:
                yield {"what": what, "name": name, "change": "added"}
            elif before[name] != content:
                yield {"what": what, "name": name, "change": "changed"}
        for name in before:
            if name not in after:
                yield {"what": what, "name": name, "change": "removed"}
        if [n for n in before if n in after] != [n for n in after if n in before]:
            yield {"what": what, "name": "order", "change": "changed"}


def _parts(old: CostModel, new: CostModel) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    yield "setting", _settings(old), _settings(new)
    yield "classification rule", _rules(old), _rules(new)
    yield "allocation rule", _step_rules(old), _step_rules(new)
    yield "note on", _notes(old), _notes(new)
    for layer in ("cost_pool", "tower", "solution", "consumer"):
        yield layer, _members(old, layer), _members(new, layer)


def _settings(model: CostModel) -> dict[str, str]:
    return {
        "taxonomy": str(model.taxonomy),
        "basis": model.basis,
        "promote": ", ".join(model.promote),
        "disclosure": canonical_text({pool: list(w) for pool, w in model.disclosure.items()}),
        "intercompany": repr(model.intercompany),
        "scale": str(model.scale),
        "review": model.review,
    }


def _rules(model: CostModel) -> dict[str, str]:
    frozen = freeze(model)["rules"]
    return {rule["name"]: _unnoted(rule) for rule in frozen}


def _step_rules(model: CostModel) -> dict[str, str]:
    return {
        f"{step['name']}: {rule['name']}": _unnoted(rule)
        for step in freeze(model)["steps"]
        for rule in step["rules"]
    }


def _unnoted(rule: Mapping[str, Any]) -> str:
    """What a rule does, without what people say about it."""
    return canonical_text({key: value for key, value in rule.items() if key != "note"})


def _notes(model: CostModel) -> dict[str, str]:
    """Notes of rules that stand in both texts tell who changed a word and no amount."""
    named = [(rule.name, rule.note) for rule in model.rules]
    named += [
        (f"{step.name}: {rule.name}", rule.note) for step in model.steps for rule in step.rules
    ]
    said = {name: repr(note) for name, note in named if note is not None}
    drivers = sorted(model.driver_notes.items())
    return said | {f"driver {name}": repr(note) for name, note in drivers}


def _members(model: CostModel, layer: str) -> dict[str, str]:
    parents = {
        member.name: [
            [b.parent, str(b.valid_from), str(b.valid_to)]
            for b in model.branches.get(layer, ())
            if b.child == member.name
        ]
        for member in model.members
        if member.layer == layer
    }
    return {name: canonical_text(dated) for name, dated in parents.items()}
