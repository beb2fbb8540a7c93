"""Engines read, join on integers, group and sum; they never divide or multiply money."""
