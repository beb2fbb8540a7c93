"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files from outside, kept beside the checkout; tests that need them skip without."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no folder shared/data beside the checkout: tests on outside files are skipped")
    return folder


@pytest.fixture
def home(settings: object, tmp_path: Path) -> Path:
    """An empty data folder for one test; the lake lies inside it."""
    settings.BURSAR_HOME = tmp_path / "home"  # type: ignore[attr-defined]
    settings.LAKE_FOLDER = tmp_path / "home" / "lake"  # type: ignore[attr-defined]
    (tmp_path / "home" / "lake").mkdir(parents=True)
    return tmp_path / "home"
