"""Rooms lean only on rooms below them: in imports, in foreign keys, and core on nothing at all."""

from __future__ import annotations

import ast
import sys

import pytest
from django.apps import apps
from django.db import models
from tests.tidy.reading import SOURCE, modules, name, tree

# From the ground up; a foreign key points into the same room or a lower one.
ROOMS = ("office", "record", "plan", "allocate", "monitor", "improve", "flow", "web")
# The journal and the manifest lie lowest, reference below who refers to it.
OFFICES = ("journal", "manifest", "reference", "calendar", "people")
ALLOWED_IN_CORE = {"bursar", "numpy", "pyarrow"}
FORBIDDEN_IN_CORE = {"os", "time", "random", "secrets", "socket", "subprocess", "sqlite3", "io"}


def room_height(model: type[models.Model]) -> tuple[int, int] | None:
    """Where a model's app stands; None for Django's own."""
    parts = model.__module__.split(".")
    if parts[0] != "bursar":
        return None
    office = OFFICES.index(parts[2]) if parts[1] == "office" else 0
    return ROOMS.index(parts[1]), office


def test_foreign_keys_point_down() -> None:
    up = []
    for model in apps.get_models():
        here = room_height(model)
        for field in model._meta.get_fields():
            if here is None or not isinstance(field, models.ForeignKey):
                continue
            there = room_height(field.remote_field.model)
            if there is not None and there > here:
                up.append(f"{model.__name__}.{field.name}")
    assert up == []


def test_foreign_keys_are_written_as_text() -> None:
    direct = []
    for file in modules():
        if file.name != "models.py" and file.parent.name != "models":
            continue
        for node in ast.walk(tree(file)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("ForeignKey", "OneToOneField", "ManyToManyField")
                and not isinstance(node.args[0], ast.Constant)
            ):
                direct.append(f"{name(file)}:{node.lineno}")
    assert direct == []


def imports(syntax: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(syntax):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_core_is_pure() -> None:
    wrong = []
    for file in modules(SOURCE / "core"):
        for module in imports(tree(file)):
            top = module.split(".")[0]
            foreign = top not in sys.stdlib_module_names and top not in ALLOWED_IN_CORE
            outside = top == "bursar" and not module.startswith("bursar.core")
            if foreign or outside or top in FORBIDDEN_IN_CORE:
                wrong.append(f"{name(file)}: {module}")
    assert wrong == []


@pytest.mark.parametrize("call", ["now", "today", "open", "utcnow"])
def test_core_asks_neither_clock_nor_disk(call: str) -> None:
    asked = [
        f"{name(file)}:{node.lineno}"
        for file in modules(SOURCE / "core")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == call
    ]
    assert asked == []


def test_settings_are_reached_through_django_only() -> None:
    wrong = [
        name(file)
        for file in modules()
        if "project" not in file.relative_to(SOURCE).parts
        and any(module.startswith("bursar.project") for module in imports(tree(file)))
    ]
    assert wrong == []
