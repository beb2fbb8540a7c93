"""What the reference office refuses."""

from __future__ import annotations

from bursar.core.refusal import Refused


class UnknownPack(Refused):
    """A taxonomy pack was named that is not shipped."""

    code = "reference.unknown_pack"


class HierarchyLoop(Refused):
    """A member would stand above itself on some day."""

    code = "reference.loop"


class BadRate(Refused):
    """A rate to be set is zero or below, joins a currency with itself, or covers no day."""

    code = "fx.bad_rate"


class RateOverlap(Refused):
    """Another rate of the same pair and type covers some of the days."""

    code = "fx.overlap"


class UnknownRateType(Refused):
    """The type of a rate is none of closing, average and plan."""

    code = "fx.unknown_type"


class UnknownMember(Refused):
    """A name is no member of the taxonomy's layer."""

    code = "reference.unknown_member"


class DuplicateMember(Refused):
    """A name, or the row of a name, stands twice where it may stand once."""

    code = "reference.duplicate_member"


class NoCrosswalk(Refused):
    """There is no crosswalk between two taxonomies, or no such version of it."""

    code = "reference.no_crosswalk"


class BadCrosswalk(Refused):
    """A text of a crosswalk cannot be read, or a row has another form than rows have."""

    code = "reference.bad_crosswalk"


class SharesNotOne(Refused):
    """The shares of a crosswalk's row are not all above zero, or do not add up to one."""

    code = "reference.shares_not_one"
