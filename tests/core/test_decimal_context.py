"""Plain Decimal arithmetic keeps every digit of a ledger amount, in any thread."""

from __future__ import annotations

import threading
from decimal import Decimal

import bursar  # noqa: F401

LARGEST = Decimal("99999999999999.999999999999999999999999")
ONE_CENT = Decimal("0.01")


def test_addition_keeps_all_digits_in_this_thread() -> None:
    assert LARGEST + ONE_CENT - LARGEST == ONE_CENT


def test_addition_keeps_all_digits_in_a_new_thread() -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(LARGEST + ONE_CENT - LARGEST))
    thread.start()
    thread.join()
    assert found == [ONE_CENT]
