"""Writes the reference from the code itself; with --check, says what is out of date."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent.parent / "reference"


def main() -> int:
    """Write or compare each page; 1 when a compared page differs."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bursar.project.settings"
    os.environ["COLUMNS"] = "100"
    with tempfile.TemporaryDirectory() as home:
        os.environ["BURSAR_HOME"] = home
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        pages = _pages()
    stale = [name for name, text in pages.items() if _current(name) != text]
    if "--check" in sys.argv:
        for name in stale:
            print(f"docs/reference/{name} is out of date: run `make docs`.")
        return 1 if stale else 0
    REFERENCE.mkdir(exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(pages[name], encoding="utf-8")
        print(f"docs/reference/{name}")
    return 0


def _pages() -> dict[str, str]:
    import clouds_page
    import codes_page
    import commands_page
    import settings_page
    import tables_page

    return {
        "cloud-bills.md": clouds_page.text(),
        "command-line.md": commands_page.text(),
        "tables.md": tables_page.text(),
        "error-codes.md": codes_page.text(),
        "settings.md": settings_page.text(),
    }


def _current(name: str) -> str:
    path = REFERENCE / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
