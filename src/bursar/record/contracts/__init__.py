"""Contracts, licences, subscriptions and leases: what is owed for a time."""
