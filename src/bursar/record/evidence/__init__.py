"""One obligation, several evidences: proposals, decisions, and the lines that count it once."""
