"""Facts of reference beside the cost lines: commitments, invoice lines, billing periods."""
