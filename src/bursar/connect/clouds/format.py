"""From a mapping to a format: where the columns of a native bill go, and how lines follow."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from bursar.connect.cells.cell import CellReader, Cells, Reason, as_text
from bursar.connect.cells.words import currency_reader
from bursar.connect.clouds.block import FIELD, TAG, VIEW, Block
from bursar.connect.clouds.expressions import TYPES
from bursar.connect.clouds.mapping import CloudMapping, Filled, cloud_key, mapping_of
from bursar.connect.coding import same_text
from bursar.connect.errors import DuplicateColumns, MissingColumns
from bursar.connect.focus import absent_columns, notice_focus
from bursar.connect.layout import (
    Columns,
    Format,
    Header,
    MoreLines,
    Placed,
    own_name,
    text_column,
)
from bursar.connect.schema import cost_line_schema

_NEEDED = {
    "billed_cost": "import.amount_missing",
    "billing_currency": "import.currency_unknown",
    "billing_period_start": "import.date_missing",
    "charge_period_start": "import.date_missing",
    "charge_period_end": "import.date_missing",
    "charge_category": "import.charge_category_unknown",
}


def cloud_format(provider: str, *, name: str | None = None, view: str | None = None) -> Format:
    """The format of a provider's native bill; `view` says what every file of it shows."""
    mapping = partial(mapping_of, provider)
    return Format(
        name=name or provider,
        place=lambda file, headers: place_cloud(mapping(), file, headers),
        finish=lambda columns: finish_cloud(mapping(), columns),
        notice=notice_focus,
        schema=lambda placed: cost_line_schema([*placed, *_computed(mapping(), placed)]),
        version=lambda headers: _version(mapping(), headers),
        absent=lambda placed, _: absent_columns([*placed, *_computed(mapping(), placed)], "1.4"),
        repetitive=True,
        views=partial(_views, mapping, view),
        fills=partial(_fills, mapping),
    )


def recognises(provider: str, headers: Sequence[Header]) -> bool:
    """Whether the column names are those of this provider's bills."""
    mapping = mapping_of(provider)
    there = fields_of(mapping, headers)
    return any(marks <= there for marks in mapping.recognised)


def fields_of(mapping: CloudMapping, headers: Sequence[Header]) -> set[str]:
    """The fields that some column of the file spells."""
    spelled = mapping.spellings()
    return {field for header in headers for field, _, _ in spelled.get(cloud_key(header.name), ())}


def place_cloud(mapping: CloudMapping, file: str, headers: Sequence[Header]) -> list[Placed]:
    """Every column under its own name, and besides under the fields that it spells."""
    _refuse(mapping, file, headers)
    spelled = mapping.spellings()
    placed: list[Placed] = []
    kept: set[str] = set()
    for header in headers:
        placed.append(text_column(header, _unique(own_name(header.name), kept)))
        for field, rank, spelling in spelled.get(cloud_key(header.name), ()):
            target = f"{FIELD}{field}.{rank:02}"
            if spelling.key is None:
                placed.append(Placed(header, target, header.type, Cells))
            else:
                placed.append(Placed(header, target, pa.string(), key_reader(spelling.key)))
        for prefix, ours in mapping.tag_columns:
            if header.name.startswith(prefix) and len(header.name) > len(prefix):
                tag = spell_tag(ours + header.name.removeprefix(prefix))
                placed.append(Placed(header, TAG + tag, pa.string(), as_text))
                break
    return placed


def _refuse(mapping: CloudMapping, file: str, headers: Sequence[Header]) -> None:
    there = fields_of(mapping, headers)
    missing = [
        " or ".join(mapping.fields[field][0].column for field in group)
        for group in mapping.required
        if not there & set(group)
    ]
    if missing:
        raise MissingColumns(
            f"{file}: this looks like {mapping.title}, but {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing; export it again with all columns"
        )
    counted = Counter(header.name for header in headers)
    twice = sorted(name for name, count in counted.items() if count > 1)
    if twice:
        raise DuplicateColumns(
            f"{file}: the header names {', '.join(twice)} more than once; rename or remove one"
        )


def _unique(name: str, kept: set[str]) -> str:
    """Two columns that differ in case only are both kept; lakes know no difference there."""
    number, unique = 2, name
    while unique.lower() in kept:
        unique, number = f"{name} ({number})", number + 1
    kept.add(unique.lower())
    return unique


def spell_tag(key: str) -> str:
    """A tag's key without capitals, so that keys that differ in case only stay two targets."""
    return re.sub(r"[A-Z^]", lambda found: "^" + found[0].lower(), key)


def key_reader(key: str) -> CellReader:
    """Reads one key of a column of pairs, as text."""

    def read(column: pa.Array) -> Cells:
        coded = pc.dictionary_encode(as_text(column).values.cast(pa.string()))
        found = [_value(text, key) for text in coded.dictionary.to_pylist()]
        return Cells(pa.array(found, pa.string()).take(coded.indices))

    return read


def _value(text: str, key: str) -> str | None:
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        return None
    value = found.get(key) if isinstance(found, dict) else None
    return None if value is None else str(value)


def _present(placed: Sequence[Placed]) -> set[str]:
    return {
        item.target.removeprefix(FIELD).split(".")[0]
        for item in placed
        if item.target.startswith(FIELD)
    }


def _computed(mapping: CloudMapping, placed: Sequence[Placed]) -> list[Placed]:
    """The columns that the mapping fills from this file, as if the file had them."""
    there = _present(placed)
    return [
        Placed(Header(one.focus, TYPES[one.kind]), one.name, TYPES[one.kind], Cells)
        for one in mapping.columns
        if one.expression.sure or not one.expression.fields or there & set(one.expression.fields)
    ]


def finish_cloud(mapping: CloudMapping, columns: Columns) -> None:
    """Computes every column that the mapping declares; rows without a cost or date are bad."""
    block = Block(columns, mapping.empty_words)
    found = {one.name: one.expression.column(block, one.kind) for one in mapping.columns}
    _check_currency(block, mapping, found)
    _check_needed(block, mapping, found)
    for code, where, condition in mapping.notes:
        block.note(code, where, pc.sum(condition.mask(block)).as_py() or 0)
    for another in mapping.also:
        rows = another.condition.mask(block)
        if pc.any(rows, min_count=0).as_py():
            values = {one.name: one.expression.column(block, one.kind) for one in another.filled}
            columns.more.append(MoreLines(rows, values))
    columns.values.update({name: _coded(column) for name, column in found.items()})


def _coded(column: pa.Array) -> pa.Array:
    """Texts that repeat travel as codes, which all that follows handles faster."""
    if not pa.types.is_string(column.type):
        return column
    coded = pc.dictionary_encode(column)
    return coded if len(coded.dictionary) * 2 <= len(column) else column


def _check_currency(block: Block, mapping: CloudMapping, found: dict[str, pa.Array]) -> None:
    cells = currency_reader()(found["billing_currency"])
    where = _place_of(block, mapping, "billing_currency")
    for row, reason in cells.bad.items():
        block.reject(row, where, reason)
    found["billing_currency"] = cells.values


def _check_needed(block: Block, mapping: CloudMapping, found: dict[str, pa.Array]) -> None:
    for name, code in _NEEDED.items():
        empty = pc.is_null(found[name])
        if name == "billed_cost":
            empty = pc.and_(empty, pc.not_equal(block.view(), "effective"))
        if not pc.any(empty, min_count=0).as_py():
            continue
        where = _place_of(block, mapping, name)
        for row in pc.indices_nonzero(empty).to_pylist():
            said = f"nothing fills {name}; every line needs it"
            block.reject(row, where, Reason(code, said))


def _place_of(block: Block, mapping: CloudMapping, name: str) -> str:
    """The column of the file that a person looks at first when this column of ours is wrong."""
    fields = next(one.expression.fields for one in mapping.columns if one.name == name)
    places = [target for field in fields for target in block.targets(field)]
    return places[0] if places else name


def _version(mapping: CloudMapping, headers: Sequence[Header]) -> str:
    keys = {cloud_key(header.name) for header in headers}
    return next((name for name, marks in mapping.versions if marks <= keys), "1")


def _views(
    mapping: Callable[[], CloudMapping], fixed: str | None, names: Sequence[str]
) -> list[str]:
    """What each file shows: billed, effective, or both where it stands alone."""
    if fixed is not None:
        return [fixed] * len(names)
    told: list[str | None] = [
        next((view for view, pattern in mapping().views.items() if pattern.search(name)), None)
        for name in names
    ]
    if "effective" not in told or all(one == "effective" for one in told):
        return ["alone"] * len(names)
    return ["effective" if one == "effective" else "billed" for one in told]


def view_column(header: Header, view: str) -> Placed:
    """The view of a file, beside its columns."""
    return Placed(header, VIEW, pa.string(), lambda column: Cells(same_text(view, len(column))))


def filled_by(mapping: CloudMapping) -> Mapping[str, list[Filled]]:
    """Field → the columns that it helps to fill."""
    found: dict[str, list[Filled]] = {}
    for one in mapping.columns:
        for field in one.expression.fields:
            found.setdefault(field, []).append(one)
    return found


def _fills(mapping: Callable[[], CloudMapping], target: str) -> str | None:
    """What a working column is for: the columns that its field helps to fill."""
    if target.startswith(TAG):
        return "tags"
    field = target.removeprefix(FIELD).split(".")[0]
    filled = filled_by(mapping()).get(field, []) if target.startswith(FIELD) else []
    return ", ".join(one.name for one in filled) or None
