"""Reading with a profile: from the rows of a file to cost lines."""
