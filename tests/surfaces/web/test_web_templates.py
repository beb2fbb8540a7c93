"""Templates and style sheets keep the strict policy: nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bursar.web

WEB = Path(bursar.web.__file__).parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*=|<style", re.I),
    "inline handler": re.compile(r"\son[a-z]+\s*=", re.I),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "outside address": re.compile(r"(src|href)=[\"']?(https?:)?//", re.I),
    "javascript address": re.compile(r"javascript:", re.I),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_a_template_brings_nothing_inline(path: Path) -> None:
    text = path.read_text()
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []
    assert len(text.splitlines()) <= 150


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.css")), ids=lambda p: p.name)
def test_a_style_sheet_loads_nothing_and_takes_colours_from_the_tokens(path: Path) -> None:
    text = path.read_text()
    assert "url(" not in text
    assert "@import" not in text
    if path.name != "tokens.css":
        assert re.findall(r"(?:color|background|fill|stroke):\s*#", text) == []


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.js")), ids=lambda p: p.name)
def test_a_script_makes_no_code_from_text(path: Path) -> None:
    assert (
        re.search(r"\beval\(|new Function|innerHTML|outerHTML|document\.write", path.read_text())
        is None
    )
