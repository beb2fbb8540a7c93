"""A firm drawn by chance: ledgers of two sources, drivers, and a model of many methods."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.stages.allocate.firm import drivers, model

from bursar.record.actions.import_files import import_files

PERIODS = ("2026-01", "2026-02", "2026-03")
ACCOUNTS = ("6010", "6500", "6510", "6700", "6999")
CENTERS = ("R1", "R2", "W1", "Ärger", "")
UNITS = ("Retail", "Wholesale", "Logistics", "Zürich", "Labs")
SERVICES = ("Webshop", "ERP", "Mail", "Data")
POOLS = {
    "6010": "Staffing / Internal Labor",
    "6500": "Cloud Services / Cloud Service Provider",
    "6510": "Cloud Services / Cloud Service Provider",
}


def random_firm(chance: Random, folder: Path, *, by_line: bool) -> list[str]:
    """Imports and models it; gives the periods to run. With `by_line` rules look at lines."""
    for source in ("erp", "cards"):
        _ledger(chance, folder / f"{source}.csv", source)
    _drivers(chance, folder)
    model(_model(chance, by_line=by_line))
    return list(PERIODS)


def _ledger(chance: Random, file: Path, source: str) -> None:
    """Costs and credits of up to six digits after the point, in two currencies."""
    rows = ["posting_date,amount,currency,gl_account,cost_center,description"]
    for _ in range(chance.randint(60, 200)):
        day = f"{chance.choice(PERIODS)}-{chance.randint(1, 28):02d}"
        amount = chance.randint(-20_000_000, 90_000_000)
        places = chance.choice([0, 2, 6])
        written = f"{amount // 10**places}.{abs(amount) % 10**places:0{places}d}".rstrip(".")
        said = chance.choice(["licence", "server rack", "travel", "Übersetzung", ""])
        rows.append(
            f"{day},{written},{chance.choice(['EUR', 'USD'])},{chance.choice(ACCOUNTS)},"
            f"{chance.choice(CENTERS)},{said}"
        )
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    import_files(paths=[file], acting_user=None, source=source, format="ledger")


def _drivers(chance: Random, folder: Path) -> None:
    rows = []
    for period in PERIODS:
        for name, targets in (("orders", UNITS), ("hours", SERVICES), ("calls", SERVICES)):
            for target in targets:
                if chance.random() < 0.8:
                    quantity = chance.choice([0, chance.randint(1, 90), chance.random()])
                    rows.append(f"{name},{period},,{target},{quantity:.6f}")
    drivers(folder, "\n".join(rows) + "\n")


def _model(chance: Random, *, by_line: bool) -> str:
    shares = [chance.randint(1, 30) for _ in UNITS[:3]]
    line_rule = (
        '  - {name: racks, when: {charge_description: {contains: rack}, billed_cost: {above: "5"}}'
        ", set: {solution: Data}}\n"
        if by_line
        else ""
    )
    pools = "".join(
        f'  - {{name: pool {a}, when: {{gl_account: "{a}"}}, set: {{cost_pool: {pool}}}}}\n'
        for a, pool in POOLS.items()
    )
    fixed = ", ".join(f"{unit}: {share}" for unit, share in zip(UNITS, shares, strict=False))
    return (
        f"name: Random firm\ntaxonomy: tbm-5.0\nbasis: billed\nconsumers: [{', '.join(UNITS)}]\n"
        f"solutions: [{', '.join(SERVICES)}]\nclassify:\n{line_rule}{pools}"
        "  - {name: R1 is Retail, when: {cost_center: R1}, set: {consumer: Retail}}\n"
        "  - {name: Ärger, when: {cost_center: Ärger}, set: {solution: Mail}}\n"
        "steps:\n"
        "  - name: to towers\n    to: tower\n    rules:\n"
        "      - {name: people, when: {cost_pool: Staffing}, method: direct, "
        "target: Application / Development}\n"
        "      - {name: rest, method: direct, target: Compute / Servers}\n"
        "  - name: to services\n    to: solution\n    rules:\n"
        "      - {name: by hours, method: weighted, driver: hours}\n"
        "  - name: services charge each other\n    among: solution\n    method: reciprocal\n"
        "    rules:\n"
        "      - {name: calls, when: {solution: [Mail, Data]}, method: weighted, driver: calls}\n"
        "  - name: to units\n    to: consumer\n    rules:\n"
        f"      - {{name: agreed, when: {{solution: ERP}}, method: fixed, shares: {{{fixed}}}, "
        "residual: retained}\n"
        "      - {name: by orders, method: weighted, driver: orders, markup: 7}\n"
    )
