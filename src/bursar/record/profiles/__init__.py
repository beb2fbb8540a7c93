"""Stored profiles: finding one by its name, or by the header of a file."""
