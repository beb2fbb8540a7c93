"""Printed documents: each module renders report dataclasses as the bytes of one kind of file.

pdf.statement_pdf(statements)      bytes, one document of all statements given
xlsx.statement_xlsx(statements)    bytes, one workbook
csv.statement_csv(statements)      text
focus.statement_focus(scope, statements)  text, FOCUS 1.4 rows of our own showback
table.statement_table(statements)  rich renderable for a terminal
xlsx.costs_xlsx(costs), csv.costs_csv(costs)  the Costs page's exports
"""
