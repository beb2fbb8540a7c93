"""Pseudonyms: what the lake knows a person or key by; the name is a row that can be erased."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.crypto import salted_hmac

from bursar.office.reference.models import Pseudonym

_LONGEST_NAME = 200
_DIGITS = 20


def pseudonym_of(name: str) -> str:
    """The same name always has the same pseudonym; without the installation's key none is told."""
    digest = salted_hmac("bursar.office.pseudonym", name, algorithm="sha256").hexdigest()
    return f"p-{digest[:_DIGITS]}"


def remember_names(names: Mapping[str, str]) -> None:
    """Keep the names behind new pseudonyms (pseudonym → name); an erased one stays erased."""
    known = set(Pseudonym.objects.filter(token__in=names).values_list("token", flat=True))
    Pseudonym.objects.bulk_create(
        [Pseudonym(token=token, name=name[:_LONGEST_NAME])
         for token, name in sorted(names.items()) if token not in known],
        ignore_conflicts=True,
    )  # fmt: skip


def names_of(tokens: set[str]) -> dict[str, str]:
    """Names behind pseudonyms, as far as they are known and not erased."""
    rows = Pseudonym.objects.filter(token__in=tokens, erased_at=None).exclude(name="")
    return dict(rows.values_list("token", "name"))
