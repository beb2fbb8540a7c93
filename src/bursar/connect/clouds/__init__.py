"""Native bills of cloud providers as FOCUS columns, by a declared mapping per provider."""
