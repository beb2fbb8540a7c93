"""What matching evidences refuses, by code."""

from __future__ import annotations

from bursar.core.refusal import Refused


class BadSelector(Refused):
    """Text that was to name lines of a source does not."""

    code = "evidence.bad_selector"


class UnknownGroup(Refused):
    """There is no evidence group of that id."""

    code = "evidence.unknown_group"


class UnknownMatchRule(Refused):
    """There is no match rule of that name."""

    code = "evidence.unknown_rule"


class BadMatch(Refused):
    """Evidences to be matched have no lines, are of one level, or of two legal entities."""

    code = "evidence.bad_match"


class CountedAlready(Refused):
    """A line of the match is evidence in another confirmed group, and would be netted twice."""

    code = "evidence.counted_already"


class CurrenciesDiffer(Refused):
    """Evidences of two currencies cannot be netted line by line."""

    code = "evidence.currencies_differ"
