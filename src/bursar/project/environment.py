"""What the outside says to Bursar: environment variables, and the keys kept in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """Settings from the environment; each has a default that works on one machine."""

    model_config = SettingsConfigDict(env_prefix="BURSAR_", extra="ignore")

    home: Path = Field(default=Path("~/.bursar"), description="Data folder.")
    database_url: str = Field(
        default="",
        validation_alias="DATABASE_URL",
        description="postgresql://user:password@host:port/name; empty keeps SQLite at home.",
    )
    allowed_hosts: list[str] = Field(
        default=["localhost", "127.0.0.1", "[::1]"], description="Host names that pages answer to."
    )
    https: bool = Field(
        default=False,
        description="For a proxy in front that speaks HTTPS: cookies and links are HTTPS only.",
    )
    email_backend: str = Field(
        default="django.core.mail.backends.filebased.EmailBackend",
        description="Where messages go; by default files in the data folder's outgoing-mail.",
    )
    mail_from: str = Field(default="bursar@localhost", description="Sender of messages.")
    anchors: list[str] = Field(
        default=[],
        description="Where the journal's head is kept each night: files, or addresses as "
        "mailtos://user:password@example.com and jsons://hooks.example.com/path.",
    )

    postgres_url: str = Field(
        default="",
        description="PostgreSQL that runs may sum on; without, the one of DATABASE_URL.",
    )
    spark_url: str = Field(
        default="",
        description="Master of a Spark cluster that runs may sum on, as spark://host:7077.",
    )
    spark_lake: str = Field(
        default="",
        description="The lake's folder as the cluster's machines see it, as file:///mnt/lake or "
        "s3a://bucket/lake; empty where the path is the same.",
    )

    @property
    def home_folder(self) -> Path:
        return self.home.expanduser().resolve()

    @property
    def trusted_origins(self) -> list[str]:
        """Where forms may come from when a proxy in front speaks HTTPS and we do not."""
        if not self.https:
            return []
        hosts = [host for host in self.allowed_hosts if host != "*"]
        return [f"https://{'*' if host.startswith('.') else ''}{host}" for host in hosts]


def database_settings(url: str, home: Path) -> dict[str, Any]:
    """Django's database settings for a URL; an empty one means SQLite in the data folder.

    Raises ImproperlyConfigured when the URL is neither PostgreSQL nor SQLite.
    """
    parts = urlsplit(url)
    if not url or parts.scheme == "sqlite":
        name = unquote(parts.path) if url else str(home / "bursar.sqlite3")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise ImproperlyConfigured(
        f"DATABASE_URL begins with '{parts.scheme}': write postgresql://user:password@host/name, "
        "or leave it empty to keep SQLite in the data folder."
    )


def secret_key(home: Path) -> str:
    """The installation's own key, made once and readable by its owner only."""
    path = home / "secret_key"
    if path.exists():
        return path.read_text().strip()
    home.mkdir(parents=True, exist_ok=True)
    key = secrets.token_urlsafe(50)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as handle:
        handle.write(key + "\n")
    return key
