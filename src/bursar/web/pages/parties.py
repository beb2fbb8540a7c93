"""What a legal entity's invoices need: its party, its terms with buyers, its consumers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from bursar.core.einvoice.vat import TOLD
from bursar.core.money.amount import parse_amount
from bursar.core.refusal import Refused
from bursar.office.people.models import User
from bursar.office.people.permissions import may, require
from bursar.office.people.scope import scope_of
from bursar.office.reference.entities import entities
from bursar.office.reference.models import Layer, Member
from bursar.office.reference.parties import agreements_of, consumers_of, party_json
from bursar.record.actions.set_agreement import Agreed, set_agreement
from bursar.record.actions.set_consumer_entity import set_consumer_entity
from bursar.record.actions.set_party import LONGEST, set_party
from bursar.record.known_entities import known_entity
from bursar.report.balance import require_everything
from bursar.web.requests import person

ACT = "record.set_party"


def _day() -> forms.DateField:
    return forms.DateField(label="From day", widget=forms.DateInput(attrs={"type": "date"}))


class PartyForm(forms.Form):
    """How the entity stands on an invoice; an empty field is taken away."""

    legal_name = forms.CharField(required=False, max_length=LONGEST["legal_name"])
    street = forms.CharField(required=False, max_length=LONGEST["street"])
    postal_code = forms.CharField(required=False, max_length=LONGEST["postal_code"])
    city = forms.CharField(required=False, max_length=LONGEST["city"])
    country = forms.CharField(required=False, max_length=2, help_text="Two letters, such as DE.")
    vat_id = forms.CharField(label="VAT number", required=False, max_length=30)
    registration_id = forms.CharField(
        label="Registration number", required=False, max_length=LONGEST["registration_id"]
    )


class AgreementForm(forms.Form):
    """VAT and payment with one buyer, from a day on."""

    buyer = forms.ChoiceField()
    category = forms.ChoiceField(
        label="VAT category",
        choices=[(each.value, f"{each.value}, {t}") for each, t in TOLD.items()],
    )
    rate = forms.CharField(label="Rate in percent", required=False, help_text="Only for S.")
    reason = forms.CharField(
        label="Reason without VAT", required=False, max_length=200, help_text="Needed for E."
    )
    days = forms.IntegerField(label="Days to pay", initial=30)
    markup = forms.CharField(
        label="Markup in percent", required=False,
        help_text="On top of cost, where the cost model has the key intercompany.",
    )  # fmt: skip
    valid_from = _day()

    def __init__(self, *given: Any, seller: str, **named: Any) -> None:
        super().__init__(*given, **named)
        others = [(row.code, row.name) for row in entities() if row.code != seller]
        self.fields["buyer"].choices = others  # type: ignore[attr-defined]


class ConsumerForm(forms.Form):
    """A consumer that belongs to the entity from a day on."""

    consumer = forms.ChoiceField()
    valid_from = _day()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        names = Member.objects.filter(layer=Layer.CONSUMER).values_list("name", flat=True)
        self.fields["consumer"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def entity_invoices(request: HttpRequest, entity_code: str) -> HttpResponse:
    """Shows what is set, and sets what one of the three forms says."""
    user = person(request)
    require(user, ACT if request.method == "POST" else "read.data")
    require_everything(scope_of(user), "What invoices need")
    owner = known_entity(entity_code)
    asked = request.POST.get("form", "")

    def posted(name: str) -> Any:
        return request.POST if asked == name else None

    shown: dict[str, forms.Form] = {
        "party": PartyForm(posted("party"), initial=party_json(owner.code), prefix="party"),
        "agreement": AgreementForm(posted("agreement"), seller=owner.code, prefix="agreement"),
        "consumer": ConsumerForm(posted("consumer"), prefix="consumer"),
    }
    if asked in shown and shown[asked].is_valid() and _done(shown[asked], asked, owner.code, user):
        messages.success(request, f"What invoices of {owner.code} need is saved.")
        return redirect("web:entity_invoices", entity_code=owner.code)
    context = {
        "owner": owner,
        "forms": shown,
        "agreements": agreements_of(owner.code),
        "consumers": consumers_of(owner.code),
        "may_change": may(user, ACT),
        "trail": [
            ("Entities", reverse("web:entities")),
            (owner.code, reverse("web:entity", args=[owner.code])),
            ("Invoices", ""),
        ],
    }
    wrong = any(form.errors for form in shown.values())
    return render(request, "pages/entity_invoices.html", context, status=422 if wrong else 200)


def _done(form: forms.Form, name: str, code: str, user: User) -> bool:
    try:
        SETTING[name](form.cleaned_data, code, user)
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return False
    return True


def _party(told: dict[str, Any], code: str, user: User) -> None:
    set_party(acting_user=user, code=code, fields=told)


def _agreement(told: dict[str, Any], code: str, user: User) -> None:
    rate = parse_amount(told["rate"] or "0")
    markup = parse_amount(told["markup"] or "0")
    terms = Agreed(told["category"], rate, told["reason"], told["days"], markup)
    set_agreement(
        acting_user=user,
        seller=code,
        buyer=told["buyer"],
        terms=terms,
        valid_from=told["valid_from"],
    )


def _consumer(told: dict[str, Any], code: str, user: User) -> None:
    set_consumer_entity(acting_user=user, code=code, **told)


SETTING: dict[str, Callable[[dict[str, Any], str, User], None]] = {
    "party": _party,
    "agreement": _agreement,
    "consumer": _consumer,
}

urlpatterns = [
    path("data/entities/<str:entity_code>/invoices", entity_invoices, name="entity_invoices"),
]
