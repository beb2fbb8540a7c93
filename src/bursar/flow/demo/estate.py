"""A provider's resources: what each is, whose it is, and what its bill says about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from bursar.flow.demo import chance
from bursar.flow.demo.catalogue import Provider, Service
from bursar.flow.demo.company import APP_BY_NAME, App, Month

ENVIRONMENTS = ("prod", "prod", "prod", "test", "dev")
_MISSING = 35
"""Of a thousand tags, so many are missing; whole resources without tags come on top."""


@dataclass(frozen=True)
class Resource:
    """One thing that a provider bills by the day."""

    name: str
    identity: str
    app: App
    service: Service
    size: int
    """How much it uses, in thousandths of the service's daily quantity."""
    environment: str
    region: str
    tagged: bool


def resources(provider: Provider) -> list[Resource]:
    """Everything that the company runs at a provider, in a fixed order."""
    return [
        _resource(provider, app=app, kind=kind, number=number, scale=scale)
        for app, kinds in provider.bought.items()
        for kind, (count, scale) in kinds.items()
        for number in range(1, count + 1)
    ]


def _resource(provider: Provider, *, app: str, kind: str, number: int, scale: int) -> Resource:
    name = f"{app}-{kind}-{number:02d}"
    seed = f"{provider.key}/{name}"
    region = chance.one(f"{seed}/region", low=0, high=len(provider.regions) - 1)
    return Resource(
        name=name,
        identity=f"{kind}-{chance.token(seed, digits=17)}",
        app=APP_BY_NAME[app],
        service=provider.services[kind],
        size=scale * chance.one(f"{seed}/size", low=700, high=1300),
        environment=ENVIRONMENTS[chance.one(f"{seed}/env", low=0, high=len(ENVIRONMENTS) - 1)],
        region=provider.regions[region],
        tagged=chance.one(f"{seed}/tagged", low=1, high=1000) > provider.untagged,
    )


def tags(provider: Provider, resource: Resource, month: Month) -> str | None:
    """The resource's tags as JSON; some are missing until somebody mends them."""
    if not resource.tagged:
        return None
    every = {
        "team": resource.app.team,
        "env": resource.environment,
        "cost_center": resource.app.cost_center,
        "app": resource.app.name,
    }
    quarter = (month.start.month - 1) // 3
    seed = f"{provider.key}/{resource.name}/{month.start.year}/{quarter}"
    kept = chance.between(seed, len(every), low=1, high=1000) > _MISSING
    present = dict(_kept(every, kept.tolist()))
    return json.dumps(present, separators=(",", ":")) if present else None


def _kept(every: dict[str, str], kept: list[bool]) -> Iterator[tuple[str, str]]:
    return (item for item, keep in zip(every.items(), kept, strict=True) if keep)


def sub_account(provider: Provider, resource: Resource) -> tuple[str, str]:
    """Id and name of the account that holds the resource: one per team and kind of use."""
    use = "live" if resource.environment == "prod" else "trial"
    name = f"tammera-{resource.app.team}-{use}" if resource.tagged else "tammera-shared"
    number = int(chance.token(f"{provider.key}/{name}", digits=10), 16) % 10**12
    return f"{number:012d}", name
