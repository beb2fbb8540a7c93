"""Invoices between companies as EN 16931 has them, and their two XML syntaxes.

Rules: `docs/spec/einvoice.md`.
"""
