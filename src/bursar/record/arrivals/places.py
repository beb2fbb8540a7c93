"""Opening a watched place, a folder or an object store, and listing what lies in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from fsspec.core import url_to_fs

from bursar.record.errors import BadWatch, PlaceUnreachable

LOCAL = ("", "file", "local")
STORES = ("s3", "gs", "gcs", "abfs", "abfss", "az", "memory")
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp")


@dataclass(frozen=True)
class Seen:
    """One file of a place: its path there, its name below the place, and what it weighs."""

    path: str
    name: str
    size: int
    modified: datetime | None
    tag: str

    @property
    def mark(self) -> str:
        """Another text as soon as the file changed."""
        told = f"{self.size} {self.modified.isoformat() if self.modified else ''} {self.tag}"
        return hashlib.sha256(told.encode()).hexdigest()[:32]


def check_url(url: str) -> str:
    """The address as it will be opened. Refusals: watch.bad_watch."""
    text = url.strip()
    parts = urlsplit(text)
    scheme = parts.scheme if "://" in text else ""
    if not text or scheme not in (*LOCAL, *STORES) or "::" in text:
        raise BadWatch(
            f"'{text}' is no place to watch. Name a folder, or an address that begins with "
            f"file://, {'://, '.join(STORES[:-1])}://."
        )
    if ":" in parts.netloc.partition("@")[0] and "@" in parts.netloc:
        raise BadWatch(
            "The address holds a password, which would be stored. Leave it out: the object "
            "store's own environment variables or configuration give the credentials."
        )
    if scheme in LOCAL:
        return _local(text if not scheme else parts.path)
    return text.rstrip("/")


def is_local(url: str) -> bool:
    return "://" not in url


def _local(text: str) -> str:
    folder = Path(text).expanduser().resolve()
    home = Path(settings.BURSAR_HOME).resolve()
    if folder == home or home in folder.parents or folder in home.parents:
        raise BadWatch(
            f"{folder} holds, or lies in, Bursar's own data folder. Watch a folder of its own."
        )
    return str(folder)


class Place:
    """An opened place; `files()` lists it, `fetch` brings one file here."""

    def __init__(self, url: str) -> None:
        with _reaching(url):
            # A listing that is remembered would hide what came since.
            options: dict[str, Any] = {} if is_local(url) else {"use_listings_cache": False}
            self._store, root = url_to_fs(url, **options)
        self._url, self._root = url, root.rstrip("/")

    def files(self, pattern: str) -> list[Seen]:
        """Files whose name or path below the place fits, oldest first."""
        return [seen for seen in self.everything() if _fits(seen.name, pattern)]

    def everything(self) -> list[Seen]:
        """Every finished file of the place, oldest first. Refusals: watch.unreachable."""
        with _reaching(self._url):
            if is_local(self._url) and not self._store.isdir(self._root):
                raise FileNotFoundError("there is no such folder")
            details = self._store.find(self._root, detail=True)
        found = [self._seen(path, about) for path, about in details.items()]
        oldest = datetime.min.replace(tzinfo=UTC)
        kept = [seen for seen in found if not _is_passed_over(seen.name)]
        return sorted(kept, key=lambda seen: (seen.modified or oldest, seen.name))

    def text(self, seen: Seen) -> str:
        with _reaching(self._url):
            return str(self._store.cat_file(seen.path).decode("utf-8-sig"))

    def fetch(self, seen: Seen, into: Path) -> bool:
        """Copy a file here; False where it changed meanwhile. Refusals: watch.unreachable."""
        with _reaching(self._url):
            self._store.get_file(seen.path, str(into))
            self._store.invalidate_cache()
            now = self._seen(seen.path, self._store.info(seen.path))
        return now.mark == seen.mark and into.stat().st_size == seen.size

    def _seen(self, path: str, about: dict[str, Any]) -> Seen:
        return Seen(
            path=path,
            name=path.removeprefix(self._root).lstrip("/"),
            size=int(about.get("size") or 0),
            modified=_moment(about),
            tag=str(about.get("ETag") or about.get("etag") or about.get("md5Hash") or ""),
        )


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    """Whatever a store's library raises says the same: the place cannot be reached."""
    try:
        yield
    except PlaceUnreachable:
        raise
    except ImportError as missing:
        raise PlaceUnreachable(
            f"{url} needs a library that is not installed here: {missing}"
        ) from missing
    except Exception as problem:
        said = " ".join(str(problem).split())[:200] or type(problem).__name__
        raise PlaceUnreachable(
            f"{url} cannot be looked at: {said}. Check the address and the credentials in the "
            "environment of the server."
        ) from problem


def _moment(about: dict[str, Any]) -> datetime | None:
    """When it was last written, under the names that the stores have for it."""
    for key in ("mtime", "LastModified", "last_modified", "updated", "modified", "created"):
        value = about.get(key)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            return datetime.fromisoformat(value)
    return None


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name.rpartition("/")[2], pattern)


def _is_passed_over(name: str) -> bool:
    """Hidden files, and names that programs use while they still write."""
    parts = name.split("/")
    return any(p.startswith((".", "_")) for p in parts) or name.lower().endswith(_UNFINISHED)
