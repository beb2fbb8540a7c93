"""Act: derive the cost of all registers through a month that nothing else was recorded in yet."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone

from bursar.office.journal.writing import record_act
from bursar.office.people.models import User
from bursar.office.people.permissions import require
from bursar.record.errors import BadHorizon
from bursar.record.models import Spread
from bursar.record.registers.known import REGISTERS
from bursar.record.registers.spreading import Horizon, horizon, refresh_registers
from bursar.record.turns import in_turn

ACT = "record.spread_registers"
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def spread_registers(*, acting_user: User | None, through: str) -> Horizon:
    """Depreciation, amortization and labour up to and with a month, YYYY-MM, this one at the most.

    A month once asked for stays; further months come by themselves with what is recorded in them.
    Refusals: people.not_allowed, record.bad_horizon.
    """
    require(acting_user, ACT)
    today = f"{timezone.localdate():%Y-%m}"
    if not _MONTH.fullmatch(through) or through > today:
        raise BadHorizon(
            f"'{through}' is no month up to {today}. Cost of months to come is a forecast; write "
            f"a month as {today}."
        )
    in_turn(lambda: _ask(through, acting_user))
    refresh_registers(acting_user)
    return horizon(Spread.objects.filter(register=REGISTERS[0].name).first())


def _ask(through: str, acting_user: User | None) -> None:
    with transaction.atomic():
        for register in REGISTERS:
            spread, _ = Spread.objects.get_or_create(register=register.name)
            spread.asked_through = max(spread.asked_through, through)
            spread.save(update_fields=["asked_through"])
        record_act(act=ACT, subject="registers", actor=acting_user, detail={"through": through})
