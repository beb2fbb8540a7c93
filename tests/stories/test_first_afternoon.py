"""The tutorial of the first afternoon is true: every command prints what it shows."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.stories.console_story import difference, excerpts, run, steps

CHECKOUT = Path(__file__).resolve().parents[2]
TUTORIAL = CHECKOUT / "docs" / "tutorial" / "first-afternoon.md"
FILES = TUTORIAL.parent / "afternoon"


def test_the_first_afternoon_goes_as_it_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    shutil.copytree(FILES, folder)
    told = list(steps(TUTORIAL))
    assert len(told) > 12
    for step in told:
        found = difference(step, run(step, folder=folder, home=tmp_path / "home"))
        assert found is None, found


def test_what_the_afternoon_quotes_stands_in_its_files() -> None:
    files = [path.read_text(encoding="utf-8").splitlines() for path in sorted(FILES.iterdir())]
    known = {line.strip() for lines in files for line in lines}
    assert [line for line in excerpts(TUTORIAL) if line.strip() not in known] == []
