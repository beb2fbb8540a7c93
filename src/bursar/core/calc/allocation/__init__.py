"""Moving money from layer to layer without losing a unit. Rules: `docs/spec/allocation.md`."""
