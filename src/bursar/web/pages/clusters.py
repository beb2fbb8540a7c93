"""What clusters cost: by namespace, label, node or part, with idle and platform cost visible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from bursar.core.calc.clusters.policy import DRIVERS, IDLE
from bursar.core.money.amount import EXACT
from bursar.core.refusal import Refused
from bursar.office.people.permissions import may, require
from bursar.record.actions.set_cluster import ClusterChange, set_cluster
from bursar.record.models import Cluster
from bursar.report.charts.months import months_chart
from bursar.report.clusters import BY, ClusterRow, cluster_costs, clusters, part_rank
from bursar.report.overview import MonthAmount
from bursar.web.downloads import json_attachment
from bursar.web.filters import Selection, select, state_line
from bursar.web.requests import person

PART_WORDS = {
    "workload": "Workloads",
    "storage": "Storage",
    "platform": "Platform",
    "idle": "Idle",
    "unattributed": "Not attributed",
}
BY_WORDS = {"namespace": "Namespace", "part": "Part", "node": "Resource", "label": "Labels"}


class ClusterForm(forms.Form):
    """The decision about one cluster."""

    active = forms.BooleanField(required=False, label="Split this cluster's cost")
    bill = forms.CharField(
        required=False, max_length=120, help_text="Source of its bill; empty for all of them."
    )
    sub_account = forms.CharField(required=False, max_length=200)
    extent = forms.ChoiceField(choices=Cluster.Extent.choices, label="Lines that are its own")
    tag_key = forms.CharField(required=False, max_length=200)
    tag_value = forms.CharField(required=False, max_length=200)
    driver = forms.ChoiceField(choices=[(name, name.capitalize()) for name in DRIVERS])
    cpu_share = forms.DecimalField(
        min_value=0, max_value=1, decimal_places=4, label="Cores' share of a node's cost",
        help_text="Counts where cores and memory are blended.",
    )  # fmt: skip
    idle = forms.ChoiceField(
        choices=list(zip(IDLE, ("Keep it visible", "Share it by use"), strict=True)),
        label="Idle cost",
    )
    platform = forms.CharField(
        required=False, label="Platform namespaces", help_text="Patterns with blanks between them."
    )
    label_keys = forms.CharField(
        required=False, label="Tags that name labels",
        help_text="A line with such a tag goes to the pods that have the same label.",
    )  # fmt: skip

    def change(self) -> ClusterChange:
        given = self.cleaned_data
        words = {name: tuple(given[name].split()) for name in ("platform", "label_keys")}
        return ClusterChange(**{**given, **words})


@require_GET
def cluster_page(request: HttpRequest) -> HttpResponse:
    """All clusters, or the one that the address names, in the chosen period and basis."""
    user = person(request)
    require(user, "read.data")
    selection = select(request)
    by = request.GET.get("by", "namespace")
    chosen = request.GET.get("cluster") or None
    found = cluster_costs(selection.scope, cluster=chosen, by=by, basis=selection.basis)
    if request.GET.get("as") == "json":
        return json_attachment(found.to_json(), name="clusters")
    known = clusters(selection.scope)
    shown = [r for r in found.rows if r.period in selection.periods]
    of_currency = [r for r in shown if r.currency == selection.currency] or shown
    currency = of_currency[0].currency if of_currency else selection.currency
    of_currency = [r for r in of_currency if r.currency == currency]
    carried = [(n, v) for n, v in (("by", by), ("cluster", chosen)) if v]
    context = {
        "state": state_line(selection, carried=carried),
        "clusters": known,
        "chosen": chosen,
        "by": by,
        "by_word": _by_word(by),
        "by_links": _by_links(selection, chosen),
        "currency": currency,
        "parts": _parts(of_currency),
        "rows": _rows(of_currency, selection),
        "total": _sum(of_currency),
        "months": months_chart(
            _months(r for r in found.rows if r.currency == currency), currency=currency
        ),
        "trend": _trend(r for r in found.rows if r.currency == currency),
        "may_set": may(user, "record.set_cluster"),
        "basis": selection.basis,
    }
    return render(request, "pages/clusters.html", context)


@require_http_methods(["GET", "POST"])
def cluster_settings(request: HttpRequest, cluster: str) -> HttpResponse:
    """Change how a cluster is split; the split is in force when the page answers."""
    acting = person(request)
    require(acting, "record.set_cluster")
    held = Cluster.objects.filter(name=cluster).select_related("bill").first()
    form = ClusterForm(request.POST or None, initial=_initial(held) if held else None)
    if form.is_valid():
        try:
            done = set_cluster(acting_user=acting, name=cluster, change=form.change())
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            if done.problem:
                messages.warning(request, done.problem)
            else:
                messages.success(request, f"{cluster}: {done.get_state_display().lower()}.")
            return redirect(f"{reverse('web:clusters')}?period=all")
    context = {"form": form, "cluster": cluster, "held": held}
    return render(request, "pages/cluster.html", context, status=200 if held else 404)


def _initial(held: Cluster) -> dict[str, Any]:
    fields = ("sub_account", "extent", "tag_key", "tag_value", "driver", "cpu_share", "idle")
    return {field: getattr(held, field) for field in fields} | {
        "active": held.state != Cluster.State.OFF,
        "bill": held.bill.name if held.bill else "",
        "platform": " ".join(held.platform),
        "label_keys": " ".join(held.label_keys),
    }


def _sum(rows: Iterable[ClusterRow]) -> Decimal:
    total = Decimal(0)
    for row in rows:
        total = EXACT.add(total, row.amount)
    return total


def _parts(rows: list[ClusterRow]) -> list[tuple[str, Decimal, Decimal | None]]:
    """Each part with its sum and its share of all."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[row.part] = EXACT.add(sums[row.part], row.amount)
    total = _sum(rows)
    return [
        (PART_WORDS.get(part, part), sums[part], sums[part] / total if total else None)
        for part in sorted(sums, key=part_rank)
    ]


def _rows(rows: list[ClusterRow], selection: Selection) -> list[dict[str, Any]]:
    """Rows of all chosen periods together, largest first, with their share and a bar."""
    sums: dict[tuple[str, str, str | None], Decimal] = defaultdict(Decimal)
    for row in rows:
        key = (row.cluster, row.part, row.key)
        sums[key] = EXACT.add(sums[key], row.amount)
    total, largest = _sum(rows), max((abs(a) for a in sums.values()), default=Decimal(0))
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0][0], str(item[0][2])))
    return [
        {
            "cluster": cluster,
            "part": PART_WORDS.get(part, part),
            "key": key or PART_WORDS.get(part, part),
            "named": key is not None,
            "amount": amount,
            "share": amount / total if total else None,
            "largest": largest,
            "url": _lines_url(cluster, selection),
        }
        for (cluster, part, key), amount in ordered
    ]


def _months(rows: Iterable[ClusterRow]) -> list[MonthAmount]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        key = (row.period, PART_WORDS.get(row.part, row.part))
        sums[key] = EXACT.add(sums[key], row.amount)
    return [MonthAmount(period, part, amount) for (period, part), amount in sorted(sums.items())]


def _trend(rows: Iterable[ClusterRow]) -> dict[str, Any]:
    months = _months(rows)
    parts = [w for w in PART_WORDS.values() if any(m.pool == w for m in months)]
    amounts = {(m.period, m.pool): m.amount for m in months}
    periods = sorted({m.period for m in months})
    return {
        "parts": parts,
        "rows": [(period, [amounts.get((period, part)) for part in parts]) for period in periods],
    }


def _by_word(by: str) -> str:
    kind, _, label = by.partition(":")
    return f"Label {label}" if label else BY_WORDS.get(kind, kind)


def _by_links(selection: Selection, chosen: str | None) -> list[tuple[str, str, str]]:
    own = [("cluster", chosen)] if chosen else []
    here = reverse("web:clusters")
    return [(by, BY_WORDS[by], selection.link(here, [("by", by), *own])) for by in BY]


def _lines_url(cluster: str, selection: Selection) -> str:
    source = Cluster(name=cluster).derived_source
    return selection.with_filters(("source", source)).link(reverse("web:cost_lines"))


urlpatterns = [
    path("data/clusters/", cluster_page, name="clusters"),
    path("data/clusters/<path:cluster>/", cluster_settings, name="cluster"),
]
