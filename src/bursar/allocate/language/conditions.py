"""The `when` of a rule: tests on columns, all of which must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bursar.allocate.language.columns import TAG, Kind, snake
from bursar.allocate.language.members import SECTIONS, Members
from bursar.allocate.language.nodes import amount, boolean, day, fields, is_null, items, pairs, text
from bursar.allocate.language.problems import Problems, did_you_mean
from bursar.core.calc.classification import Test, Value
from bursar.core.calc.matching import pattern_problem

TEXT_OPERATORS = ("equals", "starts_with", "ends_with", "contains", "matches")
NUMBER_OPERATORS = ("above", "below")
DATE_OPERATORS = ("from", "before")
OPERATORS = (*TEXT_OPERATORS, *NUMBER_OPERATORS, *DATE_OPERATORS, "missing", "not")


@dataclass(frozen=True)
class Conditions:
    """What reading a `when` needs to know."""

    kinds: Mapping[str, Kind]
    members: Members
    problems: Problems
    on_nodes: bool = False
    """In the rules of a step, where columns are layers and values are names of members."""

    def read(self, node: Node | None) -> tuple[Test, ...]:
        """Every test of the `when`; an absent one holds always."""
        if node is None or is_null(node):
            return ()
        tests: list[Test] = []
        for key, value in pairs(node, "`when`", self.problems):
            column = key.value
            if column in self.kinds:
                tests += self._tests(column, value)
            else:
                self._unknown(column, key)
        return tuple(tests)

    def known(self, column: str, node: Node) -> str | None:
        """The column, if a rule may read it; else a problem and none."""
        if column in self.kinds:
            return column
        self._unknown(column, node)
        return None

    def _unknown(self, column: str, node: Node) -> None:
        if snake(column) in self.kinds:
            hint = f" Write it as '{snake(column)}'."
        elif column.startswith((TAG, "x_")):
            hint = f" Add '{column.removeprefix(TAG)}' under `promote:` to make it a column."
        else:
            hint = did_you_mean(column, self.kinds)
        self.problems.add(node, "unknown_column", f"There is no column '{column}' here.{hint}")

    def _tests(self, column: str, node: Node) -> list[Test]:
        if isinstance(node, ScalarNode | SequenceNode):
            return self._equals(column, node)
        found = fields(node, f"The test of `{column}`", OPERATORS, self.problems)
        if isinstance(node, MappingNode) and not node.value:
            self.problems.add(node, "empty", f"`{column}` has no test. Write a value.")
        tests: list[Test] = []
        for operator, value in found.items():
            tests += self._operator(column, operator, value)
        return tests

    def _operator(self, column: str, operator: str, node: Node) -> list[Test]:
        kind = self.kinds[column]
        if operator == "not":
            return self._negated(column, node)
        if operator == "missing":
            wanted = boolean(node, "`missing`", self.problems)
            return [] if wanted is None else [Test(column, "missing", (), not wanted)]
        if operator == "equals":
            return self._equals(column, node)
        allowed = {"text": TEXT_OPERATORS, "number": NUMBER_OPERATORS, "date": DATE_OPERATORS}
        if operator not in allowed[kind]:
            self.problems.add(
                node,
                "wrong_operator",
                f"`{column}` is a {kind}; `{operator}` cannot test it. "
                f"Use {', '.join(allowed[kind])}, equals, not or missing.",
            )
            return []
        values = self._values(column, operator, node)
        return [Test(column, operator, values)] if values else []

    def _negated(self, column: str, node: Node) -> list[Test]:
        """`not` turns the one test inside it; two tests inside would be ambiguous."""
        if isinstance(node, MappingNode) and (
            len(node.value) != 1 or node.value[0][0].value == "not"
        ):
            self.problems.add(
                node, "bad_not", f"`not` of `{column}` takes a value, a list or one other test."
            )
            return []
        return [replace(test, negated=not test.negated) for test in self._tests(column, node)]

    def _equals(self, column: str, node: Node) -> list[Test]:
        values = self._values(column, "equals", node)
        return [Test(column, "equals", values)] if values else []

    def _values(self, column: str, operator: str, node: Node) -> tuple[Value, ...]:
        """One value, or each of a list: any of them will do."""
        nodes = [node]
        if isinstance(node, SequenceNode):
            nodes = items(node, f"`{column}`", self.problems)
            if not nodes:
                self.problems.add(node, "empty", f"The list of `{column}` is empty.")
        found = (self._value(column, operator, each) for each in nodes)
        return tuple(value for value in found if value is not None)

    def _value(self, column: str, operator: str, node: Node) -> Value | None:
        kind, what = self.kinds[column], f"`{column}`"
        if is_null(node):
            self.problems.add(node, "expected_text", f"{what} has no value; test `missing: true`.")
            return None
        if kind == "number":
            return amount(node, what, self.problems)
        if kind == "date":
            return day(node, what, self.problems)
        value = text(node, what, self.problems)
        if operator == "matches" and value is not None:
            return self._pattern(value, node)
        if operator == "equals" and self.on_nodes and column in SECTIONS:
            return self.members.check(column, value, node, self.problems)
        return value

    def _pattern(self, value: str, node: Node) -> str | None:
        wrong = pattern_problem(value)
        if wrong:
            self.problems.add(node, "bad_pattern", f"'{value}' is no regular expression: {wrong}.")
            return None
        return value
