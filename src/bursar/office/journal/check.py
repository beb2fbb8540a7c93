"""What a check of the installation says: its name, whether all is well, and the details."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One answer of `bursar verify`; the detail counts what was checked, or says what is wrong."""

    name: str
    ok: bool
    detail: str

    def to_json(self) -> dict[str, object]:
        return {"name": self.name, "ok": self.ok, "detail": self.detail}
