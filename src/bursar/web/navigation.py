"""The top bar: which pages a role sees. A page that has no address yet is left out by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from bursar.office.people.permissions import may
from bursar.web.requests import person


@dataclass(frozen=True)
class Entry:
    """One link: its words, the name of its address, the act it needs and its key after `g`."""

    label: str
    route: str
    act: str
    key: str = ""
    owner_label: str = ""


@dataclass(frozen=True)
class Link:
    """An entry as one user's page shows it."""

    label: str
    url: str
    key: str
    current: bool


TOP_BAR = (
    Entry("Overview", "web:overview", "read.figures", "o", owner_label="My costs"),
    Entry("Costs", "web:costs", "read.figures", "c"),
    Entry("Allocation", "web:model", "read.model", "a"),
    Entry("Statements", "web:statements", "read.figures", "s"),
    Entry("Data", "web:data", "read.data", "d"),
    Entry("Registers", "web:registers", "read.registers", "r"),
    Entry("Journal", "web:journal", "read.journal", "j"),
)
DATA_TABS = (
    Entry("Sources", "web:data", "read.data"),
    Entry("Documents", "web:documents", "read.data"),
    Entry("Reconciliation", "web:reconciliation", "read.data"),
    Entry("Matches", "web:evidence", "read.data"),
    Entry("Profiles", "web:profiles", "read.data"),
    Entry("Watched places", "web:watches", "read.data"),
    Entry("Duplicates", "web:duplicates", "read.data"),
    Entry("Clusters", "web:clusters", "read.data"),
    Entry("Commitments", "web:commitments", "read.data"),
    Entry("AI use", "web:ai_use", "read.data"),
    Entry("Rates", "web:rates", "read.data"),
    Entry("Entities", "web:entities", "read.data"),
    Entry("Between entities", "web:intercompany", "read.data"),
    Entry("Periods", "web:periods", "read.data"),
    Entry("Quality", "web:quality", "read.data"),
)
"""Pages beside Data, shown on each of them by `parts/data_tabs.html`."""
MENU = (
    Entry("Users", "web:users", "people.add_user"),
    Entry("Change password", "account_change_password", "read.figures"),
    Entry("Help", "web:help", "read.figures"),
)


def links(request: HttpRequest, entries: tuple[Entry, ...]) -> list[Link]:
    """The entries that exist and that this user may open."""
    user = person(request)
    limited = not may(user, "read.model")
    found = []
    for entry in entries:
        if not may(user, entry.act):
            continue
        try:
            url = reverse(entry.route)
        except NoReverseMatch:
            continue
        current = request.path == url if url == "/" else request.path.startswith(url)
        label = entry.owner_label if limited and entry.owner_label else entry.label
        found.append(Link(label=label, url=url, key=entry.key, current=current))
    return found


def tabs(request: HttpRequest, entries: tuple[Entry, ...]) -> list[Link]:
    """The same for pages that stand beside each other: only the nearest address is current."""
    found = links(request, entries)
    nearest = max((len(link.url) for link in found if link.current), default=0)
    return [replace(link, current=link.current and len(link.url) == nearest) for link in found]
