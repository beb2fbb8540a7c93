"""Bursar: where every euro of technology money goes."""
