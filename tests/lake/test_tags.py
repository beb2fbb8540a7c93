"""Promoted tags are read from every spelling that bills use."""

from __future__ import annotations

import pyarrow as pa
import pytest

from bursar.lake import tags
from bursar.lake.tags import PromotedTags, read_tags


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"team": "web", "env": "prod"}', {"team": "web", "env": "prod"}),
        ('"team": "web","env": "prod"', {"team": "web", "env": "prod"}),
        ('[{"key": "team", "value": "web"}]', {"team": "web"}),
        ('[{"Key": "team", "Value": "web"}]', {"team": "web"}),
        ("{'team': 'web', 'env': None}", {"team": "web"}),
        (
            '{"team": true, "size": 3, "list": ["a"]}',
            {"team": "true", "size": "3", "list": '["a"]'},
        ),
        ("{}", {}),
        ("[]", {}),
        ("", {}),
        ("team=web", {}),
        ("{broken", {}),
        ("[1, 2]", {}),
        ("12", {}),
    ],
)
def test_spellings(text: str, found: dict[str, str]) -> None:
    assert read_tags(text) == found


def test_columns_hold_one_value_per_line() -> None:
    promoted = PromotedTags(["team", "app"])
    texts = ['{"team": "web"}', None, '{"app": "shop", "team": ""}', "", '{"team": "web"}']
    for _ in range(2):  # the second time every text is known
        columns = promoted.columns(pa.array(texts))
        assert columns["tag.team"].to_pylist() == ["web", None, None, None, "web"]
        assert columns["tag.app"].to_pylist() == [None, None, "shop", None, None]


def test_memory_of_texts_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(tags, "_REMEMBERED", 2)
    promoted = PromotedTags(["n"])
    for first in range(0, 30, 3):
        texts = [f'{{"n": "{number}"}}' for number in range(first, first + 3)]
        found = promoted.columns(pa.array(texts))["tag.n"].to_pylist()
        assert found == [str(number) for number in range(first, first + 3)]


def test_nothing_is_promoted_without_keys() -> None:
    assert PromotedTags([]).columns(pa.array(['{"team": "web"}'])) == {}
