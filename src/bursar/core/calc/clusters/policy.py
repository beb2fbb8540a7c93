"""How one cluster's cost is split: the measures that count, and which namespaces are platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Literal

Driver = Literal["cpu", "memory", "blend"]
Idle = Literal["keep", "share"]

DRIVERS: tuple[Driver, ...] = ("blend", "cpu", "memory")
IDLE: tuple[Idle, ...] = ("keep", "share")
CPU_SHARE = Decimal("0.73")
PLATFORM = ("openshift", "openshift-*", "kube-*")


@dataclass(frozen=True)
class Policy:
    """Rules K3 to K6: `cpu_share` is the part of a node's cost that its cores stand for."""

    driver: Driver = "blend"
    cpu_share: Decimal = CPU_SHARE
    idle: Idle = "keep"
    platform: Sequence[str] = PLATFORM

    @property
    def coefficients(self) -> tuple[int, int]:
        """Whole numbers for CPU and memory, in the proportion of their cost."""
        if self.driver == "cpu":
            return 1, 0
        if self.driver == "memory":
            return 0, 1
        cpu, whole = self.cpu_share.as_integer_ratio()
        return cpu, whole - cpu

    @property
    def method_id(self) -> str:
        """The documented method, as it stands on every line that the split gives."""
        blend = f":{self.cpu_share.normalize():f}" if self.driver == "blend" else ""
        return f"cluster:{self.driver}{blend}:idle-{self.idle}"

    def is_platform(self, namespace: str) -> bool:
        return any(fnmatchcase(namespace, pattern) for pattern in self.platform)
