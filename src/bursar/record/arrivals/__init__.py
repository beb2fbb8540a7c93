"""Watched places: looking at them, fetching what arrived, and saying what is late."""
