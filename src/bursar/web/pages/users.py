"""Who may sign in, in which role, and whose figures each sees: for administrators."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from bursar.core.refusal import Refused
from bursar.office.people.actions.add_user import add_user
from bursar.office.people.actions.change_role import change_role
from bursar.office.people.actions.deactivate_user import deactivate_user
from bursar.office.people.actions.grant_consumers import grant_consumers
from bursar.office.people.models import Role
from bursar.office.people.permissions import require
from bursar.office.people.queries import user_named, users
from bursar.office.reference.hierarchy import tree
from bursar.office.reference.models import Layer
from bursar.web.requests import person


class AccessForm(forms.Form):
    """Role, and the consumers at the top of what a budget owner sees."""

    role = forms.ChoiceField(choices=Role.choices, initial=Role.BUDGET_OWNER)
    consumers = forms.MultipleChoiceField(
        required=False,
        help_text="Matters for budget owners: each sees these consumers and all below them.",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: object, consumers: tuple[str, ...] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["consumers"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, name) for name in consumers]


class AddForm(AccessForm):
    """A new user; without a password she asks for one by the reset link."""

    username = forms.CharField(label="User name", max_length=150)
    name = forms.CharField(required=False, max_length=150)
    email = forms.EmailField(label="E-mail address")
    password = forms.CharField(
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Leave it empty and the person asks for a link on the sign-in page.",
    )
    field_order = ("username", "name", "email", "password", "role", "consumers")


@require_http_methods(["GET", "POST"])
def user_list(request: HttpRequest) -> HttpResponse:
    """Everybody, and a form for one more."""
    acting = person(request)
    require(acting, "people.add_user")
    known = tuple(sorted(tree(Layer.CONSUMER).members))
    form = AddForm(request.POST or None, consumers=known)
    if form.is_valid():
        fields = form.cleaned_data
        try:
            added = add_user(
                acting_user=acting, **{**fields, "password": fields["password"] or None}
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{added.username} may sign in.")
            return redirect("web:users")
    return render(request, "pages/users.html", {"people": users(), "form": form})


@require_http_methods(["GET", "POST"])
def user_access(request: HttpRequest, username: str) -> HttpResponse:
    """Change a user's role and consumers."""
    acting = person(request)
    require(acting, "people.change_role")
    subject = user_named(username)
    granted = sorted(grant.consumer for grant in subject.grants.all())
    known = tuple(sorted({*tree(Layer.CONSUMER).members, *granted}))
    now = {"role": subject.role, "consumers": granted}
    form = AccessForm(request.POST or None, initial=now, consumers=known)
    if form.is_valid():
        try:
            change_role(acting_user=acting, user=subject, role=form.cleaned_data["role"])
            names = form.cleaned_data["consumers"]
            grant_consumers(acting_user=acting, user=subject, consumers=names)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"Saved what {subject.username} may see and do.")
            return redirect("web:users")
    return render(request, "pages/user.html", {"subject": subject, "form": form})


@require_POST
def deactivate(request: HttpRequest, username: str) -> HttpResponse:
    """Close an account."""
    deactivate_user(acting_user=person(request), user=user_named(username))
    messages.success(request, f"{username} may no longer sign in.")
    return redirect("web:users")


urlpatterns = [
    path("users/", user_list, name="users"),
    path("users/<str:username>", user_access, name="user"),
    path("users/<str:username>/deactivate", deactivate, name="user_deactivate"),
]
