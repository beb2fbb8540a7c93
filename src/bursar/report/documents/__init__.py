"""Printed documents: each module renders report dataclasses as the bytes of one kind of file.

pdf.statement_pdf(found)             bytes, one document of all statements found
xlsx.statement_xlsx(found)           bytes, one workbook
csv.statement_csv(found)             text
focus.statement_focus(scope, found)  text, FOCUS 1.4 rows of our own showback
table.statement_table(found)         rich renderable for a terminal
xlsx.costs_xlsx(costs), csv.costs_csv(costs)  the Costs page's exports

`found` is what `bill_of_it.statements` answers; wrap a single one in `Statements.of(statement)`.
"""
