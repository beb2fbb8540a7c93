"""Makes the e-invoice of an issued document, once; whoever asks later gets the same."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bursar.allocate.document_queries import wanted
from bursar.allocate.einvoices import invoice_for
from bursar.allocate.models import EInvoice
from bursar.allocate.numbering import content_hash, note
from bursar.core.einvoice.frozen import invoice_json
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.manifest.writing import raise_version
from bursar.office.people.models import User
from bursar.office.people.permissions import require

ACT = "allocate.make_einvoice"


def make_einvoice(*, number: str, acting_user: User | None) -> EInvoice:
    """Freezes parties, VAT and totals of the document's invoice under a hash (rule EI8).

    Made before, it is given back as it is. Refuses: `people.not_allowed`,
    `statement.no_document`, `einvoice.informs_only`, `einvoice.buyer_unknown`,
    `einvoice.one_company`, `einvoice.no_agreement`, `einvoice.invoice_first`,
    `einvoice.party_incomplete`, `einvoice.too_fine`.
    """
    require(acting_user, ACT)
    with transaction.atomic():
        raise_version()
        document = wanted(number, acting_user, lock=True)
        before = EInvoice.objects.filter(document=document).first()
        if before is not None:
            return before
        content = invoice_json(invoice_for(document))
        made = EInvoice.objects.create(
            document=document,
            content=content,
            sha256=content_hash(content),
            made_at=timezone.now(),
            made_by=actor_name(acting_user),
        )
        note(document, acting_user, "invoiced")
        detail = {"sha256": made.sha256, "gross": content["gross"], "currency": document.currency}
        detail |= {"seller": content["seller"]["code"], "buyer": content["buyer"]["code"]}
        record_act(act=ACT, subject=number, actor=acting_user, detail=detail)
    return made
