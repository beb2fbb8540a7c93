"""What control refuses, by code."""

from __future__ import annotations

from bursar.core.refusal import Refused


class NoControl(Refused):
    """No balance of the general ledger was loaded for the period and entity."""

    code = "control.no_balance"


class Unexplained(Refused):
    """A difference that nothing explains was to be signed without a word about it."""

    code = "control.unexplained"


class BadAccountScope(Refused):
    """An account's scope was to be set without a pattern or a reason."""

    code = "control.bad_scope"
