"""The pages about the cost model say what is so: models have no problem, codes exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bursar.allocate.model_text import parse_model

CHECKOUT = Path(__file__).parents[3]
PAGES = (
    CHECKOUT / "docs" / "how-to" / "write-a-cost-model.md",
    CHECKOUT / "docs" / "reference" / "cost-model.md",
)
MODELS = [
    (page.name, number, text)
    for page in PAGES
    for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL))
]


@pytest.mark.parametrize(("page", "number", "text"), MODELS)
def test_every_model_of_the_pages_has_no_problem(page: str, number: int, text: str) -> None:
    assert parse_model(text).problems == ()


def test_the_reference_lists_exactly_the_codes_that_the_reader_gives() -> None:
    language = CHECKOUT / "src" / "bursar" / "allocate"
    sources = [*(language / "language").glob("*.py"), language / "model_text.py"]
    given = {
        code
        for source in sources
        for code in re.findall(
            r'problems\.add\(\s*[^,]+(?:\([^)]*\))?,\s*"([a-z_0-9]+)"', source.read_text()
        )
    } | {f"unknown_{word}" for word in ("pool", "tower", "solution", "consumer")}
    listed = set(re.findall(r"`model\.([a-z_0-9]+)`", PAGES[1].read_text()))
    assert listed == given
