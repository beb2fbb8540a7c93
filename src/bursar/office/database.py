"""How other libraries reach the database that Django speaks to."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.db import connection


def postgresql_address() -> str:
    """The URL of the PostgreSQL that holds the decisions."""
    parts = connection.settings_dict
    user, password = quote(str(parts["USER"]), safe=""), quote(str(parts["PASSWORD"]), safe="")
    who = f"{user}:{password}@" if user else ""
    host, port = str(parts["HOST"]), str(parts["PORT"])
    further = {k: str(v) for k, v in parts.get("OPTIONS", {}).items() if isinstance(v, str | int)}
    if host.startswith("/"):
        host, further["host"] = "", host
    query = f"?{urlencode(further)}" if further else ""
    where = f"{host}:{port}" if port else host
    return f"postgresql://{who}{where}/{quote(str(parts['NAME']))}{query}"
