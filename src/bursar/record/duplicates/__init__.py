"""Suspected duplicates and credit notes among lines in force: told, never dropped."""
