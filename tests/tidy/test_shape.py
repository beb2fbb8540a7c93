"""Files and functions that one reads in one sitting, each saying what it is for."""

from __future__ import annotations

import ast
import re

from tests.tidy.reading import CHECKOUT, SOURCE, modules, name, tree

FILE_LINES = 500
FUNCTION_LINES = 70
POSITIONAL_PARAMETERS = 5
BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
FOLDERS = (SOURCE, CHECKOUT / "tests", CHECKOUT / "docs" / "generate", CHECKOUT / "bench")


def functions(syntax: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(syntax) if isinstance(node, kinds)]


def test_files_are_short() -> None:
    long = {
        name(file): lines
        for file in modules(*FOLDERS)
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert long == {}


def test_functions_are_short() -> None:
    long = {
        f"{name(file)}:{node.lineno} {node.name}": lines
        for file in modules(*FOLDERS)
        for node in functions(tree(file))
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }
    assert long == {}


def test_few_parameters_are_positional() -> None:
    # A command's parameters are its options, read by name from the command line.
    many = {
        f"{name(file)}:{node.lineno} {node.name}": len(node.args.posonlyargs + node.args.args)
        for file in modules()
        if "cli" not in file.parts
        for node in functions(tree(file))
        if len(node.args.posonlyargs + node.args.args) > POSITIONAL_PARAMETERS + 1
    }
    assert many == {}


def test_no_module_is_a_drawer() -> None:
    drawers = [
        name(file)
        for file in modules(*FOLDERS)
        if BANNED & {file.stem, *file.relative_to(CHECKOUT).parts[:-1]}
    ]
    assert drawers == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name(file)
        for file in modules(*FOLDERS)
        if file.read_text(encoding="utf-8").strip()
        and file.name != "apps.py"
        and not ast.get_docstring(tree(file))
    ]
    assert silent == []


def test_every_room_has_a_signpost() -> None:
    rooms = sorted(file.parent for file in SOURCE.glob("*/__init__.py"))
    assert [room.name for room in rooms if not (room / "README.md").exists()] == []


def test_signposts_name_what_is_there() -> None:
    astray = [
        f"{name(page)}: {named}"
        for page in SOURCE.rglob("README.md")
        for named in re.findall(r"`([a-z_/]+(?:\.py|/))`", page.read_text(encoding="utf-8"))
        if not (page.parent / named).exists() and not (CHECKOUT / named).exists()
    ]
    assert astray == []


def test_acts_stand_one_to_a_file_and_name_who_acts() -> None:
    wrong = []
    for file in modules():
        if file.parent.name != "actions" or file.name == "__init__.py":
            continue
        public = [
            node
            for node in tree(file).body
            if isinstance(node, ast.FunctionDef) and node.name == file.stem
        ]
        positional = [argument.arg for node in public for argument in node.args.args]
        if len(public) != 1 or len(positional) > 2 or "acting_user" in positional:
            wrong.append(name(file))
    assert wrong == []


def test_test_files_have_names_of_their_own() -> None:
    names = [file.name for file in modules(CHECKOUT / "tests") if file.name.startswith("test_")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
