"""How Bursar says no: a refusal names its reason by code, and a broken invariant stops the work."""

from __future__ import annotations


class Refused(Exception):
    """An act that was asked for and not done; nothing was changed.

    `code` is dotted and stable (`import.empty_file`); the message says where, what and how to
    mend it. Surfaces turn a refusal into an HTTP status or exit code in their last line.
    """

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InvariantBroken(Exception):
    """Sums differ where they must not: a defect of Bursar itself. Nothing is published."""
