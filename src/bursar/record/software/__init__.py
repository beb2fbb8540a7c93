"""Software that a company builds for itself: what of its cost becomes an asset."""
