"""The `steps` part: in which order missing layers are filled, and how each rule splits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bursar.allocate.language.columns import node_kinds
from bursar.allocate.language.conditions import Conditions
from bursar.allocate.language.members import WORDS, Members
from bursar.allocate.language.nodes import amount, day, fields, items, one_of, pairs, text
from bursar.allocate.language.problems import Problems, did_you_mean
from bursar.allocate.language.rule_notes import NOTES, read_note
from bursar.core.calc.allocation.adjusting import EVERYBODY
from bursar.core.calc.allocation.model import NEXT, RECIPROCAL, STEP_DOWN, Rule, Step
from bursar.core.calc.allocation.rates import Rate
from bursar.core.money.amount import exact_sum

ORDER = ("tower", "solution", "consumer")
METHODS = ("direct", "even", "fixed", "weighted", "waterfall", "rate", "residual")
AMONG = (STEP_DOWN, RECIPROCAL)
RESTS = ("unallocated", "retained", "next")
WHOLE = Decimal(100)
KEYS: dict[str, tuple[str | tuple[str, ...], ...]] = {
    "direct": ("target",),
    "even": ("targets",),
    "fixed": ("shares", "residual"),
    "weighted": (("driver", "drivers"), "capacity", "idle"),
    "waterfall": ("caps", "currency", "residual"),
    "rate": ("rates", "difference", "true_up"),
    "residual": ("target",),
}
"""Which keys each method takes beside those of every rule; the first one it must have, or one of
its alternatives."""
DATED = ("from", "until")
COMMON = ("name", "when", "method", "alternatives", *DATED, *NOTES)
"""Keys of every method."""
CHANGES = ("subsidy", "subsidy_by", "markup")
"""Keys of every method that divides by weights."""
DIFFERENCES = ("recovery", "shared")
TRUE_UPS = {"monthly": 1, "quarterly": 3, "yearly": 12}


def read_steps(
    node: Node | None, members: Members, rates: Mapping[str, Rate], problems: Problems
) -> tuple[Step, ...]:
    """Every step that could be read; they must go down the layers, each at most once."""
    read = Conditions(node_kinds(), members, problems, on_nodes=True)
    steps: list[Step] = []
    for entry in items(node, "`steps`", problems):
        step = _read_step(entry, read, rates)
        if step is None:
            continue
        _check_order(step, steps, entry, problems)
        steps.append(step)
    return tuple(steps)


def _check_order(step: Step, before: list[Step], entry: Node, problems: Problems) -> None:
    """A step among the members of a layer comes after the one that fills it."""

    def place(one: Step) -> tuple[int, bool]:
        return ORDER.index(one.to), one.among is not None

    for earlier in before:
        if place(step) <= place(earlier):
            how = "again" if place(step) == place(earlier) else "back"
            problems.add(
                entry,
                "cycle",
                f"The step '{step.name}' goes {how} to {step.to} after '{earlier.name}' "
                f"({earlier.to}). Steps fill tower, then solution, then consumer, each once, and "
                "each may be followed by one step among its members.",
            )
            return


def _read_step(entry: Node, read: Conditions, rates: Mapping[str, Rate]) -> Step | None:
    keys = ("name", "to", "among", "method", "order", "rules")
    found = fields(entry, "A step", keys, read.problems)
    if not isinstance(entry, MappingNode):
        return None
    if ("to" in found) == ("among" in found):
        read.problems.add(
            entry,
            "missing_key",
            "This step does not say which layer it fills (`to`), or among the members of which "
            "layer it moves cost (`among`).",
        )
        return None
    key = "to" if "to" in found else "among"
    layer = one_of(found[key], f"`{key}`", ORDER, read.problems)
    if layer is None:
        return None
    name = text(found.get("name"), "`name`", read.problems) or f"{key} {layer}"
    among, order = _read_among(found, layer, entry, read) if key == "among" else (None, ())
    if key == "to":
        for wrong in ("method", "order"):
            if wrong in found:
                read.problems.add(
                    found[wrong], "wrong_key", f"Only a step with `among` takes `{wrong}`."
                )
    entries = items(found.get("rules"), "`rules`", read.problems)
    if not entries:
        read.problems.add(entry, "empty", f"The step '{name}' has no rules.")
    rules: list[Rule] = []
    for position, each in enumerate(entries, start=1):
        reader = _StepRule(layer, f"{name} {position}", read, rates, key == "among")
        rule = reader.read(each)
        if rule is None:
            continue
        if any(rule.name == other.name for other in rules):
            read.problems.add(
                each, "duplicate_rule", f"Two rules of '{name}' are called '{rule.name}'."
            )
        rules.append(rule)
    return Step(name=name, to=layer, rules=tuple(rules), among=among, order=order)


def _read_among(
    found: dict[str, Node], layer: str, entry: Node, read: Conditions
) -> tuple[str | None, tuple[str, ...]]:
    if "method" not in found:
        read.problems.add(
            entry, "missing_key", f"A step with `among` needs a `method`: {', '.join(AMONG)}."
        )
        return None, ()
    among = one_of(found["method"], "`method`", AMONG, read.problems)
    order: list[str] = []
    for each in items(found.get("order"), "`order`", read.problems):
        name = read.members.check(layer, text(each, "`order`", read.problems), each, read.problems)
        if name in order:
            read.problems.add(each, "duplicate_target", f"'{name}' stands twice. Keep one.")
        elif name is not None:
            order.append(name)
    if "order" in found and among == RECIPROCAL:
        read.problems.add(found["order"], "wrong_key", "A reciprocal step has no order.")
    return among, tuple(order)


@dataclass(frozen=True)
class _StepRule:
    """Reads one rule of a step that fills `layer`."""

    layer: str
    default_name: str
    conditions: Conditions
    rates: Mapping[str, Rate]
    among: bool

    @property
    def problems(self) -> Problems:
        return self.conditions.problems

    def read(self, entry: Node) -> Rule | None:
        every_key = dict.fromkeys(key for keys in KEYS.values() for key in _flat(keys))
        keys = (*COMMON, *CHANGES, *every_key)
        found = fields(entry, "A rule of a step", keys, self.problems)
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
        starts, ends = self._dates(found, entry)
        note = read_note(found, self.problems)
        others = self._alternatives(found)
        rule = Rule(name=name, when=tests, method=method, starts=starts, ends=ends, note=note,
                    alternatives=others)  # fmt: skip
        complete = self._complete(rule, found)
        return self._changed(complete, found) if complete else None

    def _dates(self, found: dict[str, Node], entry: Node) -> tuple[date | None, date | None]:
        starts, ends = (
            day(found[key], f"`{key}`", self.problems) if key in found else None for key in DATED
        )
        if starts and ends and ends <= starts:
            self.problems.add(entry, "bad_date", "This rule ends before it begins.")
        return starts, ends

    def _alternatives(self, found: dict[str, Node]) -> tuple[str, ...]:
        """Other drivers that could be defended; only where consumers are charged."""
        if "alternatives" in found and (self.layer != "consumer" or self.among):
            self.problems.add(
                found["alternatives"],
                "wrong_key",
                "Only a rule that charges consumers takes `alternatives`.",
            )
        listed = items(found.get("alternatives"), "`alternatives`", self.problems)
        named = (text(each, "A driver under `alternatives`", self.problems) for each in listed)
        return tuple(dict.fromkeys(name for name in named if name))

    def _keys_fit(self, method: str, found: dict[str, Node], entry: Node) -> bool:
        if self.among and method in ("waterfall", "rate"):
            self.problems.add(
                found["method"],
                "wrong_method",
                f"Members charge each other by shares or drivers, not by {method}.",
            )
            return False
        needed = KEYS[method][0]
        either = (needed,) if isinstance(needed, str) else needed
        changes = () if method in ("waterfall", "residual") or self.among else CHANGES
        known = {*COMMON, *_flat(KEYS[method]), *changes}
        for key in set(found) - known:
            self.problems.add(
                found[key], "wrong_key", f"The method {method} takes no `{key}`, but `{either[0]}`."
            )
            return False
        given = [key for key in either if key in found]
        if len(given) != 1:
            wanted = " or ".join(f"`{key}`" for key in either)
            self.problems.add(entry, "missing_key", f"The method {method} needs {wanted}.")
            return False
        return True

    def _complete(self, rule: Rule, found: dict[str, Node]) -> Rule | None:
        complete = {
            "direct": self._direct,
            "even": self._even,
            "fixed": self._fixed,
            "weighted": self._weighted,
            "waterfall": self._waterfall,
            "rate": self._rated,
            "residual": self._residual,
        }
        return complete[rule.method](rule, found)

    def _direct(self, rule: Rule, found: dict[str, Node]) -> Rule | None:
        member = self._member(found["target"])
        return replace(rule, targets=(member,)) if member else None

    def _even(self, rule: Rule, found: dict[str, Node]) -> Rule | None:
        targets = self._targets(found["targets"])
        return replace(rule, targets=targets) if targets else None

    def _residual(self, rule: Rule, found: dict[str, Node]) -> Rule | None:
        rest = self._rest(found["target"])
        return replace(rule, residual=rest) if rest else None

    def _weighted(self, rule: Rule, found: dict[str, Node]) -> Rule | None:
        before = len(self.problems.found)
        if "drivers" in found:
            drivers = self._percents(found["drivers"], "`drivers`")
            if exact_sum(percent for _, percent in drivers) != WHOLE:
                self.problems.add(
                    found["drivers"], "drivers_not_100", "The drivers' percentages are not 100 %."
                )
            if "capacity" in found:
                self.problems.add(
                    found["capacity"], "wrong_key", "`capacity` goes with one `driver`."
                )
            rule = replace(rule, drivers=drivers)
        else:
            rule = replace(rule, driver=text(found["driver"], "`driver`", self.problems))
        if ("capacity" in found) != ("idle" in found):
            key = "capacity" if "capacity" in found else "idle"
            self.problems.add(
                found[key], "missing_key", "`capacity` and `idle` (who bears it) go together."
            )
        elif "capacity" in found:
            idle = self._word_or_member(found["idle"], "`idle`", RESTS[:2])
            capacity = text(found["capacity"], "`capacity`", self.problems)
            rule = replace(rule, capacity=capacity, idle=idle)
        return rule if len(self.problems.found) == before else None

    def _percents(self, node: Node, what: str) -> tuple[tuple[str, Decimal], ...]:
        found = []
        for key, value in pairs(node, what, self.problems):
            percent = amount(value, f"The percentage of '{key.value}'", self.problems)
            if percent is not None and percent <= 0:
                self.problems.add(
                    value, "negative_share", f"The percentage of '{key.value}' is not above zero."
                )
            elif percent is not None:
                found.append((key.value, percent))
        return tuple(found)

    def _waterfall(self, rule: Rule, found: dict[str, Node]) -> Rule | None:
        before = len(self.problems.found)
        caps: list[tuple[str, Decimal]] = []
        for entry in items(found["caps"], "`caps`", self.problems):
            known = fields(entry, "A cap", ("target", "up_to"), self.problems)
            if set(known) != {"target", "up_to"}:
                self.problems.add(entry, "missing_key", "A cap has a `target` and an `up_to`.")
                continue
            name = self._member(known["target"])
            most = amount(known["up_to"], "`up_to`", self.problems)
            if most is not None and most < 0:
                self.problems.add(known["up_to"], "bad_number", "`up_to` is below zero.")
            elif name is not None and most is not None:
                caps.append((name, most))
        if not caps:
            self.problems.add(found["caps"], "empty", "`caps` names nobody.")
        for key in ("currency", "residual"):
            if key not in found:
                self.problems.add(found["caps"], "missing_key", f"A waterfall needs `{key}`.")
        if len(self.problems.found) > before:
            return None
        currency = text(found["currency"], "`currency`", self.problems)
        rest = self._rest(found["residual"])
        if currency is None or rest is None:
            return None
        return replace(rule, caps=tuple(caps), currency=currency.upper(), residual=rest)

    def _rated(self, rule: Rule, found: dict[str, Node]) -> Rule | None:
        node = found["rates"]
        entries = [node] if isinstance(node, ScalarNode) else items(node, "`rates`", self.problems)
        rates: list[Rate] = []
        for entry in entries:
            name = text(entry, "A rate", self.problems)
            if name is None:
                continue
            if name not in self.rates:
                hint = did_you_mean(name, self.rates) or " Declare it under `rates:`."
                self.problems.add(entry, "unknown_rate", f"There is no rate '{name}'.{hint}")
            else:
                rates.append(self.rates[name])
        if not rates:
            return None
        if len({rate.currency for rate in rates}) > 1:
            self.problems.add(node, "two_currencies", "The rates of one rule have one currency.")
            return None
        difference = (
            one_of(found.get("difference"), "`difference`", DIFFERENCES, self.problems)
            or DIFFERENCES[0]
        )
        every = one_of(found.get("true_up"), "`true_up`", TRUE_UPS, self.problems)
        if every and difference == "shared":
            self.problems.add(
                found["true_up"], "wrong_key", "Where all cost is shared, nothing is left to book."
            )
        if difference == "recovery" and any(key in found for key in CHANGES):
            self.problems.add(
                node, "wrong_key", "Subsidies and markups go with `difference: shared`."
            )
            return None
        return replace(
            rule, rates=tuple(rates), difference=difference,
            true_up=TRUE_UPS[every] if every else None,
        )  # fmt: skip

    def _changed(self, rule: Rule, found: dict[str, Node]) -> Rule | None:
        """The rule with its subsidy and markup; each a percentage for all, or one per member."""
        before = len(self.problems.found)
        if ("subsidy" in found) != ("subsidy_by" in found):
            key = "subsidy" if "subsidy" in found else "subsidy_by"
            self.problems.add(
                found[key], "missing_key", "`subsidy` and `subsidy_by` (who bears it) go together."
            )
        elif "subsidy" in found:
            subsidy = self._per_member(found["subsidy"], "`subsidy`")
            if any(percent > WHOLE for _, percent in subsidy):
                self.problems.add(
                    found["subsidy"], "shares_over_100", "A subsidy is at most 100 %."
                )
            bearer = self._word_or_member(found["subsidy_by"], "`subsidy_by`", RESTS[:2])
            rule = replace(rule, subsidy=subsidy, subsidy_by=bearer)
        if "markup" in found:
            rule = replace(rule, markup=self._per_member(found["markup"], "`markup`"))
        return rule if len(self.problems.found) == before else None

    def _per_member(self, node: Node, what: str) -> tuple[tuple[str, Decimal], ...]:
        if isinstance(node, ScalarNode):
            percent = amount(node, what, self.problems)
            if percent is not None and percent < 0:
                self.problems.add(node, "negative_share", f"{what} is below zero.")
            return () if percent is None else ((EVERYBODY, percent),)
        for key, _ in pairs(node, what, self.problems):
            self._member(key)
        return self._percents(node, what)

    def _word_or_member(self, node: Node, what: str, words: tuple[str, ...]) -> str | None:
        name = text(node, what, self.problems)
        if name is None or name in words:
            return name
        return self.conditions.members.check(self.layer, name, node, self.problems)

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
        if self.among and isinstance(node, ScalarNode) and node.value == NEXT:
            self.problems.add(
                node, "wrong_key", "Among members there is no next rule; name who keeps the rest."
            )
            return None
        return self._word_or_member(node, "`residual`", RESTS)

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


def _flat(keys: Sequence[str | tuple[str, ...]]) -> Iterator[str]:
    for key in keys:
        yield from (key,) if isinstance(key, str) else key
