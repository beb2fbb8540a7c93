"""What an invoice between legal entities needs: names and addresses, VAT terms, who is whose."""

from __future__ import annotations

from django.db import models


class LegalParty(models.Model):
    """How a legal entity stands on an invoice; the journal keeps what it was before."""

    legal_entity = models.OneToOneField(
        "reference.LegalEntity", on_delete=models.PROTECT, related_name="party"
    )
    legal_name = models.CharField(max_length=200, blank=True)
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1, such as DE.")
    vat_id = models.CharField(max_length=20, blank=True, help_text="With its country's prefix.")
    registration_id = models.CharField(max_length=50, blank=True)


class SupplyAgreement(models.Model):
    """How what one entity charges another is taxed and paid, from a day on.

    The rate is text, because a number of SQLite has fifteen digits. A mended row keeps the old one.
    """

    seller = models.ForeignKey(
        "reference.LegalEntity", on_delete=models.PROTECT, related_name="sells_under"
    )
    buyer = models.ForeignKey(
        "reference.LegalEntity", on_delete=models.PROTECT, related_name="buys_under"
    )
    vat_category = models.CharField(max_length=2, help_text="S, Z, E, AE, O, K or G.")
    vat_rate = models.CharField(max_length=8, help_text="Percent, as text.")
    exemption_reason = models.CharField(max_length=200, blank=True)
    payment_days = models.PositiveSmallIntegerField(help_text="Days after the day of issue.")
    markup = models.CharField(
        max_length=10, default="0", help_text="Percent on top of cost, as text; rule IC2."
    )
    valid_from = models.DateField()
    known_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    set_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["seller", "buyer", "valid_from", "known_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "buyer", "valid_from"],
                condition=models.Q(superseded_at__isnull=True),
                name="reference_agreement_once",
            ),
            models.CheckConstraint(
                name="reference_agreement_of_two",
                condition=~models.Q(seller=models.F("buyer")),
            ),
        ]


class ConsumerEntity(models.Model):
    """Which legal entity a consumer belongs to, from a day on; a mended row keeps the old one."""

    consumer = models.CharField(max_length=200)
    legal_entity = models.ForeignKey(
        "reference.LegalEntity", on_delete=models.PROTECT, related_name="consumers"
    )
    valid_from = models.DateField()
    known_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    set_by = models.CharField(max_length=150)

    class Meta:
        ordering = ["consumer", "valid_from", "known_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["consumer", "valid_from"],
                condition=models.Q(superseded_at__isnull=True),
                name="reference_consumer_entity_once",
            ),
        ]
