"""Every page's address. A module of `pages` brings its own `urlpatterns`; add it to the list."""

from __future__ import annotations

from importlib import import_module

from allauth.account import urls as allauth_urls
from django.urls import include, path

# One line per module, in the order of the top bar.
PAGES = (
    "overview",
    "costs",
    "taxonomy",
    "lines",
    "intercompany",
    "issued",
    "statements",
    "model",
    "model_drafts",
    "what_if",
    "services",
    "data",
    "importing",
    "imports",
    "focus",
    "documents",
    "duplicates",
    "periods",
    "quality",
    "watches",
    "clusters",
    "commitments",
    "rates",
    "entities",
    "parties",
    "profiles",
    "ai_use",
    "evidence",
    "reconciliation",
    "registers",
    "register_tables",
    "register_invoices",
    "journal",
    "search",
    "comforts",
    "setup",
    "users",
)

# Of allauth's addresses only those that local accounts need; signing up stays closed.
_ACCOUNT_ROUTES = {
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_change_password",
    "account_set_password",
    "account_reauthenticate",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
_account_urls = [p for p in allauth_urls.urlpatterns if getattr(p, "name", "") in _ACCOUNT_ROUTES]
_page_urls = [
    pattern for name in PAGES for pattern in import_module(f"bursar.web.pages.{name}").urlpatterns
]

urlpatterns = [
    path("accounts/", include(_account_urls)),
    path("", include((_page_urls, "web"))),
]
