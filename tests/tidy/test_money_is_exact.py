"""No binary float comes near money: not in core, and not in an annotation of any money."""

from __future__ import annotations

import ast

from tests.tidy.reading import SOURCE, modules, name, tree

# A quotient is guessed in floats there and then corrected in integers, remainder by remainder.
GUESSES = {"src/bursar/core/calc/allocation/telescope.py"}
MONEY = ("amount", "cost", "total", "price", "rate", "share", "quantity", "balance", "value")


def annotations(syntax: ast.Module) -> list[tuple[str, int, str]]:
    """(what is annotated, line, annotation) of every variable, parameter and field."""
    found = []
    for node in ast.walk(syntax):
        if isinstance(node, ast.AnnAssign):
            found.append((ast.unparse(node.target), node.lineno, ast.unparse(node.annotation)))
        elif isinstance(node, ast.arg) and node.annotation is not None:
            found.append((node.arg, node.lineno, ast.unparse(node.annotation)))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            found.append((node.name, node.lineno, ast.unparse(node.returns)))
    return found


def test_core_annotates_no_float() -> None:
    floats = [
        f"{name(file)}:{line} {what}"
        for file in modules(SOURCE / "core")
        for what, line, annotation in annotations(tree(file))
        if "float" in annotation
    ]
    assert floats == []


def test_core_makes_no_float() -> None:
    made = [
        f"{name(file)}:{node.lineno}"
        for file in modules(SOURCE / "core")
        if name(file) not in GUESSES
        for node in ast.walk(tree(file))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "float"
        )
    ]
    assert made == []


def test_money_is_never_annotated_as_float() -> None:
    floats = [
        f"{name(file)}:{line} {what}"
        for file in modules()
        if "charts" not in file.parts  # pictures place marks by pixels
        for what, line, annotation in annotations(tree(file))
        if "float" in annotation and any(word in what.lower() for word in MONEY)
    ]
    assert floats == []
