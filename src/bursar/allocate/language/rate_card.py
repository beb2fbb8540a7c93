"""The `rates` part: what one unit of a driver costs, with tiers, bounds, commitments and dates."""

from __future__ import annotations

from decimal import Decimal

from yaml.nodes import MappingNode, Node

from bursar.allocate.language.members import Members
from bursar.allocate.language.nodes import amount, currency, day, fields, items, one_of, pairs, text
from bursar.allocate.language.problems import Problems
from bursar.core.calc.allocation.rates import GRADUATED, VOLUME, Price, Rate, Tier

TERMS = ("price", "tiers", "by", "minimum", "maximum", "committed")
KEYS = ("name", "driver", "unit", "currency", "prices", *TERMS)


def read_rates(node: Node | None, members: Members, problems: Problems) -> dict[str, Rate]:
    """Rates by name; those that could not be read are left out, with their problem."""
    found: dict[str, Rate] = {}
    for entry in items(node, "`rates`", problems):
        rate = _read_rate(entry, members, problems)
        if rate is None:
            continue
        if rate.name in found:
            problems.add(entry, "duplicate_rate", f"Two rates are called '{rate.name}'. Keep one.")
        found[rate.name] = rate
    return found


def _read_rate(entry: Node, members: Members, problems: Problems) -> Rate | None:
    known = fields(entry, "A rate", KEYS, problems)
    if not isinstance(entry, MappingNode):
        return None
    said: dict[str, str] = {}
    for key in ("name", "driver", "unit", "currency"):
        read = currency if key == "currency" else text
        value = read(known.get(key), f"`{key}` of a rate", problems)
        if key not in known:
            problems.add(entry, "missing_key", f"This rate has no `{key}`.")
        if value is not None:
            said[key] = value
    if "currency" in known and "currency" not in said:
        return None
    prices = _read_prices(entry, known, members, problems)
    if len(said) < len(("name", "driver", "unit", "currency")) or not prices:
        return None
    return Rate(said["name"], said["driver"], said["unit"], said["currency"], prices)


def _read_prices(
    entry: Node, known: dict[str, Node], members: Members, problems: Problems
) -> tuple[Price, ...]:
    """One price for good, or several under `prices`, each from a day on, ascending."""
    if "prices" not in known:
        price = _read_price(entry, known, members, problems)
        return (price,) if price else ()
    for key in TERMS:
        if key in known:
            problems.add(
                known[key], "wrong_key", f"`{key}` stands beside `prices`. Move it into them."
            )
    found: list[Price] = []
    for one in items(known["prices"], "`prices`", problems):
        price = _read_price(
            one, fields(one, "A price", ("from", *TERMS), problems), members, problems
        )
        if price is None:
            continue
        if found and (
            price.starts is None or (found[-1].starts and price.starts <= found[-1].starts)
        ):
            problems.add(
                one, "bad_date", "Prices ascend by `from`, the first day on which each holds."
            )
        found.append(price)
    return tuple(found)


def _read_price(
    entry: Node, known: dict[str, Node], members: Members, problems: Problems
) -> Price | None:
    starts = day(known["from"], "`from`", problems) if "from" in known else None
    tiers = _read_tiers(entry, known, problems)
    by = one_of(known.get("by"), "`by`", (GRADUATED, VOLUME), problems) or GRADUATED
    bounds = {
        key: _not_negative(known[key], f"`{key}`", problems) if key in known else None
        for key in ("minimum", "maximum")
    }
    low, high = bounds["minimum"], bounds["maximum"]
    if low is not None and high is not None and high < low:
        problems.add(known["maximum"], "bad_number", "`maximum` is below `minimum`.")
    committed: list[tuple[str, Decimal]] = []
    for key, value in (
        pairs(known["committed"], "`committed`", problems) if "committed" in known else ()
    ):
        name = members.check("consumer", key.value, key, problems)
        quantity = _not_negative(value, f"The commitment of '{key.value}'", problems)
        if name and quantity is not None:
            committed.append((name, quantity))
    return Price(starts, tiers, by, low, high, tuple(committed)) if tiers else None


def _read_tiers(entry: Node, known: dict[str, Node], problems: Problems) -> tuple[Tier, ...]:
    if ("price" in known) == ("tiers" in known):
        problems.add(entry, "missing_key", "A rate has a `price`, or `tiers` with one each.")
        return ()
    if "price" in known:
        price = _not_negative(known["price"], "`price`", problems)
        return () if price is None else (Tier(None, price),)
    found: list[Tier] = []
    for one in items(known["tiers"], "`tiers`", problems):
        keys = fields(one, "A tier", ("up_to", "price"), problems)
        if "price" not in keys:
            problems.add(one, "missing_key", "This tier has no `price`.")
            continue
        price = _not_negative(keys["price"], "`price`", problems)
        top = _not_negative(keys["up_to"], "`up_to`", problems) if "up_to" in keys else None
        if found and (found[-1].up_to is None or (top is not None and top <= found[-1].up_to)):
            problems.add(one, "bad_tiers", "Tiers ascend by `up_to`; only the last has none.")
        if price is not None:
            found.append(Tier(top, price))
    return tuple(found)


def _not_negative(node: Node, what: str, problems: Problems) -> Decimal | None:
    value = amount(node, what, problems)
    if value is not None and value < 0:
        problems.add(node, "bad_number", f"{what} is below zero.")
        return None
    return value
