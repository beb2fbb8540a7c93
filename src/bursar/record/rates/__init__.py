"""Rates coming in: which are new, which change one that is known, and which contradict one."""
