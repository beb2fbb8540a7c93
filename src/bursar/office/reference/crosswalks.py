"""Crosswalks between taxonomies: the shipped rows, an organization's own, and the way back.

Rules TX2-TX5 and TX15 of docs/spec/taxonomy.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from bursar.core.calc.taxonomy.crosswalk import Crosswalk, Row, inverse
from bursar.office.reference.errors import (
    BadCrosswalk,
    DuplicateMember,
    NoCrosswalk,
    SharesNotOne,
    UnknownMember,
)
from bursar.office.reference.models import CrosswalkDecision
from bursar.office.reference.packs import FOLDER, LAYERS, Pack, read_pack
from bursar.office.reference.packs.once import load_once

SECTIONS = {"cost_pool": "cost_pools", "tower": "towers", "solution": "solutions"}
_KEYS = {"from", "to", "version", *SECTIONS.values()}
_ROW_KEYS = {"shares", "between", "gone", "why"}
Rows = Mapping[str, tuple[Row, ...]]
"""Rows by layer."""


@dataclass(frozen=True)
class CrosswalkText:
    """A text of rows between two packs."""

    source: str
    target: str
    version: int
    rows: Rows


@dataclass(frozen=True)
class Way:
    """The rows of every layer from one taxonomy to another; `version` names what they follow from.

    `turned` where the rows are those of the way back.
    """

    source: str
    target: str
    version: str
    turned: bool
    layers: Mapping[str, Crosswalk]


def way(source: str, target: str, *, decision: int | None = None) -> Way:
    """The way between two taxonomies; `decision` is an own version (0: as shipped; none: newest).

    Refuses: reference.unknown_pack, reference.no_crosswalk.
    """
    start, end = read_pack(source), read_pack(target)
    if source == target:
        return Way(source, target, "", False, {layer: Crosswalk({}) for layer in LAYERS})
    turned = not _file(source, target).exists()
    first, last = (end, start) if turned else (start, end)
    shipped = _shipped(first, last)
    number, own = _decided(first.name, last.name, decision)
    layers = {}
    for layer in LAYERS:
        rows = {row.source: row for row in shipped.rows[layer]}
        rows |= {row.source: row for row in own.get(layer, ())}
        there = Crosswalk(rows)
        layers[layer] = inverse(there, sorted(last.names(layer))) if turned else there
    return Way(source, target, f"{shipped.version}.{number}", turned, layers)


def _decided(source: str, target: str, number: int | None) -> tuple[int, Rows]:
    """The decision asked for: its number and its rows."""
    if number == 0:
        return 0, {}
    found = CrosswalkDecision.objects.filter(source=source, target=target)
    row = found.last() if number is None else found.filter(number=number).first()
    if row is None:
        if number is None:
            return 0, {}
        raise NoCrosswalk(
            f"There is no decision {number} on the crosswalk from {source} to {target}. "
            "0 is the crosswalk as shipped; `taxonomy crosswalk` names the newest."
        )
    return row.number, read_rows(row.text, f"decision {row.number}").rows


def _file(source: str, target: str) -> Any:
    return FOLDER / "crosswalks" / f"{source}--{target}.yaml"


def _shipped(source: Pack, target: Pack) -> CrosswalkText:
    file = _file(source.name, target.name)
    if not file.exists():
        raise NoCrosswalk(
            f"No crosswalk is shipped between {source.name} and {target.name}. "
            "Choose two taxonomies that `taxonomy list` shows with a crosswalk."
        )
    return _read_shipped(file.name, file.read_text(encoding="utf-8"))


@cache
def _read_shipped(name: str, text: str) -> CrosswalkText:
    return read_rows(text, name)


def shipped_pairs() -> list[tuple[str, str]]:
    """Pairs of taxonomies with a shipped crosswalk, earlier one first."""
    names = sorted(path.stem for path in (FOLDER / "crosswalks").glob("*.yaml"))
    return [(one, other) for one, _, other in (name.partition("--") for name in names)]


def read_rows(text: str, where: str) -> CrosswalkText:
    """The rows that a text states, checked against both packs.

    Refuses: reference.bad_crosswalk, reference.unknown_pack, reference.unknown_member,
    reference.duplicate_member, reference.shares_not_one.
    """
    content = load_once(text, where)
    unknown = sorted(str(key) for key in content if key not in _KEYS)
    if unknown:
        known = ", ".join(f"`{key}`" for key in sorted(_KEYS))
        raise BadCrosswalk(f"{where}: unknown key `{unknown[0]}`. Known are {known}.")
    named = [content.get(key) for key in ("from", "to")]
    if not all(isinstance(name, str) for name in named):
        raise BadCrosswalk(f"{where} does not say `from:` and `to:`, the names of two taxonomies.")
    packs = read_pack(str(named[0])), read_pack(str(named[1]))
    version = content.get("version", 1)
    if not isinstance(version, int):
        raise BadCrosswalk(f"{where}: `version` is a whole number, not {version!r}.")
    rows = {}
    for layer, section in SECTIONS.items():
        stated = content.get(section) or {}
        if not isinstance(stated, dict):
            raise BadCrosswalk(f"{where}: `{section}` is a map of `Name: where it went`.")
        rows[layer] = tuple(
            _row(source, body, layer, packs, f"{where}, `{source}`")
            for source, body in stated.items()
        )
    return CrosswalkText(packs[0].name, packs[1].name, version, rows)


def _row(source: Any, body: Any, layer: str, packs: tuple[Pack, Pack], where: str) -> Row:
    _known(source, layer, packs[0], where)
    if isinstance(body, str):
        _known(body, layer, packs[1], where)
        return Row(source, (body,))
    form = {key for key in body if key != "why"} if isinstance(body, dict) else set()
    if len(form) != 1 or not set(body) <= _ROW_KEYS or not isinstance(body.get("why", ""), str):
        raise BadCrosswalk(
            f"{where}: write the one name it went to, or one of {{shares: {{Name: 1/2, …}}}}, "
            "{between: [Name, …]} and {gone: true}, with `why` beside it if you like."
        )
    why = body.get("why", "")
    if "gone" in form:
        return Row(source, (), None, why)
    targets = body.get("between", body.get("shares"))
    if not isinstance(targets, list if "between" in form else dict) or len(targets) < 2:
        raise BadCrosswalk(f"{where}: name at least two heirs, or write the one name alone.")
    for target in targets:
        _known(target, layer, packs[1], where)
    if len(set(targets)) != len(targets):
        raise DuplicateMember(f"{where} names an heir twice. Keep one of them.")
    if "between" in form:
        return Row(source, tuple(targets), None, why)
    shares = tuple(_share(body["shares"][target], where) for target in targets)
    if sum(shares) != 1 or min(shares) <= 0:
        raise SharesNotOne(
            f"{where}: the shares are {', '.join(map(str, shares))} and sum to {sum(shares)}. "
            "Give shares above zero that sum to exactly 1, such as 1/3 and 2/3 or 30 % and 70 %."
        )
    return Row(source, tuple(targets), shares, why)


def _share(share: Any, where: str) -> Fraction:
    """1, '2/3', '0.25' or '25 %', exactly; a YAML float is read by its digits."""
    text = str(share).strip()
    percent = text.endswith("%")
    digits = text.removesuffix("%").strip()
    try:
        if isinstance(share, bool) or len(digits) > 40 or "e" in digits.lower():
            raise ValueError
        return Fraction(digits) / (100 if percent else 1)
    except (ValueError, ZeroDivisionError):
        raise BadCrosswalk(f"{where}: '{text}' is no share. Write 1/3, 0.25 or 25 %.") from None


def _known(name: Any, layer: str, pack: Pack, where: str) -> None:
    if not isinstance(name, str) or name not in pack.names(layer):
        raise UnknownMember(
            f"{where}: {pack.name} has no {layer.replace('_', ' ')} '{name}'. Write its whole "
            f"path as `taxonomy show {pack.name} --layer {layer}` lists it."
        )
