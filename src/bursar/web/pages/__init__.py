"""One module per subject: views that parse, ask a report or an act, and render."""
