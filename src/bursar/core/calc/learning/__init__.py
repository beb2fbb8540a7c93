"""From the cells of last year's workbook to the rules that reproduce it (LM1-LM24)."""
