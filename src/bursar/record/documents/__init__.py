"""Documents entered by hand: drafts, numbering, live rows, settling and attachments."""
