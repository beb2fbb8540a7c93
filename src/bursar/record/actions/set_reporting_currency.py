"""Act: choose the currency of consolidated figures."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from bursar.core.money.currency import minor_digits
from bursar.office.journal.writing import actor_name, record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.office.reference.models import ReportingCurrency
from bursar.office.reference.rates import reporting_currency

ACT = "record.set_reporting_currency"


def set_reporting_currency(*, acting_user: User | None, currency: str) -> str:
    """Set the reporting currency; the earlier choice stays with its moment.

    Refusals: people.not_allowed, currency.unknown.
    """
    require(acting_user, ACT)
    minor_digits(currency)
    with transaction.atomic():
        before = reporting_currency()
        ReportingCurrency.objects.create(
            currency=currency, set_at=timezone.now(), set_by=actor_name(acting_user)
        )
        record_act(act=ACT, subject=currency, actor=acting_user, detail={"before": before})
    return currency
