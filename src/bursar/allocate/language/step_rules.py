"""The `steps` part: in which order missing layers are filled, and how each rule splits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from yaml.nodes import MappingNode, Node, SequenceNode

from bursar.allocate.language.columns import node_kinds
from bursar.allocate.language.conditions import Conditions
from bursar.allocate.language.members import WORDS, Members
from bursar.allocate.language.nodes import amount, fields, items, one_of, pairs, text
from bursar.allocate.language.problems import Problems
from bursar.core.calc.allocation.model import Rule, Step
from bursar.core.money.amount import exact_sum

ORDER = ("tower", "solution", "consumer")
METHODS = ("direct", "even", "fixed", "weighted", "residual")
RESTS = ("unallocated", "retained", "next")
WHOLE = Decimal(100)
KEYS = {
    "direct": ("target",),
    "even": ("targets",),
    "fixed": ("shares", "residual"),
    "weighted": ("driver",),
    "residual": ("target",),
}
"""Which keys each method takes beside name, when and method; the first one it must have."""


def read_steps(node: Node | None, members: Members, problems: Problems) -> tuple[Step, ...]:
    """Every step that could be read; they must go down the layers, each at most once."""
    read = Conditions(node_kinds(), members, problems, on_nodes=True)
    steps: list[Step] = []
    for entry in items(node, "`steps`", problems):
        step = _read_step(entry, read)
        if step is None:
            continue
        _check_order(step, steps, entry, problems)
        steps.append(step)
    return tuple(steps)


def _check_order(step: Step, before: list[Step], entry: Node, problems: Problems) -> None:
    for earlier in before:
        if ORDER.index(step.to) <= ORDER.index(earlier.to):
            how = "again" if step.to == earlier.to else "back"
            problems.add(
                entry,
                "cycle",
                f"The step '{step.name}' goes {how} to {step.to} after '{earlier.name}' "
                f"({earlier.to}). Steps fill tower, then solution, then consumer, each once.",
            )
            return


def _read_step(entry: Node, read: Conditions) -> Step | None:
    found = fields(entry, "A step", ("name", "to", "rules"), read.problems)
    if not isinstance(entry, MappingNode):
        return None
    if "to" not in found:
        read.problems.add(
            entry, "missing_key", "This step does not say which layer it fills (`to`)."
        )
        return None
    layer = one_of(found["to"], "`to`", ORDER, read.problems)
    if layer is None:
        return None
    name = text(found.get("name"), "`name`", read.problems) or f"to {layer}"
    entries = items(found.get("rules"), "`rules`", read.problems)
    if not entries:
        read.problems.add(entry, "empty", f"The step '{name}' has no rules.")
    rules: list[Rule] = []
    for position, each in enumerate(entries, start=1):
        rule = _StepRule(layer, f"{name} {position}", read).read(each)
        if rule is None:
            continue
        if any(rule.name == other.name for other in rules):
            read.problems.add(
                each, "duplicate_rule", f"Two rules of '{name}' are called '{rule.name}'."
            )
        rules.append(rule)
    return Step(name=name, to=layer, rules=tuple(rules))


@dataclass(frozen=True)
class _StepRule:
    """Reads one rule of a step that fills `layer`."""

    layer: str
    default_name: str
    conditions: Conditions

    @property
    def problems(self) -> Problems:
        return self.conditions.problems

    def read(self, entry: Node) -> Rule | None:
        every_key = dict.fromkeys(key for keys in KEYS.values() for key in keys)
        found = fields(
            entry, "A rule of a step", ("name", "when", "method", *every_key), self.problems
        )
        if not isinstance(entry, MappingNode):
            return None
        name = text(found.get("name"), "`name`", self.problems) or self.default_name
        tests = self.conditions.read(found.get("when"))
        if "method" not in found:
            self.problems.add(
                entry, "missing_key", f"The rule '{name}' has no `method`: {', '.join(METHODS)}."
            )
            return None
        method = one_of(found["method"], "`method`", METHODS, self.problems)
        if method is None or not self._keys_fit(method, found, entry):
            return None
        rule = Rule(name=name, when=tests, method=method)
        return self._complete(rule, found)

    def _keys_fit(self, method: str, found: dict[str, Node], entry: Node) -> bool:
        needed = KEYS[method][0]
        for key in set(found) - {"name", "when", "method", *KEYS[method]}:
            self.problems.add(
                found[key], "wrong_key", f"The method {method} takes no `{key}`, but `{needed}`."
            )
            return False
        if needed not in found:
            self.problems.add(entry, "missing_key", f"The method {method} needs `{needed}`.")
            return False
        return True

    def _complete(self, rule: Rule, found: dict[str, Node]) -> Rule | None:
        if rule.method == "direct":
            member = self._member(found["target"])
            return replace(rule, targets=(member,)) if member else None
        if rule.method == "even":
            targets = self._targets(found["targets"])
            return replace(rule, targets=targets) if targets else None
        if rule.method == "fixed":
            return self._fixed(rule, found)
        if rule.method == "weighted":
            driver = text(found["driver"], "`driver`", self.problems)
            return replace(rule, driver=driver) if driver else None
        rest = self._rest(found["target"])
        return replace(rule, residual=rest) if rest else None

    def _member(self, node: Node) -> str | None:
        name = text(node, f"A {WORDS[self.layer]}", self.problems)
        return self.conditions.members.check(self.layer, name, node, self.problems)

    def _targets(self, node: Node) -> tuple[str, ...]:
        found: list[str] = []
        for entry in items(node, "`targets`", self.problems):
            name = self._member(entry)
            if name is None:
                continue
            if name in found:
                self.problems.add(entry, "duplicate_target", f"'{name}' stands twice. Keep one.")
            found.append(name)
        if isinstance(node, SequenceNode) and not node.value:
            self.problems.add(node, "empty", "`targets` is empty.")
        return tuple(found)

    def _rest(self, node: Node) -> str | None:
        name = text(node, "`residual`", self.problems)
        return name if name in RESTS else self._member(node)

    def _fixed(self, rule: Rule, found: dict[str, Node]) -> Rule | None:
        """Shares are percent. What is missing to 100 must be said to rest somewhere."""
        before = len(self.problems.found)
        shares: list[tuple[str, Decimal]] = []
        for key, value in pairs(found["shares"], "`shares`", self.problems):
            member = self._member(key)
            share = amount(value, f"The share of '{key.value}'", self.problems)
            if share is not None and share < 0:
                self.problems.add(
                    value, "negative_share", f"The share of '{key.value}' is below zero."
                )
            elif member is not None and share is not None:
                shares.append((member, share))
        rest = self._rest(found["residual"]) if "residual" in found else None
        if len(self.problems.found) > before:
            return None
        self._check_total(exact_sum(s for _, s in shares), found, rule.name)
        return replace(rule, shares=tuple(shares), residual=rest)

    def _check_total(self, total: Decimal, found: dict[str, Node], name: str) -> None:
        if total > WHOLE:
            self.problems.add(
                found["shares"],
                "shares_over_100",
                f"The shares of '{name}' add up to {total} %, more than 100 %.",
            )
        elif total < WHOLE and "residual" not in found:
            self.problems.add(
                found["shares"],
                "shares_need_residual",
                f"The shares of '{name}' add up to {total} %. Say where the other "
                f"{WHOLE - total} % rest: `residual: unallocated`, retained, next or a member.",
            )
