"""Assets: what was bought once and costs month by month."""
