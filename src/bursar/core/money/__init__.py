"""Money: exact amounts, currencies, rounding and whole units. Rules: `docs/spec/money.md`."""
