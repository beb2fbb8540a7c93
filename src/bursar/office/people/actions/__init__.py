"""Acts on users: one file each."""
