"""The registers that there are, in the order in which pages show them."""

from __future__ import annotations

from bursar.record.assets.register import ASSET_CLASSES, ASSETS
from bursar.record.contracts.register import CONTRACTS
from bursar.record.errors import UnknownRegister
from bursar.record.people.register import (
    POSITIONS,
    RATE_CARDS,
    STANDARD_RATES,
    TIME_SHEETS,
)
from bursar.record.registers.register import Register
from bursar.record.software.register import SOFTWARE_PROJECTS

REGISTERS: tuple[Register, ...] = (
    ASSETS,
    ASSET_CLASSES,
    CONTRACTS,
    POSITIONS,
    RATE_CARDS,
    STANDARD_RATES,
    TIME_SHEETS,
    SOFTWARE_PROJECTS,
)


def register_named(name: str) -> Register:
    """The register of that name. Refusals: record.unknown_register."""
    for register in REGISTERS:
        if name in (register.name, register.source):
            return register
    names = ", ".join(register.source for register in REGISTERS)
    raise UnknownRegister(f"There is no register '{name}'. There are {names}.")
