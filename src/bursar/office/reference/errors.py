"""What the reference office refuses."""

from __future__ import annotations

from bursar.core.refusal import Refused


class UnknownPack(Refused):
    """A taxonomy pack was named that is not shipped."""

    code = "reference.unknown_pack"


class HierarchyLoop(Refused):
    """A member would stand above itself on some day."""

    code = "reference.loop"
