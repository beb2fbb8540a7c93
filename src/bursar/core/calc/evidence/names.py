"""Names of vendors, told alike by their words: legal forms, accents and habits left out (rule E3).

A ledger writes "Amazon Web Services EMEA SARL", a bill says "AWS"; both are one word here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

_FORMS = (
    "ab ag as bv co company corp corporation eg gmbh ges inc incorporated kg kft lda limited llc "
    "llp ltd mbh nv oy oyj plc pte pty sa sarl sas sl spa srl ug"
)
_SHARED = (
    "and cloud deutschland emea europe european for france germany group holding international "
    "ireland intl luxembourg netherlands of operations platform service services solutions spain "
    "systems technologies technology the uk usa und"
)
LEGAL_FORMS = frozenset(_FORMS.split())
PLACES_AND_HABITS = frozenset(_SHARED.split())
"""Words that many names share; they count only where a name has no others."""

ALIASES: Mapping[str, str] = {
    "amazon web services": "aws",
    "amazon aws": "aws",
    "amazon": "aws",
    "google cloud platform": "google",
    "gcp": "google",
    "microsoft azure": "microsoft",
    "azure": "microsoft",
    "oracle cloud infrastructure": "oracle",
    "oci": "oracle",
    "international business machines": "ibm",
}
"""Names that mean one vendor; longer ones are looked at first."""

ALIKE = Decimal("0.5")
"""Two names that share less than this are not taken for one vendor."""

_ORDERED = sorted(ALIASES, key=lambda name: (-len(name), name))


@lru_cache(maxsize=100_000)
def words_of(name: str) -> frozenset[str]:
    """The words that tell a vendor apart."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    # "S.à r.l." and "B.V." are one word each once their points are gone.
    plain = re.sub(r"\b(\w)\.\s?(?=\w\b)", r"\1", plain)
    text = f" {' '.join(re.findall(r'[a-z0-9]+', plain))} "
    for alias in _ORDERED:
        text = text.replace(f" {alias} ", f" {ALIASES[alias]} ")
    words = [word for word in text.split() if word not in LEGAL_FORMS]
    telling = [word for word in words if word not in PLACES_AND_HABITS]
    return frozenset(telling or words)


def likeness(one: str, other: str) -> Decimal:
    """The share of the shorter name's words that stand in the longer one; 0 for no name."""
    left, right = words_of(one), words_of(other)
    if not left or not right:
        return Decimal(0)
    return Decimal(len(left & right)) / min(len(left), len(right))


class NameIndex:
    """Finds the known names that resemble one, without looking at all of them."""

    def __init__(self, names: Iterable[str], aliases: Mapping[str, frozenset[str]]) -> None:
        self._by_word: dict[str, list[str]] = {}
        self._aliases = aliases
        self._known: dict[str, dict[str, Decimal]] = {}
        for name in sorted(set(names)):
            for word in sorted(words_of(name)):
                self._by_word.setdefault(word, []).append(name)

    def alike(self, name: str) -> dict[str, Decimal]:
        """Known names that are this vendor's, each with its likeness; learned ones count whole."""
        if name not in self._known:
            near = {n for word in words_of(name) for n in self._by_word.get(word, ())}
            found = {n: likeness(name, n) for n in near}
            found = {n: share for n, share in found.items() if share >= ALIKE}
            found |= dict.fromkeys(self._aliases.get(name, frozenset()), Decimal(1))
            self._known[name] = found
        return self._known[name]
