"""Act: say how a legal entity stands on an invoice."""

from __future__ import annotations

import re
from collections.abc import Mapping

from babel import Locale
from django.db import transaction
from django.db.models import CharField

from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.models import LegalParty
from bursar.office.reference.parties import PARTY_FIELDS
from bursar.record.errors import BadParty
from bursar.record.known_entities import known_entity

ACT = "record.set_party"
_NO_COUNTRIES = re.compile("AC|C[PQ]|DG|E[AUZ]|IC|QO|TA|UN|X[ABK]|ZZ")
COUNTRIES = frozenset(
    code
    for code in map(str, Locale("en").territories)
    if re.fullmatch("[A-Z]{2}", code) and not _NO_COUNTRIES.fullmatch(code)
)
"""Codes of ISO 3166-1; the names that CLDR has beside them are no countries of an address."""

LONGEST = {
    field.name: field.max_length or 0
    for field in LegalParty._meta.get_fields()
    if isinstance(field, CharField)
}
"""How many characters fit into each field."""

VAT_PREFIXES = COUNTRIES | {"EL", "XI"}
"""Greece and Northern Ireland have prefixes of their own."""


def set_party(*, acting_user: User | None, code: str, fields: Mapping[str, str]) -> LegalParty:
    """Sets the fields that are named (of PARTY_FIELDS) and leaves the others; empty takes away.

    What was invoiced before keeps what it said. Refuses: `people.not_allowed`,
    `record.unknown_entity`, `einvoice.bad_party`.
    """
    require(acting_user, ACT)
    wanted = _checked(fields)
    with transaction.atomic():
        owner = known_entity(code)
        row, fresh = LegalParty.objects.get_or_create(legal_entity=owner)
        before = {name: getattr(row, name) for name in wanted}
        if before == wanted and not fresh:
            return row
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save()
        record_act(
            act=ACT, subject=code, actor=acting_user, detail={"before": before, "after": wanted}
        )
    return row


def _checked(fields: Mapping[str, str]) -> dict[str, str]:
    wanted = {name: value.strip() for name, value in fields.items()}
    for name, value in wanted.items():
        if name not in PARTY_FIELDS:
            raise BadParty(f"A party has no '{name}'. It has {', '.join(PARTY_FIELDS)}.")
        longest = LONGEST[name]
        if name != "vat_id" and len(value) > longest:
            raise BadParty(f"The {name} has {len(value)} characters; {longest} fit. Shorten it.")
    if country := wanted.get("country", "").upper():
        wanted["country"] = country
        if country not in COUNTRIES:
            raise BadParty(
                f"'{country}' is no country of ISO 3166-1; write two letters such as DE. Greece is "
                "GR, the United Kingdom GB."
            )
    if written := wanted.get("vat_id", ""):
        number = re.sub(r"[\s.-]", "", written).upper()
        wanted["vat_id"] = number
        if number[:2] not in VAT_PREFIXES or not re.fullmatch(r"[A-Z]{2}[A-Z0-9+*]{2,13}", number):
            raise BadParty(
                f"'{written}' is no VAT number: it begins with its country, such as DE123456789 "
                "(EL for Greece, XI for Northern Ireland), and 2 to 13 letters or digits follow."
            )
    return wanted
