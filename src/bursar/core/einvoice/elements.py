"""Building XML whose elements stand where the schema wants them and are never empty."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree as Tree

_FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def root(tag: str, spaces: dict[str, str]) -> Tree.Element:
    """The outermost element; `spaces` says which prefix stands for which namespace."""
    return Tree.Element(tag, {f"xmlns:{prefix}": name for prefix, name in spaces.items()})


def branch(parent: Tree.Element, path: str) -> Tree.Element:
    """New elements inside each other, `a/b/c`; the innermost is given back."""
    for tag in path.split("/"):
        parent = Tree.SubElement(parent, tag)
    return parent


def leaf(parent: Tree.Element, path: str, text: str, **attributes: str) -> None:
    """An element with text, below new ones where the path has several; none where it is empty."""
    told = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text).strip()
    if told:
        inner = branch(parent, path)
        inner.text = told
        inner.attrib.update(attributes)


def plain(amount: Decimal, digits: int) -> str:
    """An amount with all digits of its minor unit: 12.50, and 12 for yen."""
    return f"{amount:.{digits}f}"


def written(top: Tree.Element) -> bytes:
    """The document in UTF-8 with its declaration; the same tree gives the same bytes."""
    Tree.indent(top, space=" ")
    text: bytes = Tree.tostring(top, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
