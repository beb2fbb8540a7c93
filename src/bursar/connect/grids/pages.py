"""Tables of web pages, and of the `.xls` files that many systems write as web pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from bursar.connect.errors import NoSuchSheet, NotATable
from bursar.connect.grids.grid import Grid, Sheet
from bursar.connect.grids.kinds import whole_bytes
from bursar.connect.notices import ReadingWarning
from bursar.connect.parts import Part

_MOST_SPANNED = 1000
_NEVER_SEEN = ("script", "style", "template", "noscript")
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read_page(part: Part, sheet: str | None) -> Grid:
    """One table of the page: the one that is named, or the one that holds most."""
    content = whole_bytes(part)
    try:
        page = html.document_fromstring(content, parser=_parser(content))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as failure:
        raise NotATable(f"{part.name}: the web page cannot be read; export as CSV") from failure
    tables = [_rows(table) for table in page.iter("table")]
    names = [f"table {at}" for at in range(1, len(tables) + 1)]
    if not any(tables):
        raise NotATable(f"{part.name}: the web page holds no table; export the table as CSV")
    if sheet is not None and sheet not in names:
        raise NoSuchSheet(f"{part.name}: there is no '{sheet}'; it has {', '.join(names)}")
    sizes = [sum(bool(cell) for row in table for cell in row) for table in tables]
    at = names.index(sheet) if sheet is not None else sizes.index(max(sizes))
    rows = tables[at]
    notes = []
    if len(tables) > 1:
        said = f"only '{names[at]}' of the page's {len(tables)} tables is read"
        notes.append(ReadingWarning("import.other_sheets", said))
    return Grid(
        kind="html",
        rows=tuple(rows),
        numbers=tuple(range(1, len(rows) + 1)),
        sheet=names[at],
        sheets=tuple(Sheet(name) for name in names),
        notes=tuple(notes),
    )


def _parser(content: bytes) -> html.HTMLParser:
    """UTF-8 where the bytes are, else what the page itself says; nothing is ever fetched."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return html.HTMLParser(no_network=True)
    return html.HTMLParser(encoding="utf-8", no_network=True)


def _rows(table: html.HtmlElement) -> list[tuple[str, ...]]:
    """The table's own rows, spans spread out: text over all its cells, nothing else moved."""
    rows: list[list[str]] = []
    waiting: dict[int, tuple[int, str]] = {}
    for line in _own_rows(table):
        row: list[str] = []
        for cell in line:
            if cell.tag not in ("td", "th"):
                continue
            while len(row) in waiting:
                _take_waiting(row, waiting)
            text, right, down = _text(cell), _span(cell, "colspan"), _span(cell, "rowspan")
            for step in range(right):
                if down > 1:
                    waiting[len(row)] = (down - 1, text)
                row.append(text if step == 0 or not _is_number(text) else "")
        while len(row) in waiting:
            _take_waiting(row, waiting)
        rows.append(row)
    width = max((len(row) for row in rows), default=0)
    return [tuple(row + [""] * (width - len(row))) for row in rows]


def _take_waiting(row: list[str], waiting: dict[int, tuple[int, str]]) -> None:
    at = len(row)
    left, text = waiting.pop(at)
    if left > 1:
        waiting[at] = (left - 1, text)
    row.append("" if _is_number(text) else text)


def _own_rows(table: html.HtmlElement) -> Iterator[html.HtmlElement]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (line for line in child if line.tag == "tr")


def _text(cell: html.HtmlElement) -> str:
    """What a reader sees: neither hidden parts nor the text of tables inside the cell."""
    pieces: list[str] = []
    _gather(cell, pieces)
    return " ".join("".join(pieces).split())


def _gather(element: html.HtmlElement, pieces: list[str]) -> None:
    pieces.append(element.text or "")
    for child in element:
        seen = isinstance(child.tag, str) and child.tag not in (*_NEVER_SEEN, "table")
        if seen and not _INVISIBLE.search(child.get("style") or ""):
            if child.tag in ("br", "p", "div", "li"):
                pieces.append(" ")
            _gather(child, pieces)
        pieces.append(child.tail or "")


def _span(cell: html.HtmlElement, name: str) -> int:
    text = (cell.get(name) or "").strip()
    return max(1, min(int(text), _MOST_SPANNED)) if text.isdigit() else 1


def _is_number(text: str) -> bool:
    return bool(text) and not any(sign.isalpha() for sign in text)
