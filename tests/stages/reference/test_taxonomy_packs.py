"""Packs and crosswalks are whole: codes, parents, levels, rows, shares (rules TX1-TX5)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bursar.core.calc.taxonomy.crosswalk import Row
from bursar.office.reference.crosswalks import read_rows, shipped_pairs, way
from bursar.office.reference.errors import (
    BadCrosswalk,
    DuplicateMember,
    NoCrosswalk,
    SharesNotOne,
    UnknownMember,
    UnknownPack,
)
from bursar.office.reference.packs import LAYERS, SEPARATOR, pack_names, parse_pack, read_pack

HEAD = "from: tbm-4.1\nto: tbm-5.0\n"
LAN = "Network / LAN/WAN"


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_is_whole(name: str) -> None:
    """Rule TX1."""
    pack = read_pack(name)
    assert pack.name == name
    assert pack.ends.endswith(".")
    codes = [(m.layer, m.name) for m in pack.members]
    assert len(codes) == len(set(codes))
    for member in pack.members:
        assert member.layer in LAYERS
        assert member.name == member.name.strip()
        parent, _, last = member.name.rpartition(SEPARATOR)
        assert last
        assert member.parent == (parent or None), member.name
        assert member.parent is None or member.parent in pack.names(member.layer)
        assert 1 <= member.level <= (3 if member.layer == "solution" else 2)


def test_4_1_has_its_pools_and_towers() -> None:
    pack = read_pack("tbm-4.1")
    tops = {x: sorted(m.name for m in pack.members if (m.layer, m.level) == (x, 1)) for x in LAYERS}
    assert tops["cost_pool"] == [
        "External Labor", "Facilities & Power", "Hardware", "Internal Labor", "Internal Services",
        "Other", "Outside Services", "Software", "Telecom",
    ]  # fmt: skip
    assert tops["tower"] == [
        "Application", "Compute", "Data Center", "Delivery", "End User", "IT Management", "Network",
        "Output", "Platform", "Security & Compliance", "Storage",
    ]  # fmt: skip
    assert len(tops["solution"]) == 6
    assert not any(m.definition for m in pack.members)


@pytest.mark.django_db
@pytest.mark.parametrize("pair", shipped_pairs())
def test_a_shipped_crosswalk_has_a_row_for_every_name(pair: tuple[str, str]) -> None:
    """Rule TX2; every way back has a row for each name too (rule TX5)."""
    for one, other in (pair, pair[::-1]):
        found = way(one, other)
        assert found.version == "1.0"
        for layer in LAYERS:
            rows = found.layers[layer].rows
            assert set(rows) == read_pack(one).names(layer)
            heirs = {target for row in rows.values() for target in row.targets}
            assert heirs <= read_pack(other).names(layer)


@pytest.mark.django_db
def test_what_was_divided_waits_for_a_decision() -> None:
    """Rule TX4: nothing shipped guesses shares."""
    there, back = way("tbm-4.1", "tbm-5.0"), way("tbm-5.0", "tbm-4.1")
    assert there.layers["tower"].kind(LAN) == "not decided"
    assert all(row.shares is None for each in there.layers.values() for row in each.rows.values())
    assert back.layers["tower"].rows["Network / LAN"].targets == (LAN,)
    assert back.layers["tower"].kind("Compute / Servers") == "not decided"
    assert back.layers["tower"].kind("Compute / AI Compute") == "gone"
    assert way("tbm-5.0", "tbm-5.0").layers["tower"].rows == {}


def test_shares_are_read_exactly() -> None:
    """Rule TX3: 0.1 is a tenth, not the nearest binary number."""
    for written, first in (
        ("1/3", Fraction(1, 3)),
        ("0.1", Fraction(1, 10)),
        ("30 %", Fraction(3, 10)),
    ):
        rest = f"{(1 - first).numerator}/{(1 - first).denominator}"
        shares = f"{{Network / LAN: {written}, Network / WAN: {rest}}}"
        text = f"{HEAD}towers:\n  {LAN}:\n    shares: {shares}"
        (row,) = read_rows(text, "here").rows["tower"]
        assert row == Row(LAN, ("Network / LAN", "Network / WAN"), (first, 1 - first))


@pytest.mark.parametrize(
    ("body", "refusal", "told"),
    [
        ("{shares: {Network / LAN: 1/2, Network / WAN: 1/3}}", SharesNotOne, "sum to 5/6"),
        ("{shares: {Network / LAN: 3/2, Network / WAN: -1/2}}", SharesNotOne, "above zero"),
        ("{shares: {Network / LAN: all, Network / WAN: 0}}", BadCrosswalk, "'all' is no share"),
        ("{shares: {Network / LAN: 1/0, Network / WAN: 0}}", BadCrosswalk, "is no share"),
        ("{shares: {Network / LAN: 1}}", BadCrosswalk, "at least two heirs"),
        ("{between: [Network / LAN, Network / LAN]}", DuplicateMember, "an heir twice"),
        (
            "{between: [Network / LAN, Network / Smoke]}",
            UnknownMember,
            "no tower 'Network / Smoke'",
        ),
        ("Network / Smoke", UnknownMember, "tbm-5.0 has no tower 'Network / Smoke'"),
        ("[Network / LAN]", BadCrosswalk, "write the one name"),
        ("{shares: {}, between: []}", BadCrosswalk, "write the one name"),
    ],
)
def test_a_row_that_is_wrong_is_refused(body: str, refusal: type, told: str) -> None:
    with pytest.raises(refusal, match=told) as raised:
        read_rows(f"{HEAD}towers:\n  {LAN}: {body}\n", "own.yaml")
    assert "own.yaml" in raised.value.message


@pytest.mark.parametrize(
    ("text", "refusal", "code"),
    [
        (f"{HEAD}towers: {{Smoke: Network}}", UnknownMember, "reference.unknown_member"),
        (f"{HEAD}towers: {{{LAN}: Network, {LAN}: Network}}", DuplicateMember,
         "reference.duplicate_member"),
        (f"{HEAD}roads: {{}}", BadCrosswalk, "reference.bad_crosswalk"),
        (f"{HEAD}towers: [Network]", BadCrosswalk, "reference.bad_crosswalk"),
        (f"{HEAD}version: new", BadCrosswalk, "reference.bad_crosswalk"),
        ("from: tbm-4.1", BadCrosswalk, "reference.bad_crosswalk"),
        ("- a", BadCrosswalk, "reference.bad_crosswalk"),
        ("{", BadCrosswalk, "reference.bad_crosswalk"),
        ("a: &x [1]\nb: *x", BadCrosswalk, "reference.bad_crosswalk"),
        ("#" * 400_001, BadCrosswalk, "reference.bad_crosswalk"),
        ("from: tbm-9\nto: tbm-5.0", UnknownPack, "reference.unknown_pack"),
    ],
)  # fmt: skip
def test_a_text_that_is_wrong_is_refused(text: str, refusal: type, code: str) -> None:
    with pytest.raises(refusal) as raised:
        read_rows(text, "own.yaml")
    assert raised.value.code == code


def test_a_pack_with_a_name_twice_is_refused() -> None:
    text = (
        "name: a\ntitle: A\nends: Here.\ncost_pools: {}\nsolutions: []\n"
        "towers: {Compute: {of: [Servers, Servers]}}"
    )
    with pytest.raises(DuplicateMember, match="Compute / Servers' twice"):
        parse_pack(text, "a")
    with pytest.raises(DuplicateMember, match="line 2: 'b' stands twice"):
        parse_pack("b: 1\nb: 2", "a")


@pytest.mark.django_db
def test_ways_that_do_not_exist_are_refused() -> None:
    with pytest.raises(NoCrosswalk, match="no decision 7") as raised:
        way("tbm-4.1", "tbm-5.0", decision=7)
    assert raised.value.code == "reference.no_crosswalk"
    with pytest.raises(UnknownPack):
        way("tbm-4.1", "tbm-9")
    with pytest.raises(UnknownMember, match=r"Did you mean .*Compute / Servers"):
        read_pack("tbm-5.0").below("tower", "servers")
