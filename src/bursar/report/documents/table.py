"""A statement as a table in a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from bursar.report.documents.printed import printed
from bursar.report.statement import Statement, Statements


def statement_table(found: Statements) -> Group:
    """Every statement, one below the other."""
    parts: list[Group | Text] = []
    for statement in found.statements:
        parts += [_one(statement), Text("")]
    if parts:
        return Group(*parts)
    nothing = (
        "No statement in this choice." if found.periods else "Nothing was run yet: bursar run."
    )
    return Group(Text(nothing))


def _one(statement: Statement) -> Group:
    """Heading, lines by solution with subtotals, total, and what it is made of."""
    page = printed(statement)
    table = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("Solution and tower")
    table.add_column("Cost pool", style="dim")
    table.add_column("Amount", justify="right")
    table.add_column("Share", justify="right", style="dim")
    if page["has_previous"]:
        table.add_column("Change", justify="right", style="dim")
    for group in page["groups"]:
        table.add_row(*_row(page, group["solution"], "", group, "total"), style="bold")
        for line in group["lines"]:
            table.add_row(*_row(page, f"  {line['tower']}", line["pool"], line, "amount"))
    total = [f"Total {page['currency']}", "", page["total"], ""]
    table.add_row(*total, *([page["total_change"]] if page["has_previous"] else []), style="bold")
    heading = Text.assemble(
        (f"{page['consumer']}", "bold"),
        f"  {page['period']}, {page['basis']} cost\n",
        page["summary"],
    )
    made = f"Statement {page['statement_id']}, run {page['run_id']}, model {page['model']}"
    return Group(heading, Text(""), table, Text(made, style="dim"))


def _row(
    page: dict[str, Any], first: str, pool: str, figures: dict[str, Any], amount: str
) -> list[Text]:
    cells = [first, pool, figures[amount], figures["share"]]
    if page["has_previous"]:
        cells.append(figures["change"])
    return [Text(cell) for cell in cells]
