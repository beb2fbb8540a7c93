"""How the text of one cell becomes a value: amounts, moments, words from a list, tags."""
