"""Posting the allocated result back into the general ledger: journals that balance to the cent."""
