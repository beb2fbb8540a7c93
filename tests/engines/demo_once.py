"""An installation's open periods, run on each engine; every trial is taken back.

Usage: python -m tests.engines.demo_once   (BURSAR_HOME and the addresses of the engines are set)
Prints, as JSON, what is in force and what each engine published.
"""

from __future__ import annotations

import json

import django


def main() -> None:
    django.setup()
    from tests.engines.comparing import in_force, tried
    from tests.engines.conftest import warm_cluster

    from bursar.allocate.models import RunPeriod
    from bursar.lake.engines.known import ENGINES
    from bursar.office.calendar.queries import is_closed

    warm_cluster()
    rows = RunPeriod.objects.filter(superseded_at__isnull=True)
    periods = sorted({row.period for row in rows if not is_closed(row.period)})
    found = {"in force": in_force(periods)} | {name: tried(name, periods) for name in ENGINES}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
