"""A made-up company with two years of technology cost, for a first look and for tests.

Everything is computed from names and whole numbers, so the figures are the same on every
machine. The files it writes are read by the same acts that a user's own files go through.
"""
