"""The taxonomies that are shipped, their names, and the crosswalks between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bursar.allocate.versions import model_of as model_in
from bursar.allocate.versions import version_in_force
from bursar.office.reference.crosswalks import Way, shipped_pairs, way
from bursar.office.reference.errors import UnknownMember
from bursar.office.reference.packs import LAYERS, Pack, PackMember, pack_names, read_pack


@dataclass(frozen=True)
class TaxonomyLine:
    """One taxonomy: how many names each layer has, and whether the model in force uses it."""

    pack: Pack
    in_use: bool
    ways: tuple[str, ...]
    """The taxonomies that a crosswalk leads to or back to."""

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.pack.name,
            "title": self.pack.title,
            "ends": self.pack.ends,
            "in_use": self.in_use,
            "names": {layer: len(self.pack.names(layer)) for layer in LAYERS},
            "crosswalks": list(self.ways),
        }


def taxonomies() -> list[TaxonomyLine]:
    """Every shipped taxonomy, by name."""
    used = model_in(version_in_force()).taxonomy
    pairs = shipped_pairs()
    return [
        TaxonomyLine(
            read_pack(name),
            name == used,
            tuple(sorted({b for a, b in pairs if a == name} | {a for a, b in pairs if b == name})),
        )
        for name in pack_names()
    ]


def taxonomy_names(name: str, *, layer: str | None = None, below: str | None = None) -> list[Any]:
    """The names of a taxonomy, of one layer or below one name, as JSON rows.

    Refuses: reference.unknown_pack, reference.unknown_member.
    """
    pack = read_pack(name)
    if layer is not None and layer not in LAYERS:
        raise UnknownMember(
            f"A taxonomy has no layer '{layer}'. Choose one of {', '.join(LAYERS)}."
        )
    if below is not None:
        found = _below(pack, layer, below)
    else:
        found = [m for m in pack.members if layer in (None, m.layer)]
    return [
        {
            "layer": m.layer,
            "name": m.name,
            "level": m.level,
            "parent": m.parent,
            "kind": m.kind,
            "definition": m.definition,
        }
        for m in found
    ]


def _below(pack: Pack, layer: str | None, name: str) -> list[PackMember]:
    layers = [layer] if layer else [x for x in LAYERS if name in pack.names(x)] or list(LAYERS[:1])
    return [member for each in layers for member in pack.below(each, name)]


def crosswalk_rows(
    source: str, target: str, *, layer: str | None = None, decision: int | None = None
) -> dict[str, Any]:
    """Every row between two taxonomies, with the names that are new in the later one.

    Refuses: reference.unknown_pack, reference.no_crosswalk, reference.unknown_member.
    """
    found = way(source, target, decision=decision)
    taxonomy_names(target, layer=layer)
    return {
        "from": source,
        "to": target,
        "version": found.version,
        "rows": [row for each in LAYERS if layer in (None, each) for row in _rows(found, each)],
    }


def _rows(found: Way, layer: str) -> list[dict[str, Any]]:
    crosswalk = found.layers[layer]
    told = [
        {
            "layer": layer,
            "name": row.source,
            "kind": crosswalk.kind(row.source),
            "to": [
                {"name": target, "share": str(share) if share is not None else None}
                for target, share in zip(
                    row.targets, row.shares or (1 if row.whole else None,) * len(row.targets),
                    strict=True,
                )
            ],
            "why": row.why,
        }
        for row in crosswalk.rows.values()
    ]  # fmt: skip
    if not crosswalk.rows:
        return told
    new = crosswalk.new_in(sorted(read_pack(found.target).names(layer)))
    return told + [{"layer": layer, "name": n, "kind": "new", "to": [], "why": ""} for n in new]
