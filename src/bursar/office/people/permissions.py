"""Which acts a role includes.

An act is named `<room>.<act>`; reading is an act too:

- `read.figures`: costs, statements and traces (within the user's scope)
- `read.data`: batches, rejected lines, control totals
- `read.model`: the cost model, its drivers and runs
- `read.journal`: who did what
- `read.registers`: assets, contracts and positions, without their secret fields
- `read.salaries`: what a single person is paid; no role has it by the way
- `allocate.answer_statement`: accepts or disputes what was issued to a consumer in scope
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from bursar.office.people.errors import NotAllowed
from bursar.office.people.models import Role, User

# First match decides; `!` in front forbids. Whoever runs the installation need not see pay.
ACTS: dict[str, tuple[str, ...]] = {
    Role.ADMINISTRATOR: ("!read.salaries", "*"),
    Role.IT_FINANCE: ("!people.*", "!read.salaries", "*"),
    Role.STAFF_FINANCE: ("!people.*", "*"),
    Role.AUDITOR: ("!read.salaries", "read.*"),
    Role.BUDGET_OWNER: ("read.figures", "allocate.answer_statement"),
}


def may(user: User | None, act: str) -> bool:
    """Whether the user's role includes the act; None is the operator at the command line."""
    if user is None:
        return True
    if not getattr(user, "is_active", False) or not user.is_authenticated:
        return False
    for pattern in ACTS.get(user.role, ()):
        if fnmatchcase(act, pattern.removeprefix("!")):
            return not pattern.startswith("!")
    return False


def require(user: User | None, act: str) -> None:
    """Raises NotAllowed unless `may(user, act)`."""
    if not may(user, act):
        name = user.get_username() if user is not None else "system"
        role = Role(user.role).label if user is not None and user.is_authenticated else "nobody"
        raise NotAllowed(
            f"{name or 'An anonymous visitor'} ({role}) may not do '{act}'. "
            "An administrator can give another role."
        )
