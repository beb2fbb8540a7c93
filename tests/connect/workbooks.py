"""Chargeback workbooks as people write them: real formulas beside the values they came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import xlsxwriter


class F(NamedTuple):
    """A formula and the value that a spreadsheet program stored beside it."""

    formula: str
    value: Fraction | int | str

    @property
    def number(self) -> Fraction | int:
        assert not isinstance(self.value, str)
        return self.value


Written = str | int | float | F | None
Rows = Sequence[Sequence[Written]]


def write_book(path: Path, sheets: Mapping[str, Rows]) -> Path:
    """An .xlsx file of these sheets, from A1 on."""
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, F):
                        value = cell.value if isinstance(cell.value, str) else float(cell.value)
                        sheet.write_formula(row, column, f"={cell.formula}", None, value)
                    elif isinstance(cell, str):
                        sheet.write_string(row, column, cell)
                    elif cell is not None:
                        sheet.write_number(row, column, cell)
    return path


CONSUMERS = ("Retail", "Stores", "Online", "Logistics")
COSTS = {"Workplace": 120_000, "Network": 48_123.45, "ERP": 250_000.1, "Licences": 9_999.99,
         "Audit": 7_000}  # fmt: skip
HEADS = (320, 150, 77, 41)
PORTS = (12, 9, 31, 5)
HOURS = (400.5, 12.25, 310, 99)


def matrix_sheets() -> dict[str, list[list[Written]]]:
    """Pools by consumers, drivers on a sheet of their own, costs on another."""
    costs: list[list[Written]] = [["IT cost 2025"], [], ["Pool", "Owner", "Cost"]]
    costs += [[pool, "CIO", amount] for pool, amount in COSTS.items()]
    costs.append(["Total", None, F("SUM(C4:C8)", whole(COSTS.values()))])
    drivers: list[list[Written]] = [["Driver", *CONSUMERS, "Total"]]
    for row, (name, line) in enumerate(
        (("Headcount", HEADS), ("Ports", PORTS), ("Hours", HOURS)), start=2
    ):
        drivers.append([name, *line, F(f"SUM(B{row}:E{row})", whole(line))])
    result: list[list[Written]] = [["Pool", *CONSUMERS, "Total", "Check"]]
    rows = (("Workplace", HEADS, 2), ("Network", PORTS, 3), ("ERP", HOURS, 4))
    for place, (pool, line, row) in enumerate(rows, start=2):
        lines = [
            F(f"Costs!$C${place + 2}*Drivers!{c}${row}/Drivers!$F${row}", part)
            for c, part in zip("BCDE", divided(COSTS[pool], line), strict=True)
        ]
        result.append([pool, *lines, *_total(place, COSTS[pool])])
    even = [
        F(f"Costs!$C$7/{len(CONSUMERS)}", part) for part in divided(COSTS["Licences"], (1,) * 4)
    ]
    result.append(["Licences", *even, *_total(5, COSTS["Licences"])])
    result.append(["Audit", F("Costs!C8", 7_000), 0, 0, 0, *_total(6, 7_000)])
    sums = [
        F(f"SUM({c}2:{c}6)", sum((_value(line[at]) for line in result[1:]), Fraction(0)))
        for at, c in enumerate("BCDEF", start=1)
    ]
    result.append(["Total", *sums])
    return {"Costs": costs, "Drivers": drivers, "Charges": result}


def _total(row: int, cost: float) -> list[Written]:
    return [F(f"SUM(B{row}:E{row})", exact(cost)), F(f"F{row}-Costs!C{row + 2}", 0)]


def _value(cell: Written) -> Fraction:
    if isinstance(cell, F):
        return Fraction(cell.number)
    assert isinstance(cell, int | float)
    return exact(cell)


def exact(number: float) -> Fraction:
    """What is written, as a fraction."""
    return Fraction(repr(number))


def whole(numbers: object) -> Fraction:
    return sum((exact(n) for n in numbers), Fraction(0))  # type: ignore[attr-defined]


def divided(amount: float | Fraction, weights: Sequence[float]) -> list[Fraction]:
    """The amount by weights, in plain fractions."""
    total = whole(weights)
    cost = amount if isinstance(amount, Fraction) else exact(amount)
    return [cost * exact(weight) / total for weight in weights]


def list_sheets(shares: Mapping[str, Sequence[float]]) -> dict[str, list[list[Written]]]:
    """A long list of pool, consumer and amount, from a sheet of shares in percent."""
    names = CONSUMERS[:3]
    table: list[list[Written]] = [["Key", *names]]
    table += [[pool, *percents] for pool, percents in shares.items()]
    costs: list[list[Written]] = [["Pool", "Cost"]]
    costs += [[pool, 10_000 + 1_234.56 * at] for at, pool in enumerate(shares)]
    rows: list[list[Written]] = [["Pool", "Consumer", "Amount"]]
    for at, (pool, percents) in enumerate(shares.items()):
        for place, (name, percent) in enumerate(zip(names, percents, strict=True)):
            value = exact(10_000 + 1_234.56 * at) * exact(percent) / 100
            cell = f"{'BCD'[place]}{at + 2}"
            rows.append([pool, name, F(f"Costs!B{at + 2}*Shares!{cell}/100", value)])
    return {"Costs": costs, "Shares": table, "Charges": rows}


def step_down_sheets() -> dict[str, list[list[Written]]]:
    """Support pools charge services by staff, services charge consumers by use."""
    services = ("Mail", "Files", "Portal")
    own = {"Service desk": 30_000, "IT management": 45_000.5, "Mail": 12_345.67,
           "Files": 20_000, "Portal": 8_000}  # fmt: skip
    tickets, staff = (50, 30, 20), (3, 4, 5)
    costs: list[list[Written]] = [["Pool", "Cost"], *([p, amount] for p, amount in own.items())]
    drivers: list[list[Written]] = [
        ["Driver", *services],
        ["Tickets", *tickets],
        ["Staff", *staff],
    ]
    desk = divided(30_000, tickets)
    management = divided(45_000.5, staff)
    support: list[list[Written]] = [["From", *services]]
    for row, (pool, parts) in enumerate(
        (("Service desk", desk), ("IT management", management)), start=2
    ):
        cells = [
            F(f"Costs!$B{row}*Drivers!{c}{row}/SUM(Drivers!$B{row}:$D{row})", part)
            for c, part in zip("BCD", parts, strict=True)
        ]
        support.append([pool, *cells])
    use = {"Mail": (900, 500, 250, 60), "Files": (10, 40, 35, 15), "Portal": (1, 0, 7, 2)}
    usage: list[list[Written]] = [["Service", *CONSUMERS], *([s, *q] for s, q in use.items())]
    final: list[list[Written]] = [["Service", "Own cost", "From support", *CONSUMERS]]
    for at, service in enumerate(services):
        received = desk[at] + management[at]
        total = exact(own[service]) + received
        row = at + 2
        cells = [
            F(f"($B{row}+$C{row})*Usage!{c}{row}/SUM(Usage!$B{row}:$E{row})", part)
            for c, part in zip("BCDE", divided(total, use[service]), strict=True)
        ]
        column = "BCD"[at]
        came = F(f"SUM(Support!{column}2:{column}3)", received)
        final.append([service, F(f"Costs!B{at + 4}", exact(own[service])), came, *cells])
    return {"Costs": costs, "Drivers": drivers, "Support": support, "Usage": usage, "Final": final}
