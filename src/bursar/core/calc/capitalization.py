"""Which part of a software project's cost becomes an asset, by each policy (CT14-CT16)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Policy(StrEnum):
    """Whose rules a company follows for internal-use software."""

    ASC_350_40_STAGES = "asc_350_40_stages"
    ASC_350_40_PROBABLE = "asc_350_40_probable"
    """As amended by ASU 2025-06: no stages, funding committed and completion probable."""
    IAS_38 = "ias_38"


class Activity(StrEnum):
    """What was done for the money."""

    PLANNING = "planning"
    RESEARCH = "research"
    DESIGN = "design"
    DEVELOPMENT = "development"
    TESTING = "testing"
    DATA_CONVERSION = "data_conversion"
    TRAINING = "training"
    MAINTENANCE = "maintenance"
    ENHANCEMENT = "enhancement"


_BUILDING = frozenset(
    {Activity.DESIGN, Activity.DEVELOPMENT, Activity.TESTING, Activity.ENHANCEMENT}
)
_NEVER = {
    Activity.TRAINING: "training is an expense",
    Activity.DATA_CONVERSION: "converting data is an expense",
    Activity.MAINTENANCE: "maintenance is an expense",
}
CRITERIA = ("feasible", "intended", "able", "useful", "resourced", "measurable")
"""The six of IAS 38.57: technical feasibility, intention to complete, ability to use, probable
benefits, resources to complete, reliable measurement."""


@dataclass(frozen=True)
class Project:
    """Days from which something holds; None: it does not hold yet."""

    funding_committed: date | None = None
    completion_probable: date | None = None
    preliminary_ended: date | None = None
    """End of the preliminary stage: alternatives are chosen, the work is authorised."""
    ready: date | None = None
    """Ready for use: from here on the asset depreciates, and only enhancements are added."""
    criteria: tuple[tuple[str, date], ...] = ()
    """Criterion of IAS 38.57 -> day from which it is met."""


@dataclass(frozen=True)
class Spent:
    """Money spent on one activity on a day."""

    day: date
    activity: Activity
    amount: Decimal


@dataclass(frozen=True)
class Judged:
    """What becomes of it, and why."""

    spent: Spent
    capitalized: bool
    reason: str


def judge(policy: Policy, project: Project, spent: Iterable[Spent]) -> list[Judged]:
    """Each amount as a whole is capitalized or expensed."""
    return [_judged(policy, project, one) for one in spent]


def capitalized(judged: Iterable[Judged]) -> Decimal:
    """What becomes the cost of the asset."""
    return sum((one.spent.amount for one in judged if one.capitalized), Decimal(0))


def _judged(policy: Policy, project: Project, spent: Spent) -> Judged:
    if spent.activity in _NEVER:
        return Judged(spent, False, _NEVER[spent.activity])
    if spent.activity not in _BUILDING:
        return Judged(spent, False, f"{spent.activity.value} comes before there is an asset")
    if project.ready is not None and spent.day >= project.ready:
        if spent.activity is not Activity.ENHANCEMENT:
            return Judged(spent, False, f"the software was ready on {project.ready}")
    elif spent.activity is Activity.ENHANCEMENT:
        return Judged(spent, False, "an enhancement adds to software that is ready")
    capital, reason = _TESTS[policy](project, spent.day)
    return Judged(spent, capital, reason)


def _stages(project: Project, day: date) -> tuple[bool, str]:
    ended = project.preliminary_ended
    if ended is None or day < ended:
        return False, "the preliminary stage is not over"
    return _funded(project, day)


def _funded(project: Project, day: date) -> tuple[bool, str]:
    if project.funding_committed is None or day < project.funding_committed:
        return False, "nobody has authorised and committed the funding"
    if project.completion_probable is None or day < project.completion_probable:
        return False, "it is not probable that it will be completed and used"
    return True, "funding is committed, completion and use are probable"


def _six_criteria(project: Project, day: date) -> tuple[bool, str]:
    met = {name for name, since in project.criteria if since <= day}
    missing = [name for name in CRITERIA if name not in met]
    if missing:
        return False, f"not yet {', '.join(missing)} (IAS 38.57)"
    return True, "all six criteria of IAS 38.57 are met"


_TESTS: dict[Policy, Callable[[Project, date], tuple[bool, str]]] = {
    Policy.ASC_350_40_STAGES: _stages,
    Policy.ASC_350_40_PROBABLE: _funded,
    Policy.IAS_38: _six_criteria,
}
