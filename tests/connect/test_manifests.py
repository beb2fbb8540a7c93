"""Manifests beside the parts of a bill: they say what is read, so that no month is doubled.

Rules I2 and I67 of docs/spec/import.md.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.connect.samples import read

from bursar.connect.errors import ImportRefused

SAMPLE = Path(__file__).parents[1] / "golden" / "clouds" / "aws" / "cur.csv"
PERIOD = {"start": "20260101T000000.000Z", "end": "20260201T000000.000Z"}


def bill(folder: Path, *versions: str, newest: str) -> Path:
    """A bucket as the provider leaves it: one folder per version, a manifest in each and above."""
    month = folder / "reports" / "cur" / "20260101-20260201"
    for version in versions:
        (month / version).mkdir(parents=True)
        shutil.copy(SAMPLE, month / version / "cur-00001.csv")
        manifest(month / version, version)
    manifest(month, newest)
    return month


def manifest(folder: Path, version: str, *, name: str = "cur-Manifest.json") -> Path:
    key = f"reports/cur/20260101-20260201/{version}/cur-00001.csv"
    text = json.dumps({"reportName": "cur", "billingPeriod": PERIOD, "reportKeys": [key]})
    (folder / name).write_text(text)
    return folder / name


def test_only_the_version_that_the_upper_manifest_names_is_read(tmp_path: Path) -> None:
    bill(tmp_path, "a-1", "a-2", newest="a-2")
    found = read(tmp_path)
    assert found.rows_read == 16
    assert found.reading.files == ["reports/cur/20260101-20260201/a-2/cur-00001.csv"]
    assert "import.files_skipped" in found.warning_codes


def test_a_manifest_by_itself_is_one_import(tmp_path: Path) -> None:
    month = bill(tmp_path, "a-1", "a-2", newest="a-1")
    assert read(month / "cur-Manifest.json").rows_read == 16


def test_an_export_keeps_manifest_and_data_in_two_folders(tmp_path: Path) -> None:
    data = tmp_path / "cur2" / "data" / "BILLING_PERIOD=2026-01"
    about = tmp_path / "cur2" / "metadata" / "BILLING_PERIOD=2026-01"
    data.mkdir(parents=True)
    about.mkdir(parents=True)
    shutil.copy(SAMPLE, data / "cur2-00001.csv")
    key = "s3://bucket/bills/cur2/data/BILLING_PERIOD=2026-01/cur2-00001.csv"
    (about / "cur2-Manifest.json").write_text(json.dumps({"dataFiles": [key]}))
    assert read(about / "cur2-Manifest.json").rows_read == 16


def test_a_part_that_is_missing_refuses_the_bill(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refusal:
        read(manifest(tmp_path, "a-1"))
    assert refusal.value.code == "import.part_missing"
    assert "cur-00001.csv" in refusal.value.message


def test_two_versions_without_a_word_on_which_counts_are_refused(tmp_path: Path) -> None:
    (bill(tmp_path, "a-1", "a-2", newest="a-2") / "cur-Manifest.json").unlink()
    with pytest.raises(ImportRefused) as refusal:
        read(tmp_path)
    assert refusal.value.code == "import.several_versions"


def test_a_key_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(SAMPLE, tmp_path / "secret.csv")
    path = tmp_path / "in" / "m.json"
    path.write_text(json.dumps({"reportKeys": ["x/../../secret.csv"]}))
    with pytest.raises(ImportRefused) as refusal:
        read(path)
    assert refusal.value.code == "import.part_missing"
