"""What exporting postings refuses, by code."""

from __future__ import annotations

from bursar.core.refusal import Refused


class UnknownLayout(Refused):
    """There is no layout of postings of that name."""

    code = "postings.unknown_layout"


class NothingToPost(Refused):
    """The run of the period issued no statement, or nothing changed since it was exported."""

    code = "postings.no_statement"


class AccountMissing(Refused):
    """The layout needs accounts that were not named."""

    code = "postings.account_missing"
