"""Positions, rate cards, standard rates and time sheets: what people cost."""
