"""Commitments: what was promised and used, and who has the saving."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from bursar.core.refusal import Refused
from bursar.office.people.permissions import may, require
from bursar.record.actions.set_commitment import CommitmentPolicy, set_commitment
from bursar.record.models import Commitment
from bursar.report.commitments import commitments
from bursar.web.downloads import json_attachment
from bursar.web.filters import select
from bursar.web.requests import person


class PolicyForm(forms.Form):
    """The decision about one commitment."""

    policy = forms.ChoiceField(choices=Commitment.Policy.choices, label="Who has the saving")
    sub_account = forms.CharField(
        required=False, max_length=200, label="Account of the home",
        help_text="Empty: where it was bought. A central place has to be named.",
    )  # fmt: skip
    cost_center = forms.CharField(required=False, max_length=100, label="Cost center of the home")


@require_GET
def commitment_page(request: HttpRequest) -> HttpResponse:
    """Every commitment with its use by period, its policy and what that moved."""
    user = person(request)
    require(user, "read.data")
    found = commitments(select(request).scope)
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name="commitments")
    labels = dict(Commitment.Policy.choices)
    context = {
        "rows": [
            {
                "told": one,
                "policy": labels[one.policy],
                "periods": [one.periods[name] for name in sorted(one.periods, reverse=True)],
            }
            for one in found.rows
        ],
        "may_set": may(user, "record.set_commitment"),
    }
    return render(request, "pages/commitments.html", context)


@require_http_methods(["GET", "POST"])
def commitment_policy(request: HttpRequest) -> HttpResponse:
    """Decide about the commitment that the address names; in force when the page answers."""
    acting = person(request)
    require(acting, "record.set_commitment")
    name = request.GET.get("commitment", "")
    held = Commitment.objects.filter(commitment_id=name).first()
    fields = ("policy", "sub_account", "cost_center")
    initial = {field: getattr(held, field) for field in fields} if held else None
    form = PolicyForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            policy = CommitmentPolicy(**form.cleaned_data)
            done = set_commitment(acting_user=acting, commitment=name, policy=policy)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            if done.problem:
                messages.warning(request, done.problem)
            else:
                messages.success(request, f"{name}: {done.get_policy_display().lower()}.")
            return redirect(reverse("web:commitments"))
    return render(request, "pages/commitment.html", {"form": form, "commitment": name})


urlpatterns = [
    path("data/commitments/", commitment_page, name="commitments"),
    path("data/commitments/policy/", commitment_policy, name="commitment_policy"),
]
