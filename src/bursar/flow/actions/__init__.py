"""Acts on periods: they need every room's checks, so they live above all rooms."""
