"""Restating figures under another taxonomy, exactly (rules TX1-TX12)."""
