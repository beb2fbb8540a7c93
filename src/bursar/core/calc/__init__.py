"""Calculations: tables in, tables out; no clock, no chance, no files."""
