"""What `bursar model learn` prints of a workbook, and the drivers as a usage file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from bursar.cli.output import print_table, say
from bursar.core.money.amount import exact_text

if TYPE_CHECKING:
    from bursar.allocate.learning import LearnedModel

_SHAPES = {
    "flat": "every pool charges consumers",
    "levels": "some pools charge other pools first (step-down)",
    "mixed": "some pools charge other pools and consumers (step-down)",
}


def print_learned(found: LearnedModel) -> None:
    """The pools with their explanations, the share reproduced, and the workbook's errors."""
    told = found.to_json()
    where = told["costs_from"]
    say(
        f"{found.workbook}: {_SHAPES[found.shape]}; "
        + (f"costs from {where}." if where else "no costs beside the charges, so their sums are.")
    )
    rows = [
        {
            **pool,
            "rule": _rule(pool),
            "share": f"{pool['reproduced_percent']} %",
        }
        for pool in told["pools"]
    ]
    columns = {"pool": "Pool", "cost": "Cost", "charged": "Charged", "share": "Reproduced",
               "rule": "Proposed"}  # fmt: skip
    print_table(rows, columns, right=["cost", "charged", "share"])
    for pool in told["pools"]:
        for way in pool["also"]:
            say(f"{pool['pool']} comes out as well {way['says']} ({way['method']}).")
    say(
        f"Reproduced to the cent: {told['reproduced']} of {told['charged']} "
        f"({told['reproduced_percent']} %)."
    )
    if found.near:
        say(f"{found.near} of these lines differ by one cent of rounding.")
    findings = told["findings"]
    say(f"Errors in the workbook: {len(findings) or 'none found'}.")
    for finding in findings:
        say(f"{finding['sheet']}!{finding['cell']}: {finding['message']} ({finding['code']})")


def _rule(pool: dict[str, object]) -> str:
    way = pool["proposed"]
    if not isinstance(way, dict):
        return "nothing explains it"
    ratio = way["charged_percent_of_cost"]
    return f"{way['says']}" + (f", but {ratio} % of the cost" if ratio else "")


def usage_file(found: LearnedModel, period: str) -> str:
    """The drivers as `bursar import` reads them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("driver", "period", "from", "to", "quantity"))
    for driver, giver, to, quantity in found.drivers:
        writer.writerow((driver, period, giver or "", to, exact_text(quantity)))
    return out.getvalue()
