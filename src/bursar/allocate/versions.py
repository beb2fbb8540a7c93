"""Versions of the cost model: which was applied, and which is in force for a period."""

from __future__ import annotations

from functools import lru_cache

from bursar.allocate.errors import NoSuchModel
from bursar.allocate.language.model import CostModel
from bursar.allocate.model_text import ParsedModel, parse_model
from bursar.allocate.models import ModelVersion
from bursar.core.refusal import InvariantBroken

EVER = ""
"""In force from the first period on; sorts before every period's code."""


def version_in_force(period: str | None = None) -> ModelVersion | None:
    """The version that counts for a period: the latest applied one that begins by then.

    Without a period, the latest applied one.
    """
    rows = ModelVersion.objects.order_by("-number")
    if period is not None:
        rows = rows.filter(in_force_from__lte=period)
    return rows.first()


def versions_in_force(*, before: str = "\uffff") -> list[ModelVersion]:
    """Versions that count for some period before this one, latest applied first."""
    found: list[ModelVersion] = []
    for version in ModelVersion.objects.order_by("-number"):
        if version.in_force_from < before:
            found.append(version)
            before = version.in_force_from
    return found


def version_numbered(number: int) -> ModelVersion:
    """One version by its number; refuses `model.no_such_version`."""
    found = ModelVersion.objects.filter(number=number).first()
    if found is None:
        raise NoSuchModel(
            f"There is no version {number} of the model. List them with `model show`."
        )
    return found


def versions() -> list[ModelVersion]:
    """Every version that was applied, newest first."""
    return list(ModelVersion.objects.select_related("draft").order_by("-number"))


def model_of(version: ModelVersion | None) -> CostModel:
    """The model of a version; the empty model where there is none."""
    if version is None:
        return CostModel()
    parsed = _parsed(version.text)
    if parsed.model is None:
        first = parsed.problems[0]
        raise InvariantBroken(
            f"version {version.number} of the model was applied and cannot be read: "
            f"{first.where}: {first.message}"
        )
    return parsed.model


@lru_cache(maxsize=16)
def _parsed(text: str) -> ParsedModel:
    """A text that was applied never changes, and a run asks for it once per period."""
    return parse_model(text)
