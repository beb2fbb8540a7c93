"""Act: state list prices of an AI model, which weigh its token classes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction

from bursar.core.calc.ai_use import PRICE_PLACES
from bursar.core.tables.ai_usage import TOKEN_CLASSES
from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.ai.refreshing import refresh_ai_use
from bursar.record.errors import BadAiSetting
from bursar.record.models import AiPrice

_LONGEST = 200
_DEAREST = Decimal(10) ** 9


def set_ai_prices(
    *, acting_user: User | None, model: str, prices: Mapping[str, Decimal]
) -> list[AiPrice]:
    """State list prices of a model (or pattern) per million tokens, by token class.

    They replace those of the model; they weigh token classes and are never charged. Refuses:
    people.not_allowed, record.bad_ai_setting.
    """
    require(acting_user, "record.set_ai_use")
    if not 0 < len(model.strip()) <= _LONGEST:
        raise BadAiSetting("The name of a model has 1 to 200 characters.")
    for token_class, price in prices.items():
        if token_class not in TOKEN_CLASSES:
            raise BadAiSetting(f"'{token_class}' is none of {', '.join(TOKEN_CLASSES)}.")
        sound = price.is_finite() and 0 <= price <= _DEAREST
        if not sound or price != round(price, PRICE_PLACES):
            raise BadAiSetting(
                f"The price of {token_class} tokens is a number from 0 up with at most "
                f"{PRICE_PLACES} digits after the point, not {price}."
            )
    with transaction.atomic():
        AiPrice.objects.filter(model=model).delete()
        made = [
            AiPrice.objects.create(model=model, token_class=name, per_million=price)
            for name, price in sorted(prices.items())
        ]
        detail = {name: str(price) for name, price in sorted(prices.items())}
        record_act(act="record.set_ai_use", subject=model, actor=acting_user, detail=detail)
    refresh_ai_use(acting_user)
    return made
