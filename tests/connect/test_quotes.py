"""Whether quotes are sound is the same question for one sign at a time and for 64 at once."""

from __future__ import annotations

import random

import pytest

from bursar.connect import quotes
from bursar.connect.quotes import quotes_are_sound

CELLS = [b'"a"', b'""', b'"x""y"', b"abc", b"", b'"1,2"', b'"\n"']
ENDS = [b","] * 8 + [b"\n", b"\r\n", b";"]


def one_by_one(text: bytes, delimiter: bytes) -> bool:
    places = [place for place, sign in enumerate(text) if sign == ord('"')]
    after = [text[place + 1 : place + 2] for place in places[1::2]]
    return len(places) % 2 == 0 and all(sign in {b'"', delimiter, b"\n", b"\r"} for sign in after)


@pytest.mark.parametrize("piece", [64, 128, 1 << 17])
def test_words_and_pieces_have_no_seams(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(quotes, "_PIECE", piece)
    chance = random.Random(piece)
    answers = []
    for _ in range(2_000):
        text = bytearray()
        wanted = chance.choice([1, 5, 63, 64, 65, 127, 128, 129, 200, 400])
        while len(text) < wanted:
            text += chance.choice(CELLS) + chance.choice(ENDS)
        if chance.random() < 0.5:
            text[chance.randrange(len(text))] = chance.choice(b'",\n\ra')
        whole = bytes(text) + b"\n"
        for delimiter in (b",", b";"):
            answers.append(quotes_are_sound(whole, delimiter.decode()))
            assert answers[-1] == one_by_one(whole, delimiter), whole
    assert 0 < sum(answers) < len(answers)
