"""Bursar: where every euro of technology money goes."""

from __future__ import annotations

import decimal

# Python's own context keeps 28 digits, but a ledger amount has up to 38: without this, `a + b`
# could round in silence. New threads copy DefaultContext; the running thread has its own.
decimal.DefaultContext.prec = 100
decimal.setcontext(decimal.DefaultContext.copy())
