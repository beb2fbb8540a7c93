"""Every address of the product."""

from __future__ import annotations

urlpatterns: list = []
