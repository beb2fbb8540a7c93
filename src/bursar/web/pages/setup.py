"""The first administrator makes herself with the one-time link that the server printed."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from bursar.core.refusal import Refused
from bursar.office.people.actions.set_up_administrator import (
    set_up_administrator,
    token_is_right,
)
from bursar.office.people.errors import SetupClosed


class SetupForm(forms.Form):
    """Who the first administrator is."""

    username = forms.CharField(label="User name", max_length=150)
    name = forms.CharField(label="Name", required=False, max_length=150)
    email = forms.EmailField(label="E-mail address")
    password = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters, and none of the common ones.",
    )


@login_not_required
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """The form while nobody can sign in; a refusal with its code afterwards."""
    if not token_is_right(token):
        raise SetupClosed(
            "This set-up link is used up or wrong. `bursar serve` prints a fresh one while there "
            "is no user."
        )
    form = SetupForm(request.POST or None)
    if form.is_valid():
        try:
            user = set_up_administrator(token=token, **form.cleaned_data)
        except SetupClosed:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            messages.success(request, "Welcome. Import a file on the Data page to begin.")
            return redirect("/")
    return render(request, "account/set_up.html", {"form": form})


urlpatterns = [path("set-up/<str:token>", set_up, name="set_up")]
