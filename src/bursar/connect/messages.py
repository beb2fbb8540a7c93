"""Messages out: to mail, chats and webhooks, each named by an address.

An address says the service and its place: `mailto://user:password@example.com`,
`jsons://hooks.example.com/path`, `slack://…`. The library's own list has all of them.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bursar.connect.errors import BadAddress, MessageNotSent

if TYPE_CHECKING:
    import apprise


def shown(address: str) -> str:
    """The address without its secrets, for journals and logs. Refuses `message.bad_address`."""
    told = _service(address).url(privacy=True)  # type: ignore[no-untyped-call]
    return str(told).split("?", 1)[0]


def send(address: str, *, title: str, body: str) -> None:
    """Hands one message over to the service, which took it when this returns.

    Refuses `message.bad_address`, `message.not_sent`.
    """
    import apprise  # noqa: PLC0415 - it takes a fifth of a second, and few processes send

    service = _service(address)
    messenger = apprise.Apprise()
    messenger.add(service)
    capture = apprise.LogCapture(level=logging.WARNING)  # type: ignore[no-untyped-call]
    with capture as told:
        taken = messenger.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
        said = told.getvalue().strip().splitlines()
    if not taken:
        why = said[-1] if said else "the service did not take it"
        raise MessageNotSent(
            f"The message to {shown(address)} was not sent: {why} "
            "Look whether the service answers and the address is right, then try again."
        )


def _service(address: str) -> apprise.NotifyBase:
    import apprise  # noqa: PLC0415

    found = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if found is None:
        scheme = address.split("://", 1)[0][:20]
        raise BadAddress(
            f"The address that begins with '{scheme}://' cannot be used. Write for example "
            "mailtos://user:password@example.com or jsons://hooks.example.com/path."
        )
    return found
