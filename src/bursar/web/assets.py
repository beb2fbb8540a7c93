"""Addresses of style sheets and scripts, and the chart library, which is made rather than kept.

The library comes out of the installed vl-convert wheel (0.9 MB of Vega, Vega-Lite and embed), so
it is neither committed nor fetched: the first request writes it into the data folder, compressed
beside it, under a name that holds the library's version; browsers then keep it for a year.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

import vl_convert
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

_SNIPPET = "window.vegaEmbed = vegaEmbed;"
CHART_BUNDLE = f"vega-{vl_convert.get_vega_version()}-{version('vl-convert-python')}.js"


@cache
def asset_url(path: str) -> str:
    """A static file's address with a fingerprint of its content, so that no stale copy is used."""
    found = finders.find(path)
    if not found:
        return static(path)
    digest = hashlib.sha256(Path(str(found)).read_bytes()).hexdigest()
    return f"{static(path)}?v={digest[:12]}"


def chart_bundle_file(*, compressed: bool) -> Path:
    """The chart library in the data folder, written when it is not there yet."""
    plain = Path(settings.BURSAR_HOME) / "cache" / CHART_BUNDLE
    packed = plain.with_name(plain.name + ".gz")
    if not (plain.exists() and packed.exists()):
        content = vl_convert.javascript_bundle(_SNIPPET).encode()
        _write(packed, gzip.compress(content, compresslevel=9, mtime=0))
        _write(plain, content)
    return packed if compressed else plain


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
    os.replace(name, target)
