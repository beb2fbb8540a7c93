"""The cost model's text: a small YAML language, read with the line of every problem."""
