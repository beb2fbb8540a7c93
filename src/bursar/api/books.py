"""The books over HTTP: batches, balance, what the model misses, the model and its drivers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest
from ninja import Query, Router, Schema

from bursar.api.callers import caller, scope_for
from bursar.api.shapes import Balance, Batches
from bursar.record.actions.set_commitment import CommitmentPolicy, set_commitment
from bursar.report.balance import balance
from bursar.report.batches import batches
from bursar.report.commitments import commitments
from bursar.report.driver_quality import driver_quality
from bursar.report.duplicates import duplicates
from bursar.report.focus_export import export_focus
from bursar.report.intercompany import intercompany
from bursar.report.invoices import reconcile_invoices
from bursar.report.model_view import model_view
from bursar.report.split_charges import export_split_charges
from bursar.report.unclassified import unclassified

router = Router(tags=["books"])


@router.get("/batches", response=Batches, summary="What was recorded, with control totals")
def get_batches(
    request: HttpRequest,
    *,
    period: str | None = None,
    source: str | None = None,
    in_force: bool | None = None,
) -> dict[str, Any]:
    scope = scope_for(request, "read.data")
    return batches(scope, period=period, source=source, in_force=in_force).to_json()


@router.get("/ledger/focus.csv.gz", summary="Every cost line in force as FOCUS 1.4")
def get_focus(request: HttpRequest, *, period: Query[list[str] | None] = None) -> FileResponse:
    scope = scope_for(request, "read.data")
    with tempfile.TemporaryDirectory(prefix=".export-", dir=settings.BURSAR_HOME) as folder:
        path = Path(folder) / "ledger.csv.gz"
        export_focus(scope, path, periods=period, format="csv.gz")
        return FileResponse(path.open("rb"), as_attachment=True, filename="ledger-focus-1.4.csv.gz")


@router.get("/ledger/focus-charges.csv.gz", summary="What a run charged, as FOCUS 1.4")
def get_focus_charges(
    request: HttpRequest, *, period: str, basis: str = "effective"
) -> FileResponse:
    scope = scope_for(request, "read.data")
    with tempfile.TemporaryDirectory(prefix=".export-", dir=settings.BURSAR_HOME) as folder:
        path = Path(folder) / "charges.csv.gz"
        export_split_charges(scope, path, period=period, basis=basis, format="csv.gz")
        name = f"charges-{period}-focus-1.4.csv.gz"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@router.get("/duplicates", summary="Invoices that seem to count twice, and credit notes")
def get_duplicates(request: HttpRequest, *, import_token: str | None = None) -> dict[str, Any]:
    return duplicates(scope_for(request, "read.data"), import_token=import_token).to_json()


@router.get("/invoices", summary="Invoices as their issuers list them, against the lines")
def get_invoices(request: HttpRequest, *, period: str | None = None) -> dict[str, Any]:
    return reconcile_invoices(scope_for(request, "read.data"), period=period).to_json()


@router.get("/commitments", summary="What was promised to providers, and its use by period")
def get_commitments(request: HttpRequest, *, period: str | None = None) -> dict[str, Any]:
    return commitments(scope_for(request, "read.data"), period=period).to_json()


class CommitmentDecision(Schema):
    """Who has a commitment's saving and bears what is unused, and where that home is."""

    commitment: str
    policy: str
    sub_account: str = ""
    cost_center: str = ""


@router.post("/commitments", summary="Decide who pays what a commitment saves and leaves unused")
def post_commitment(request: HttpRequest, *, decision: CommitmentDecision) -> dict[str, Any]:
    done = set_commitment(
        acting_user=caller(request),
        commitment=decision.commitment,
        policy=CommitmentPolicy(decision.policy, decision.sub_account, decision.cost_center),
    )
    return {
        "commitment": done.commitment_id,
        "policy": str(done.policy),
        "version": done.version,
        "problem": done.problem,
    }


@router.get("/balance", response=Balance, summary="Cost in, and where every unit of it rests")
def get_balance(
    request: HttpRequest, *, period: Query[list[str] | None] = None, basis: str = "effective"
) -> dict[str, Any]:
    return balance(scope_for(request, "read.data"), periods=period, basis=basis).to_json()


@router.get("/unclassified", summary="What the model misses, largest money first")
def get_unclassified(
    request: HttpRequest,
    *,
    period: Query[list[str] | None] = None,
    basis: str = "effective",
    currency: str | None = None,
) -> dict[str, Any]:
    scope = scope_for(request, "read.data")
    return unclassified(scope, periods=period, basis=basis, currency=currency).to_json()


@router.get("/model", summary="The cost model with what its rules moved")
def get_model(
    request: HttpRequest,
    *,
    number: int | None = None,
    period: str | None = None,
    currency: str | None = None,
) -> dict[str, Any]:
    """`{"version": null}` where no model was applied yet."""
    scope = scope_for(request, "read.model")
    found = model_view(scope, number=number, period=period, currency=currency)
    return found.to_json() if found else {"version": None}


@router.get("/intercompany", summary="What legal entities charge each other, and the group's view")
def get_intercompany(
    request: HttpRequest, *, period: str, basis: str = "effective"
) -> dict[str, Any]:
    return intercompany(scope_for(request, "read.data"), period=period, basis=basis).to_json()


@router.get("/drivers", summary="How good a period's drivers are")
def get_drivers(request: HttpRequest, *, period: str, basis: str = "effective") -> dict[str, Any]:
    return driver_quality(scope_for(request, "read.model"), period=period, basis=basis).to_json()
