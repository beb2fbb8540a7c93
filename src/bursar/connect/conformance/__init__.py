"""Whether a file follows FOCUS: rules as data, checked row by row, with a score by level."""
