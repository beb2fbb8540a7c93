"""Registers: what keeps records with a history, and derives each month's cost from them."""
