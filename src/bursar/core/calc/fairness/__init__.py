"""What each would bear of a shared cost in fairness. Rules: docs/spec/fairness.md."""
