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
