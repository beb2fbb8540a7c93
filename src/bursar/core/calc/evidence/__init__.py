"""One obligation, several evidences: which of them mean the same money, and counting it once."""
